//! Statuses of units, agents and applications.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ground::time::Timestamp;

/// One status with its message and the time it began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Status {
    pub(crate) current: String,
    pub(crate) message: String,
    pub(crate) since: Timestamp,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) data: Map<String, Value>,
}

impl Status {
    pub(crate) fn new(current: &str, message: impl Into<String>, since: Timestamp) -> Self {
        Self { current: current.into(), message: message.into(), since, data: Map::new() }
    }

    /// Whether the other one says the same, since whenever.
    pub(crate) fn says_as(&self, other: &Self) -> bool {
        (&self.current, &self.message) == (&other.current, &other.message)
    }
}

/// What `status-set` may set.
pub(crate) const SETTABLE: [&str; 4] = ["maintenance", "blocked", "waiting", "active"];

/// Worse statuses rank higher; an application shows its worst unit.
pub(crate) fn severity(current: &str) -> u8 {
    match current {
        "error" => 6,
        "blocked" => 5,
        "maintenance" => 4,
        "waiting" => 3,
        "active" => 2,
        "terminated" => 1,
        _ => 0,
    }
}
