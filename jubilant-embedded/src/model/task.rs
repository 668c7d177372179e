//! Actions and commands that units run on demand.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::time::Timestamp;

/// One task on one unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) id: u32,
    pub(crate) operation: u32,
    pub(crate) unit: String,
    pub(crate) uuid: String,
    pub(crate) what: What,
    pub(crate) state: State,
    pub(crate) message: Option<String>,
    pub(crate) results: Map<String, Value>,
    pub(crate) log: Vec<(Timestamp, String)>,
    pub(crate) enqueued: Timestamp,
    pub(crate) started: Option<Timestamp>,
    pub(crate) completed: Option<Timestamp>,
}

/// What a task does.
#[derive(Debug, Clone, Serialize, Deserialize)]
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

    pub(crate) fn return_code(&self) -> i64 {
        self.results.get("return-code").and_then(Value::as_i64).unwrap_or(0)
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
