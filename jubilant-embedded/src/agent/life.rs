//! The life of an agent: steps, one after the other, until its unit is gone.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::step::{Agent, Finished};
use super::tool_socket::ServeTool;
use super::{reap, run as code};
use crate::ground::name::UnitName;
use crate::ground::note::note;
use crate::ground::time::Timestamp;
use crate::model::Model;
use crate::model::log::Level;
use crate::model::next::{Next, next};
use crate::model::outcome::Exit;
use crate::model::status::Status;
use crate::model::step::Step;
use crate::model::unit::Unit;
use crate::state::charm_dir;
use crate::state::world::State;

/// The longest an agent sleeps without looking, should it be asked to wait for ever.
const NAP: Duration = Duration::from_secs(60);
/// How long it leaves a full disk alone.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs an agent; returns when its unit is gone. `serve_tool` answers what its hooks' tools ask.
pub(crate) fn run(state: &Arc<State>, model: &str, unit: &UnitName, serve_tool: ServeTool) {
    let agent = Agent { state, model, unit, serve_tool };
    let mut finished = None;
    while let Some((number, step)) = agent.next_step(finished.take()) {
        finished = Some(match step {
            Step::Unpack(revision) => agent.unpack(number, revision),
            Step::Hook(hook) => code::hook(&agent, number, hook),
            Step::Task(task) => code::task(&agent, number, task),
            Step::Remove => agent.remove(number),
        });
    }
}

impl Agent<'_> {
    /// Applies what the last step brought, waits for the next one and begins it.
    fn next_step(&self, mut finished: Option<Finished>) -> Option<(u64, Step)> {
        let mut world = self.state.world();
        loop {
            let mut decided = Next::Gone;
            let mut number = None;
            self.state.commit(&mut world, self.model, |model| {
                if let Some(finished) = finished.take() {
                    for line in finished.lines {
                        model.log(self.unit, line.level, line.module, line.text);
                    }
                    model.apply(self.unit, &finished.outcome);
                }
                decided = next(model, self.unit);
                match &decided {
                    Next::Step(step) => number = model.begin(self.unit, step),
                    Next::Skip => model.skip_failed(self.unit),
                    Next::Wait(_) => self.rest(model),
                    Next::Gone => {}
                }
            });
            match decided {
                Next::Gone => return None,
                Next::Step(step) => return Some((number?, step)),
                Next::Skip => {}
                Next::Wait(until) => {
                    let limit = until.map_or(NAP, |until| until.until(Timestamp::now())).min(NAP);
                    world = self.state.pause(world, limit);
                }
            }
        }
    }

    /// Shows that there is nothing to do, if it does not show yet.
    fn rest(&self, model: &mut Model) {
        let Some(unit) = model.units.get(self.unit) else { return };
        let status = match &unit.agent.failure {
            Some(failure) => failure.status.clone(),
            None => Status::new("idle", "", model.now),
        };
        if unit.agent_status.current != status.current {
            model.set_agent(self.unit, status);
        }
    }

    /// Brings a charm revision into the unit's directory.
    fn unpack(&self, number: u64, revision: u32) -> Finished {
        let dir = self.state.dir.model(self.model);
        let old = self.look(|model| model.units.get(self.unit)?.agent.deployed);
        let old = old.map(|old| dir.charm(&self.unit.app, old));
        let new = dir.charm(&self.unit.app, revision);
        match charm_dir::update(&dir.unit(self.unit), old.as_deref(), &new) {
            Ok(()) => Finished::new(number, Exit::Done),
            Err(error) => {
                // A full disk may have room again later; until then nothing but the unit's end is of interest.
                self.state.wait(Some(Instant::now() + PATIENCE), |world| {
                    let unit = world.models.get(self.model).and_then(|model| model.units.get(self.unit));
                    unit.is_none_or(Unit::is_dying).then_some(())
                });
                let text = format!("cannot unpack the charm: {error}");
                Finished::new(number, Exit::Failed).log(Level::Error, "juju.worker.uniter.charm", text)
            }
        }
    }

    /// Ends what the unit left running and deletes its directory.
    fn remove(&self, number: u64) -> Finished {
        let dir = self.state.dir.model(self.model).unit(self.unit);
        reap::end_everything(&dir);
        if let Err(error) = fs::remove_dir_all(dir.path())
            && error.kind() != std::io::ErrorKind::NotFound
        {
            note(format_args!("cannot delete {}: {error}", dir.path().display()));
        }
        Finished::new(number, Exit::Done)
    }
}
