//! The end of models.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::Controller;
use crate::agent::reap;
use crate::model::Life;

/// How long `destroy-model --force` leaves the units to their own teardown.
const FORCED: Duration = Duration::from_secs(60);

/// Goes on with the destruction that a killed controller had begun.
pub(super) fn resume(controller: &Arc<Controller>) {
    let dying: Vec<String> = controller
        .world()
        .models
        .values()
        .filter(|model| model.life == Life::Dying)
        .map(|model| model.uuid.clone())
        .collect();
    for uuid in dying {
        bury(controller, uuid, false);
    }
}

/// Waits in the background until a dying model has no applications, or (`now`) does not wait, and deletes it.
pub(crate) fn bury(controller: &Arc<Controller>, uuid: String, now: bool) {
    let controller = Arc::clone(controller);
    thread::spawn(move || {
        let forced = controller.world().models.get(&uuid).is_some_and(|model| model.forced);
        let deadline = match (now, forced) {
            (true, _) => Some(Instant::now()),
            (_, true) => Some(Instant::now() + FORCED),
            _ => None,
        };
        controller.wait(deadline, |world| match world.models.get(&uuid) {
            Some(model) if !model.applications.is_empty() => None,
            _ => Some(()),
        });
        let units: Vec<String> = match controller.world().models.get(&uuid) {
            Some(model) => model.units().map(|unit| unit.name.clone()).collect(),
            None => return,
        };
        // The agents go when the units do; then nothing starts new processes.
        {
            let mut world = controller.world();
            controller.commit(&mut world, &uuid, |model| {
                for unit in &units {
                    model.remove_unit(unit);
                }
            });
        }
        let dir = controller.dir.model(&uuid);
        loop {
            // Asked first: an agent that was about to start a hook may still do so.
            let last = !controller.has_agents(&uuid);
            units.iter().for_each(|unit| reap::end_everything(&dir.unit(unit)));
            if last {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        controller.forget_model(&uuid);
    });
}
