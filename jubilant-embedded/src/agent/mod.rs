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
use crate::model::hook::Hook;
use crate::model::log::Level;
use crate::model::status::Status;
use crate::model::task::State;
use crate::model::time::Timestamp;
use crate::model::{Life, Model};
use next::{Next, next};

/// The longest an agent sleeps without looking, should it be asked to wait for ever.
const NAP: Duration = Duration::from_secs(60);

/// The life of an agent: returns when its unit is gone.
pub(crate) fn run(controller: &Arc<Controller>, uuid: &str, unit: &str) {
    loop {
        let Some(step) = await_step(controller, uuid, unit) else { return };
        match step {
            Step::Unpack(revision) => unpack(controller, uuid, unit, revision),
            Step::Hook(hook) => run::hook(controller, uuid, unit, &hook),
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

/// Waits for the next step and records that it has begun.
fn await_step(controller: &Controller, uuid: &str, unit: &str) -> Option<Step> {
    let mut world = controller.world();
    loop {
        let now = Timestamp::now();
        let model = world.models.get(uuid)?;
        let step = match next(model, unit, now) {
            Next::Gone => return None,
            Next::Unpack(revision) => Step::Unpack(revision),
            Next::Hook(hook) => Step::Hook(hook),
            Next::Task(task) => Step::Task(task),
            Next::Remove => Step::Remove,
            Next::Skip(hook) => {
                controller.commit(&mut world, uuid, |model| commit::skip_failed(model, unit, &hook));
                continue;
            }
            Next::Wait(until) => {
                let rest = resting_status(model, unit)?;
                if rest.is_some() {
                    controller.commit(&mut world, uuid, |model| {
                        rest.into_iter().for_each(|status| model.set_agent(unit, status));
                    });
                }
                let limit = until.map_or(NAP, |until| until.until(now)).min(NAP);
                world = controller.pause(world, limit);
                continue;
            }
        };
        controller.commit(&mut world, uuid, |model| begin(model, unit, &step, now));
        return Some(step);
    }
}

/// The status of an agent with nothing to do, if it does not show yet. The outer `None`: no such unit.
fn resting_status(model: &Model, unit: &str) -> Option<Option<Status>> {
    let unit = model.unit(unit)?;
    let status = match &unit.agent.failure {
        Some(failure) => failure.status.clone(),
        None => Status::new("idle", ""),
    };
    Some((unit.agent_status.current != status.current).then_some(status))
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
                crate::model::task::What::Action { name, .. } => format!("running action {name}"),
                crate::model::task::What::Exec { .. } => "running commands".to_owned(),
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
        unit.agent.pending = Some(hook.clone());
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
fn unpack(controller: &Arc<Controller>, uuid: &str, unit: &str, revision: u32) {
    let dir = controller.dir.model(uuid);
    let (app, old) = {
        let world = controller.world();
        let Some(found) = world.models.get(uuid).and_then(|model| model.unit(unit)) else { return };
        (found.application().to_owned(), found.agent.deployed)
    };
    let old = old.map(|old| dir.charm(&app, old));
    let result = charm_dir::update(&dir.unit(unit), old.as_deref(), &dir.charm(&app, revision));
    let mut world = controller.world();
    match result {
        Ok(()) => controller.commit(&mut world, uuid, |model| commit::unpacked(model, unit, revision)),
        Err(error) => {
            controller.commit(&mut world, uuid, |model| {
                let text = format!("cannot unpack the charm: {error}");
                model.log(&crate::model::unit::tag(unit), Level::Error, "juju.worker.uniter.charm", text);
            });
            // A full disk may have room again later.
            drop(controller.pause(world, Duration::from_secs(5)));
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
        if model.life == Life::Dying {
            model.sweep();
        }
    });
}
