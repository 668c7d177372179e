//! What a unit agent does next: a function of the model alone.

use std::time::Duration;

use crate::model::application::Application;
use crate::model::charm::Role;
use crate::model::hook::Hook;
use crate::model::relation::Relation;
use crate::model::task::State;
use crate::model::time::Timestamp;
use crate::model::unit::{Seen, Unit, application_of, number_of};
use crate::model::{Life, Model};

/// The next step of an agent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Next {
    /// Bring this charm revision into the unit's directory.
    Unpack(u32),
    Hook(Hook),
    Task(u32),
    /// Go on as if the failed hook had succeeded.
    Skip(Hook),
    /// Everything has run: delete the unit.
    Remove,
    /// Nothing to do, at most until this time.
    Wait(Option<Timestamp>),
    /// There is no such unit.
    Gone,
}

/// Decides. The order of the questions is that of Juju's uniter.
pub(crate) fn next(model: &Model, name: &str, now: Timestamp) -> Next {
    let app = model.applications.get(application_of(name));
    let unit = app.zip(number_of(name)).and_then(|(app, number)| app.units.get(&number));
    let (Some(app), Some(unit)) = (app, unit) else { return Next::Gone };
    let agent = &unit.agent;
    let dying = unit.life == Life::Dying;
    if agent.removed || (dying && agent.deployed.is_none()) {
        return Next::Remove;
    }
    if agent.deployed.is_none() {
        return Next::Unpack(app.revision);
    }
    if let Some(failure) = &agent.failure {
        return match (waiting_task(model, name), &agent.current) {
            (Some(task), _) => Next::Task(task),
            (_, Some(hook)) if (model.forced || agent.forced) && dying => Next::Skip(hook.clone()),
            (_, Some(hook)) if is_of_forced_relation(model, hook) => Next::Skip(hook.clone()),
            (_, Some(hook)) if failure.retry.is_some_and(|retry| retry <= now) => Next::Hook(hook.clone()),
            _ => Next::Wait(failure.retry),
        };
    }
    if let Some(interrupted) = &agent.current {
        return Next::Hook(interrupted.clone());
    }
    if !agent.installed {
        return Next::Hook(Hook::Install);
    }
    if !dying && agent.deployed != Some(app.revision) {
        return Next::Unpack(app.revision);
    }
    let hook = (!dying).then(|| created(model, unit).or_else(|| elected(app, unit))).flatten();
    if let Some(hook) = hook {
        return Next::Hook(hook);
    }
    if let Some(task) = waiting_task(model, name) {
        return Next::Task(task);
    }
    let hook = agent
        .queued
        .first()
        .cloned()
        .or_else(|| if dying { ending(model, unit) } else { living(model, app, unit) });
    match hook {
        Some(hook) => Next::Hook(hook),
        None => update_status(model, unit, now),
    }
}

/// `relation-created` for relations the unit is not in yet, peers last.
fn created(model: &Model, unit: &Unit) -> Option<Hook> {
    relations(model, unit)
        .into_iter()
        .find(|relation| {
            relation.life == Life::Alive
                && !unit.agent.relations.get(&relation.id).is_some_and(|seen| seen.created)
        })
        .map(|relation| Hook::RelationCreated { relation: relation.id })
}

fn elected(app: &Application, unit: &Unit) -> Option<Hook> {
    let leads = app.leader().is_some_and(|leader| leader.name == unit.name);
    (leads && !unit.agent.leader_elected).then_some(Hook::LeaderElected)
}

/// The first task that waits for this unit.
fn waiting_task(model: &Model, unit: &str) -> Option<u32> {
    let mut tasks = model.tasks.values();
    tasks.find(|task| task.unit == unit && task.state == State::Pending).map(|task| task.id)
}

fn living(model: &Model, app: &Application, unit: &Unit) -> Option<Hook> {
    if unit.agent.upgrade_seen != app.upgrade_version {
        return Some(Hook::UpgradeCharm);
    }
    if unit.agent.config_seen != Some(app.config_version) {
        return Some(Hook::ConfigChanged);
    }
    relation_hook(model, unit)
}

fn ending(model: &Model, unit: &Unit) -> Option<Hook> {
    relation_hook(model, unit).or(Some(if unit.agent.stopped { Hook::Remove } else { Hook::Stop }))
}

/// The unit's relations: by number, peers last.
fn relations<'a>(model: &'a Model, unit: &'a Unit) -> Vec<&'a Relation> {
    let mut relations: Vec<&Relation> = model.relations_of(unit.application()).collect();
    relations.sort_by_key(|relation| (relation.is_peer(), relation.id));
    relations
}

