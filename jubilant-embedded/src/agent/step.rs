//! Whose step it is, and what came of it.

use std::sync::Arc;

use super::tool_socket::ServeTool;
use crate::ground::name::UnitName;
use crate::model::Model;
use crate::model::changes::Changes;
use crate::model::log::Level;
use crate::model::outcome::{Exit, Outcome};
use crate::state::world::State;

/// Whose agent it is, and what it works with.
pub(super) struct Agent<'a> {
    pub(super) state: &'a Arc<State>,
    pub(super) model: &'a str,
    pub(super) unit: &'a UnitName,
    pub(super) serve_tool: ServeTool,
}

/// What came of a step. It is applied together with the beginning of the next one, so that the model is written
/// once for both.
pub(super) struct Finished {
    pub(super) outcome: Outcome,
    pub(super) lines: Vec<Logged>,
}

/// A line of the agent's own.
pub(super) struct Logged {
    pub(super) level: Level,
    pub(super) module: &'static str,
    pub(super) text: String,
}

impl Finished {
    pub(super) fn new(number: u64, exit: Exit) -> Self {
        Self { outcome: Outcome { number, exit, changes: Changes::default() }, lines: Vec::new() }
    }

    pub(super) fn log(mut self, level: Level, module: &'static str, text: String) -> Self {
        self.lines.push(Logged { level, module, text });
        self
    }
}

impl Agent<'_> {
    pub(super) fn look<T>(&self, get: impl FnOnce(&Model) -> Option<T>) -> Option<T> {
        self.state.world().models.get(self.model).and_then(get)
    }
}
