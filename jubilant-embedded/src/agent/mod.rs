//! One unit agent: it finds the next thing to do, does it, and records that it is done.

pub(crate) mod address;
pub(crate) mod charm_dir;
pub(crate) mod commit;
pub(crate) mod confine;
pub(crate) mod context;
mod env;
pub(crate) mod next;
mod output;
mod python;
pub(crate) mod reap;
mod run;

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use crate::controller::Controller;
use crate::model::Model;
use crate::model::hook::Hook;
use crate::model::log::Level;
use crate::model::status::Status;
use crate::model::task::{State, What};
use crate::model::time::Timestamp;
use next::{Next, next};

/// The longest an agent sleeps without looking, should it be asked to wait for ever.
const NAP: Duration = Duration::from_secs(60);

/// What a finished step changes. It is applied together with the beginning of the next one, so that the model is
/// written once for both.
struct Finished<'a> {
    change: Box<dyn FnOnce(&mut Model) + 'a>,
    /// Other agents, or a waiting command, may have something to do now.
    concerns_others: bool,
}

impl<'a> Finished<'a> {
    fn new(concerns_others: bool, change: impl FnOnce(&mut Model) + 'a) -> Self {
        Self { change: Box::new(change), concerns_others }
    }
}

/// The life of an agent: returns when its unit is gone.
pub(crate) fn run(controller: &Arc<Controller>, uuid: &str, unit: &str) {
    let mut finished = None;
    while let Some(step) = await_step(controller, uuid, unit, finished.take()) {
        finished = match step {
            Step::Unpack(revision) => unpack(controller, uuid, unit, revision),
            Step::Hook(hook) => Some(run::hook(controller, uuid, unit, hook)),
            Step::Task(task) => run::task(controller, uuid, unit, task),
            Step::Remove => return remove(controller, uuid, unit),
        }
    }
}

/// What an agent does outside the lock.
enum Step {
    Unpack(u32),
    Hook(Hook),
    Task(u32),
    Remove,
}

impl Step {
    /// Whether others see that it has begun.
    fn concerns_others(&self) -> bool {
        matches!(self, Self::Hook(Hook::RelationDeparted { .. } | Hook::RelationBroken { .. }))
    }
}

/// Applies what the last step brought, waits for the next one and records that it has begun.
fn await_step(
    controller: &Controller,
    uuid: &str,
    unit: &str,
    finished: Option<Finished<'_>>,
) -> Option<Step> {
    let mut world = controller.world();
    let mut unsaved = finished.is_some();
    let mut concerns_others = false;
    if let Some(finished) = finished {
        (finished.change)(world.models.get_mut(uuid)?);
        concerns_others = finished.concerns_others;
    }
    loop {
        let now = Timestamp::now();
        let model = world.models.get_mut(uuid)?;
        let step = match next(model, unit, now) {
            Next::Gone => {
                controller.commit(&mut world, uuid, |_| {});
                return None;
            }
            Next::Unpack(revision) => Step::Unpack(revision),
            Next::Hook(hook) => Step::Hook(hook),
            Next::Task(task) => Step::Task(task),
            Next::Remove => Step::Remove,
            Next::Skip(hook) => {
                commit::skip_failed(model, unit, &hook);
                (unsaved, concerns_others) = (true, true);
                continue;
            }
            Next::Wait(until) => {
                if let Some(status) = resting_status(model, unit) {
                    model.set_agent(unit, status);
                    unsaved = true;
                }
                if concerns_others {
                    controller.commit(&mut world, uuid, |_| {});
                } else if unsaved {
                    controller.commit_quietly(&mut world, uuid, |_| {});
                }
                (unsaved, concerns_others) = (false, false);
                let limit = until.map_or(NAP, |until| until.until(now)).min(NAP);
                world = controller.pause(world, limit);
                continue;
            }
        };
        let change = |model: &mut Model| begin(model, unit, &step, now);
        if concerns_others || step.concerns_others() {
            controller.commit(&mut world, uuid, change);
        } else {
            controller.commit_quietly(&mut world, uuid, change);
        }
        return Some(step);
    }
}