fn relation_hook(model: &Model, unit: &Unit) -> Option<Hook> {
    relations(model, unit).into_iter().find_map(|relation| {
        let seen = unit.agent.relations.get(&relation.id).filter(|seen| seen.created && !seen.broken)?;
        hook_in(relation, seen, unit, model)
    })
}

/// The next hook of one relation: departures, then the application's data, then units in order.
fn hook_in(relation: &Relation, seen: &Seen, unit: &Unit, model: &Model) -> Option<Hook> {
    let id = relation.id;
    let leaving = unit.life == Life::Dying;
    let dying = leaving || relation.life == Life::Dying;
    let members = relation.members_for(&unit.name, unit.application());
    let mut known: Vec<&String> = seen.members.keys().collect();
    known.sort_by_key(|name| (application_of(name), number_of(name)));
    if let Some(gone) = known.into_iter().find(|known| dying || !members.contains(&known.as_str())) {
        let departing = if leaving { unit.name.clone() } else { gone.clone() };
        return Some(Hook::RelationDeparted { relation: id, unit: gone.clone(), departing });
    }
    if dying {
        return (!relation.is_peer()).then_some(Hook::RelationBroken { relation: id });
    }
    let other = relation.other_side(unit.application())?;
    let version = relation.applications.get(&other.app).map_or(0, |bag| bag.version);
    let wrote_it = other.endpoint.role == Role::Peer && model.is_leader(&unit.name);
    if !wrote_it && seen.applications.get(&other.app).copied().unwrap_or(0) != version {
        return Some(Hook::RelationChanged { relation: id, app: other.app.clone(), unit: None });
    }
    if let Some(joining) = members.iter().find(|member| !seen.members.contains_key(**member)) {
        return Some(Hook::RelationJoined { relation: id, unit: (*joining).to_owned() });
    }
    let changed = members.iter().find(|member| {
        let version = relation.units.get(**member).map(|member| member.bag.version);
        version != seen.members.get(**member).copied()
    })?;
    Some(Hook::RelationChanged { relation: id, app: other.app.clone(), unit: Some((*changed).to_owned()) })
}

/// `update-status` if it is time, else how long to wait for it.
fn update_status(model: &Model, unit: &Unit, now: Timestamp) -> Next {
    if !unit.agent.started || unit.life == Life::Dying {
        return Next::Wait(None);
    }
    let interval = parse_duration(model.setting("update-status-hook-interval", "5m"))
        .unwrap_or(Duration::from_secs(300));
    let last = unit.agent.last_update_status.unwrap_or(unit.created);
    // ±20 %, different for each unit and time, so that units do not all wake at once.
    let spread = (last.0.unsigned_abs().wrapping_mul(31).wrapping_add(u64::from(unit.number) * 7)) % 41;
    let due = last.after(interval * (80 + u32::try_from(spread).unwrap_or(20)) / 100);
    if due <= now { Next::Hook(Hook::UpdateStatus) } else { Next::Wait(Some(due)) }
}

/// Reads Go's durations: `5m`, `1h30m`, `10s`, `500ms`.
/// Whether the hook is about a relation that is removed by force.
fn is_of_forced_relation(model: &Model, hook: &Hook) -> bool {
    hook.relation().and_then(|id| model.relations.get(&id)).is_some_and(|relation| relation.forced)
}

pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let mut total = 0.0;
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        total += number
            * match &rest[..letters] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                "us" | "µs" => 0.000_001,
                "ns" => 0.000_000_001,
                _ => return None,
            };
        rest = &rest[letters..];
    }
    Duration::try_from_secs_f64(total).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::commit::{self, Changes, SeenVersions};
    use crate::model::task::{Task, What};

    const NOW: Timestamp = Timestamp(1_000_000_000_000);

    fn model(units: u32) -> Model {
        let mut model = Model::new("uuid".into(), "m".into(), Default::default());
        let app = serde_json::json!({
            "name": "web", "life": "alive", "created": NOW, "revision": 0, "config_version": 1, "upgrade_version": 0,
            "base": {"name": "ubuntu", "channel": "24.04"}, "config": {}, "trust": false, "exposed": false,
            "charm": {
                "name": "web", "summary": "", "description": "", "bindings": [], "options": {}, "actions": {},
                "resources": {}, "base": null, "version": "", "endpoints": {},
            },
            "constraints": "", "resources": {}, "workload_version": "", "status": null, "units": {},
        });
        let mut app: Application = serde_json::from_value(app).expect("an application");
        for number in 0..units {
            let mut unit = Unit::new("web", number, number, std::net::Ipv4Addr::LOCALHOST);
            unit.created = NOW;
            app.units.insert(number, unit);
        }
        model.applications.insert("web".into(), app);
        model
    }

    /// Takes steps until there is nothing to do, and tells what they were.
    fn steps(model: &mut Model, unit: &str) -> Vec<Next> {
        let mut steps = Vec::new();
        loop {
            let step = next(model, unit, NOW);
            match &step {
                Next::Unpack(revision) => commit::unpacked(model, unit, *revision),
                Next::Hook(hook) => {
                    model.unit_mut(unit).expect("the unit").agent.queued.retain(|queued| queued != hook);
                    let seen = SeenVersions::of(model, unit, hook);
                    commit::succeed(model, unit, hook, &seen, &Changes::default());
                }
                _ => return steps,
            }
            steps.push(step);
        }
    }

    fn hooks(list: &[Hook]) -> Vec<Next> {
        list.iter().cloned().map(Next::Hook).collect()
    }

    #[test]
    fn installs_then_starts() {
        let mut model = model(2);
        let mut expected = vec![Next::Unpack(0)];
        expected.extend(hooks(&[Hook::Install, Hook::LeaderElected, Hook::ConfigChanged, Hook::Start]));
        assert_eq!(steps(&mut model, "web/0"), expected);
        expected.remove(2);
        assert_eq!(steps(&mut model, "web/1"), expected, "not the leader");
    }

    #[test]
    fn a_hook_that_comes_between_does_not_lose_the_queued_one() {
        let mut model = model(1);
        commit::unpacked(&mut model, "web/0", 0);
        for hook in [Hook::Install, Hook::LeaderElected, Hook::ConfigChanged] {
            assert_eq!(next(&model, "web/0", NOW), Next::Hook(hook.clone()));
            let seen = SeenVersions::of(&model, "web/0", &hook);
            commit::succeed(&mut model, "web/0", &hook, &seen, &Changes::default());
        }
        model.applications.get_mut("web").expect("web").revision = 1;
        let mut expected = vec![Next::Unpack(1)];
        expected.extend(hooks(&[Hook::UpgradeCharm, Hook::ConfigChanged, Hook::Start]));
        assert_eq!(steps(&mut model, "web/0"), expected);
    }

    #[test]
    fn upgrades_and_then_reconfigures() {
        let mut model = model(1);
        steps(&mut model, "web/0");
        model.applications.get_mut("web").expect("web").revision = 1;
        let mut expected = vec![Next::Unpack(1)];
        expected.extend(hooks(&[Hook::UpgradeCharm, Hook::ConfigChanged]));
        assert_eq!(steps(&mut model, "web/0"), expected);
    }

    #[test]
    fn a_failed_hook_holds_everything_but_tasks_until_its_retry() {
        let mut model = model(1);
        commit::unpacked(&mut model, "web/0", 0);
        model.unit_mut("web/0").expect("web/0").agent.current = Some(Hook::Install);
        commit::fail(&mut model, "web/0", &Hook::Install, "install");
        let Next::Wait(Some(retry)) = next(&model, "web/0", NOW) else { panic!("it waits for its retry") };
        assert_eq!(next(&model, "web/0", retry), Next::Hook(Hook::Install));
        let what = What::Exec { command: "true".into() };
        let task = Task {
            id: 2,
            operation: 1,
            unit: "web/0".into(),
            uuid: String::new(),
            what,
            state: State::Pending,
            message: None,
            results: Default::default(),
            log: Vec::new(),
            enqueued: NOW,
            started: None,
            completed: None,
        };
        model.tasks.insert(2, task);
        assert_eq!(next(&model, "web/0", NOW), Next::Task(2));
    }

    #[test]
    fn stops_and_goes_when_dying() {
        let mut model = model(1);
        steps(&mut model, "web/0");
        model.unit_mut("web/0").expect("web/0").life = Life::Dying;
        assert_eq!(steps(&mut model, "web/0"), hooks(&[Hook::Stop, Hook::Remove]));
        assert_eq!(next(&model, "web/0", NOW), Next::Remove);
    }

    #[test]
    fn update_status_comes_within_a_fifth_of_its_interval() {
        let mut model = model(1);
        model.config.insert("update-status-hook-interval".into(), "10s".into());
        steps(&mut model, "web/0");
        let Next::Wait(Some(due)) = next(&model, "web/0", NOW) else { panic!("it waits") };
        assert!((8_000..=12_000).contains(&(due.0 - NOW.0)), "{due:?}");
        assert_eq!(next(&model, "web/0", due), Next::Hook(Hook::UpdateStatus));
    }

    #[test]
    fn durations_are_go_s() {
        assert_eq!(parse_duration("1h30m"), Some(Duration::from_secs(5400)));
        assert_eq!(parse_duration("1.5s"), Some(Duration::from_millis(1500)));
        for wrong in ["", "5", "m", "5x", "-5s"] {
            assert_eq!(parse_duration(wrong), None, "{wrong:?}");
        }
    }
}
