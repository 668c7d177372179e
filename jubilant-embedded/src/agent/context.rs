//! A running hook, as its tools see it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::commit::Changes;
use super::output::Output;
use crate::controller::Controller;
use crate::model::Model;
use crate::model::hook::Hook;
use crate::model::log::Level;
use crate::model::unit;

/// The context that `JUJU_CONTEXT_ID` names.
pub(crate) struct HookContext {
    pub(crate) id: String,
    /// The model's UUID.
    pub(crate) model: String,
    pub(crate) unit: String,
    /// What is running.
    pub(crate) what: What,
    state: Mutex<State>,
}

/// What runs in a context.
#[derive(Debug, Clone)]
pub(crate) enum What {
    Hook { hook: Hook, name: String },
    Action { task: u32, name: String, params: Map<String, Value> },
    Exec { task: u32 },
}

impl What {
    /// As it appears in log modules and statuses.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Hook { name, .. } | Self::Action { name, .. } => name,
            Self::Exec { .. } => "juju-exec",
        }
    }
}

/// What the run has brought so far.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) changes: Changes,
    pub(crate) results: Map<String, Value>,
    /// `action-fail` was called, with this message.
    pub(crate) failed: Option<String>,
    pub(crate) output: Option<Output>,
    /// Kept for the results of actions and commands.
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl HookContext {
    pub(crate) fn new(model: &str, unit: &str, what: What) -> Self {
        let id = format!("{unit}-{}-{}", what.name(), uuid::Uuid::new_v4().simple());
        Self { id, model: model.into(), unit: unit.into(), what, state: Mutex::default() }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn application(&self) -> &str {
        unit::application_of(&self.unit)
    }

    /// The hook, if one is running.
    pub(crate) fn hook(&self) -> Option<&Hook> {
        match &self.what {
            What::Hook { hook, .. } => Some(hook),
            _ => None,
        }
    }

    pub(crate) fn task(&self) -> Option<u32> {
        match self.what {
            What::Action { task, .. } | What::Exec { task } => Some(task),
            What::Hook { .. } => None,
        }
    }

    /// Logs what the process has written so far. Tools call it first, so that the log keeps the order in which
    /// a hook wrote and called. Returns whether there was anything.
    pub(crate) fn drain(&self, controller: &Controller, last: bool) -> bool {
        let mut state = self.state();
        let Some(output) = &mut state.output else { return false };
        let (out, err) = output.read(last);
        if out.is_empty() && err.is_empty() {
            return false;
        }
        let module = format!("unit.{}.{}", self.unit, self.what.name());
        let mut lines: Vec<(Level, String)> = Vec::new();
        lines.extend(out.iter().map(|line| (Level::Debug, line.trim_end().to_owned())));
        lines.extend(err.iter().map(|line| (Level::Warning, line.trim_end().to_owned())));
        if self.task().is_some() {
            state.stdout.extend(out);
            state.stderr.extend(err);
        }
        drop(state);
        self.log(controller, |model, tag| {
            for (level, line) in lines {
                model.log(tag, level, &module, line);
            }
        });
        true
    }

    /// Appends to the model's log without rewriting the model.
    pub(crate) fn log(&self, controller: &Controller, write: impl FnOnce(&mut Model, &str)) {
        controller.log(&self.model, |model| write(model, &unit::tag(&self.unit)));
    }
}