/// The status of an agent with nothing to do, if it does not show yet.
fn resting_status(model: &Model, unit: &str) -> Option<Status> {
    let unit = model.unit(unit)?;
    let status = match &unit.agent.failure {
        Some(failure) => failure.status.clone(),
        None => Status::new("idle", ""),
    };
    (unit.agent_status.current != status.current).then_some(status)
}

/// Records that a step has begun, so that it is repeated if the controller is killed, and shows it.
fn begin(model: &mut Model, unit: &str, step: &Step, now: Timestamp) {
    match step {
        Step::Unpack(_) => {
            if model.unit(unit).is_some_and(|unit| !unit.agent.installed && !unit.status_set) {
                model.set_workload(unit, Status::new("waiting", "agent initialising"));
            }
        }
        Step::Hook(hook) => begin_hook(model, unit, hook, now),
        Step::Task(id) => {
            let Some(task) = model.tasks.get_mut(id) else { return };
            task.state = State::Running;
            task.started = Some(now);
            let what = match &task.what {
                What::Action { name, .. } => format!("running action {name}"),
                What::Exec { .. } => "running commands".to_owned(),
            };
            model.set_agent(unit, Status::new("executing", what));
        }
        Step::Remove => {}
    }
}

fn begin_hook(model: &mut Model, name: &str, hook: &Hook, now: Timestamp) {
    let Some(hook_name) = hook.name(model, name) else { return };
    let workload = match hook {
        Hook::Install => Some(("maintenance", "installing charm software")),
        Hook::Stop => Some(("maintenance", "stopping charm software")),
        Hook::Remove => Some(("maintenance", "cleaning up prior to charm deletion")),
        _ => None,
    };
    if let Some(unit) = model.unit_mut(name) {
        unit.agent.current = Some(hook.clone());
        unit.agent.queued.retain(|queued| queued != hook);
        if *hook == Hook::UpdateStatus {
            unit.agent.last_update_status = Some(now);
        }
    }
    if let Some((current, message)) = workload {
        model.set_workload(name, Status::new(current, message));
    }
    if *hook != Hook::UpdateStatus {
        model.set_agent(name, Status::new("executing", format!("running {hook_name} hook")));
    }
    match hook {
        Hook::RelationCreated { relation } => commit::enter(model, name, *relation),
        Hook::RelationDeparted { relation, departing, .. } if departing == name => {
            commit::leave(model, name, *relation);
        }
        Hook::RelationBroken { relation } => commit::leave(model, name, *relation),
        _ => {}
    }
}

/// Brings a charm revision into the unit's directory.
fn unpack<'a>(controller: &Controller, uuid: &str, unit: &'a str, revision: u32) -> Option<Finished<'a>> {
    let dir = controller.dir.model(uuid);
    let (app, old) = {
        let world = controller.world();
        let found = world.models.get(uuid).and_then(|model| model.unit(unit))?;
        (found.application().to_owned(), found.agent.deployed)
    };
    let old = old.map(|old| dir.charm(&app, old));
    match charm_dir::update(&dir.unit(unit), old.as_deref(), &dir.charm(&app, revision)) {
        Ok(()) => Some(Finished::new(false, move |model| commit::unpacked(model, unit, revision))),
        Err(error) => {
            let mut world = controller.world();
            controller.commit_quietly(&mut world, uuid, |model| {
                let text = format!("cannot unpack the charm: {error}");
                model.log(&crate::model::unit::tag(unit), Level::Error, "juju.worker.uniter.charm", text);
            });
            // A full disk may have room again later.
            drop(controller.pause(world, Duration::from_secs(5)));
            None
        }
    }
}

/// Ends what the unit left running, deletes its directory and forgets it.
fn remove(controller: &Arc<Controller>, uuid: &str, unit: &str) {
    let dir = controller.dir.model(uuid).unit(unit);
    reap::end_everything(&dir);
    if let Err(error) = fs::remove_dir_all(dir.path())
        && error.kind() != std::io::ErrorKind::NotFound
    {
        eprintln!("cannot delete {}: {error}", dir.path().display());
    }
    let mut world = controller.world();
    controller.commit(&mut world, uuid, |model| {
        model.set_workload(unit, Status::new("terminated", ""));
        model.remove_unit(unit);
    });
}
