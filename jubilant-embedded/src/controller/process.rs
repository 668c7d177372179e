//! What the process shares between its threads.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::ground::name::UnitName;
use crate::state::world::State;

pub(super) struct Controller {
    pub(super) state: Arc<State>,
    /// The program file this process was started from: see [`crate::ground::protocol::identity`].
    pub(super) identity: String,
    /// Units that have an agent thread, by model.
    pub(super) agents: Mutex<HashSet<(String, UnitName)>>,
    pub(super) activity: Mutex<Activity>,
}

/// Whether anybody still needs the process.
pub(super) struct Activity {
    pub(super) running: usize,
    pub(super) last: Instant,
}

impl Controller {
    pub(super) fn new(state: State, identity: String) -> Self {
        Self {
            state: Arc::new(state),
            identity,
            agents: Mutex::default(),
            activity: Mutex::new(Activity { running: 0, last: Instant::now() }),
        }
    }

    /// Whether any unit of a model still has its agent.
    pub(super) fn has_agents(&self, uuid: &str) -> bool {
        lock(&self.agents).iter().any(|(model, _)| model == uuid)
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is kept under these locks is whole at every moment.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
