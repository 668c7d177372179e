//! What a unit agent does next: a function of the model alone.

use std::time::Duration;

use super::Model;
use super::application::Application;
use super::hook::Hook;
use super::relation_events;
use super::step::Step;
use super::task::State;
use super::unit::Unit;
use crate::ground::duration;
use crate::ground::name::UnitName;
use crate::ground::time::Timestamp;

/// What an agent does next.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Next {
    Step(Step),
    /// Go on as if the failed hook had succeeded.
    Skip,
    /// Nothing to do, at most until this time.
    Wait(Option<Timestamp>),
    /// There is no such unit.
    Gone,
}

/// A unit in its model.
struct View<'a> {
    model: &'a Model,
    app: &'a Application,
    unit: &'a Unit,
}

/// Where the next step comes from, in the order of Juju's uniter; the first that has one gives it.
const SOURCES: [fn(&View<'_>) -> Option<Next>; 15] = [
    removal,
    first_charm,
    failed_hook,
    interrupted_hook,
    install,
    new_charm,
    relation_created,
    leader_elected,
    task,
    queued_hook,
    upgrade_charm,
    config_changed,
    relation_hook,
    ending,
    update_status,
];

/// Decides, at the model's present time.
pub(crate) fn next(model: &Model, name: &UnitName) -> Next {
    let app = model.applications.get(&name.app);
    let Some((app, unit)) = app.zip(model.units.get(name)) else { return Next::Gone };
    let view = View { model, app, unit };
    SOURCES.iter().find_map(|source| source(&view)).unwrap_or(Next::Wait(None))
}

fn hook(hook: Hook) -> Option<Next> {
    Some(Next::Step(Step::Hook(hook)))
}

fn removal(view: &View<'_>) -> Option<Next> {
    let agent = &view.unit.agent;
    let over = agent.removed || (view.unit.is_dying() && agent.deployed.is_none());
    over.then_some(Next::Step(Step::Remove))
}

fn first_charm(view: &View<'_>) -> Option<Next> {
    view.unit.agent.deployed.is_none().then_some(Next::Step(Step::Unpack(view.app.revision)))
}

/// Until its failed hook has succeeded or was resolved, a unit runs nothing but tasks.
fn failed_hook(view: &View<'_>) -> Option<Next> {
    let agent = &view.unit.agent;
    let failure = agent.failure.as_ref()?;
    let forced = agent.forced || view.model.destruction.is_some_and(|destruction| destruction.forced);
    Some(match &agent.current {
        _ if waiting_task(view).is_some() => return task(view),
        Some(_) if forced && view.unit.is_dying() => Next::Skip,
        Some(failed) if is_of_forced_relation(view.model, failed) => Next::Skip,
        Some(failed) if failure.retry.is_some_and(|retry| retry <= view.model.now) => {
            return hook(failed.clone());
        }
        _ => Next::Wait(failure.retry),
    })
}

/// Whether the hook is about a relation that is removed by force.
fn is_of_forced_relation(model: &Model, hook: &Hook) -> bool {
    hook.relation().and_then(|id| model.relations.get(&id)).is_some_and(|relation| relation.forced)
}

/// The controller was killed while it ran.
fn interrupted_hook(view: &View<'_>) -> Option<Next> {
    hook(view.unit.agent.current.clone()?)
}

fn install(view: &View<'_>) -> Option<Next> {
    if view.unit.agent.installed { None } else { hook(Hook::Install) }
}

fn new_charm(view: &View<'_>) -> Option<Next> {
    let is_new = !view.unit.is_dying() && view.unit.agent.deployed != Some(view.app.revision);
    is_new.then_some(Next::Step(Step::Unpack(view.app.revision)))
}

fn relation_created(view: &View<'_>) -> Option<Next> {
    if view.unit.is_dying() { None } else { hook(relation_events::created(view.model, view.unit)?) }
}

fn leader_elected(view: &View<'_>) -> Option<Next> {
    let unit = view.unit;
    let news = !unit.is_dying() && !unit.agent.leader_elected && view.model.is_leader(&unit.name);
    if news { hook(Hook::LeaderElected) } else { None }
}

/// The first task that waits for this unit.
fn waiting_task(view: &View<'_>) -> Option<u32> {
    let mut tasks = view.model.tasks.values();
    tasks.find(|task| task.state == State::Pending && task.unit == view.unit.name).map(|task| task.id)
}

fn task(view: &View<'_>) -> Option<Next> {
    waiting_task(view).map(|id| Next::Step(Step::Task(id)))
}

fn queued_hook(view: &View<'_>) -> Option<Next> {
    hook(view.unit.agent.queued.first()?.clone())
}

fn upgrade_charm(view: &View<'_>) -> Option<Next> {
    let news = !view.unit.is_dying() && view.unit.agent.upgrade_seen != view.app.upgrade_version;
    if news { hook(Hook::UpgradeCharm) } else { None }
}

fn config_changed(view: &View<'_>) -> Option<Next> {
    let news = !view.unit.is_dying() && view.unit.agent.config_seen != Some(view.app.config_version);
    if news { hook(Hook::ConfigChanged) } else { None }
}

fn relation_hook(view: &View<'_>) -> Option<Next> {
    hook(relation_events::next(view.model, view.unit)?)
}

fn ending(view: &View<'_>) -> Option<Next> {
    match view.unit.is_dying() {
        false => None,
        true => hook(if view.unit.agent.stopped { Hook::Remove } else { Hook::Stop }),
    }
}

/// `update-status` if it is time, else how long to wait for it.
fn update_status(view: &View<'_>) -> Option<Next> {
    let unit = view.unit;
    if !unit.agent.started || unit.is_dying() {
        return None;
    }
    let interval = duration::parse(view.model.setting("update-status-hook-interval", "5m"))
        .unwrap_or(Duration::from_secs(300));
    let last = unit.agent.last_update_status.unwrap_or(unit.created);
    // ±20 %, different for each unit and time, so that units do not all wake at once.
    let spread = (last.0.unsigned_abs().wrapping_mul(31).wrapping_add(u64::from(unit.name.number) * 7)) % 41;
    let share = (80.0 + spread as f64) / 100.0;
    let due =
        last.after(Duration::try_from_secs_f64(interval.as_secs_f64() * share).unwrap_or(Duration::MAX));
    if due <= view.model.now { hook(Hook::UpdateStatus) } else { Some(Next::Wait(Some(due))) }
}
