//! Every unit has an agent, and every model that is to end somebody who buries it.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::burial;
use super::process::{Controller, lock};
use super::server;
use crate::agent;
use crate::ground::name::UnitName;
use crate::state::world::World;

/// Looks after units and models for as long as the process lives.
pub(super) fn supervise(controller: &Arc<Controller>) {
    let mut buried = HashSet::new();
    let mut world = controller.state.world();
    loop {
        start_agents(controller, &world);
        let readable = world.models.values().filter(|model| model.is_dying()).map(|model| &model.uuid);
        let dying: Vec<String> = readable.chain(&world.condemned).cloned().collect();
        buried.retain(|uuid| dying.contains(uuid));
        for uuid in dying {
            if buried.insert(uuid.clone()) {
                let controller = Arc::clone(controller);
                thread::spawn(move || burial::bury(&controller, &uuid));
            }
        }
        world = controller.state.pause(world, Duration::from_secs(60));
    }
}

/// Starts an agent for every unit that has none.
fn start_agents(controller: &Arc<Controller>, world: &World) {
    let mut agents = lock(&controller.agents);
    for model in world.models.values() {
        for name in model.units.keys() {
            let key = (model.uuid.clone(), name.clone());
            if agents.insert(key.clone()) {
                let controller = Arc::clone(controller);
                thread::spawn(move || run(&controller, key));
            }
        }
    }
}

fn run(controller: &Controller, key: (String, UnitName)) {
    let (model, unit) = &key;
    // A bug that one hook brings to light must not leave its unit without an agent.
    let live = || agent::run(&controller.state, model, unit, server::serve_tool);
    while catch_unwind(AssertUnwindSafe(live)).is_err() {
        thread::sleep(Duration::from_secs(1));
    }
    lock(&controller.agents).remove(&key);
}
