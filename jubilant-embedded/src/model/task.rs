//! Actions and commands that units run on demand.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ground::name::UnitName;
use crate::ground::time::Timestamp;

/// One task on one unit. What it wrote and set lies outside the model: see `TaskDir`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) id: u32,
    pub(crate) operation: u32,
    pub(crate) unit: UnitName,
    pub(crate) what: What,
    pub(crate) state: State,
    pub(crate) message: Option<String>,
    /// What its process returned, once it has.
    pub(crate) code: Option<i32>,
    pub(crate) enqueued: Timestamp,
    pub(crate) started: Option<Timestamp>,
    pub(crate) completed: Option<Timestamp>,
}

/// What a task does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum What {
    Action { name: String, params: Map<String, Value> },
    Exec { command: String },
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    Pending,
    Running,
    Completed,
    Failed,
    Aborted,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
        }
    }
}

impl Task {
    pub(crate) fn is_finished(&self) -> bool {
        matches!(self.state, State::Completed | State::Failed | State::Aborted)
    }

    pub(crate) fn finish(&mut self, state: State, message: Option<String>, now: Timestamp) {
        self.state = state;
        self.message = message;
        self.completed = Some(now);
    }
}

/// Puts `value` at a dotted key: `a.b` nests.
pub(crate) fn set_nested(map: &mut Map<String, Value>, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            map.insert(key.to_owned(), value);
        }
        Some((head, rest)) => {
            let entry = map.entry(head.to_owned()).or_insert_with(|| Value::Object(Map::new()));
            if !entry.is_object() {
                *entry = Value::Object(Map::new());
            }
            if let Value::Object(inner) = entry {
                set_nested(inner, rest, value);
            }
        }
    }
}
