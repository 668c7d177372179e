//! The end of models.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::process::Controller;
use crate::agent::end_everything;
use crate::ground::paths::UnitDir;
use crate::state::world::World;

/// How long `destroy-model --force` leaves the units to their own teardown.
const FORCED: Duration = Duration::from_secs(60);
/// How often the time is looked at.
const TICK: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(10);

/// Waits until a dying model has no applications, or is to end at once, and deletes it. One that cannot be read is
/// deleted as it is.
pub(super) fn bury(controller: &Controller, uuid: &str) {
    let state = &controller.state;
    let patient_until = Instant::now() + FORCED;
    // Whoever forces the end later changes the model, and so is noticed here.
    let is_over = |world: &mut World| {
        let Some(model) = world.models.get(uuid) else { return Some(()) };
        let how = model.destruction.unwrap_or_default();
        let is_late = how.forced && Instant::now() >= patient_until;
        (model.applications.is_empty() || how.at_once || is_late).then_some(())
    };
    while state.wait(Some(Instant::now() + TICK), is_over).is_none() {}
    // The agents go when the units do; then nothing starts new processes.
    let mut world = state.world();
    state.commit(&mut world, uuid, |model| {
        let units: Vec<_> = model.units.keys().cloned().collect();
        units.iter().for_each(|unit| model.forget_unit(unit));
    });
    drop(world);
    loop {
        // Asked first: an agent that was about to start a hook may still do so.
        let last = !controller.has_agents(uuid);
        units_on_disk(controller, uuid).iter().for_each(end_everything);
        if last {
            break;
        }
        thread::sleep(POLL);
    }
    state.forget_model(uuid);
}

/// The units that have a directory, whatever the model says.
fn units_on_disk(controller: &Controller, uuid: &str) -> Vec<UnitDir> {
    let units = controller.state.dir.model(uuid).units();
    let entries = fs::read_dir(units).into_iter().flatten().flatten();
    entries.map(|entry| UnitDir::at(entry.path())).collect()
}
