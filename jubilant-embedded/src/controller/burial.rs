//! The end of models.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::process::Controller;
use crate::agent::end_everything;
use crate::ground::paths::UnitDir;

/// How long `destroy-model --force` leaves the units to their own teardown.
const FORCED: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(10);

/// Waits until a dying model has no applications, or is to end at once, and deletes it. One that cannot be read is
/// deleted as it is.
pub(super) fn bury(controller: &Controller, uuid: &str) {
    let state = &controller.state;
    let patient_until = Instant::now() + FORCED;
    // Whoever forces the end later changes the model, and so is noticed here.
    while state.world().models.get(uuid).is_some_and(|model| {
        let how = model.destruction.unwrap_or_default();
        let over = model.applications.is_empty() || how.at_once;
        !(over || (how.forced && Instant::now() >= patient_until))
    }) {
        drop(state.pause(state.world(), Duration::from_secs(1)));
    }
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
