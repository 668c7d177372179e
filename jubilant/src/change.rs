//! A status change, as waits see it and tell of it.

use std::fmt;
use std::time::Duration;

use crate::shown;

/// A status that changed while a wait was looking.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// When, counted from the wait's begin.
    pub at: Duration,
    /// What changed: `web`, `web/0`, or `agent of web/0`.
    pub entity: String,
    /// What it was; `None` if it was not there.
    pub old: Option<String>,
    /// What it is; `None` if it is gone.
    pub new: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let old = self.old.as_deref().unwrap_or("(none)");
        let new = self.new.as_deref().unwrap_or("(gone)");
        write!(f, "+{} {}: {old} → {new}", shown::time(self.at), self.entity)
    }
}
