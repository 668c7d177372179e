//! The status changes that a wait saw.

use std::fmt;
use std::time::Duration;

use indexmap::IndexMap;

use super::error::short;
use crate::types::{Status, StatusInfo};

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
        write!(f, "+{} {}: {old} → {new}", short(self.at), self.entity)
    }
}

/// Enough for the story of a long wait, while its memory stays bounded.
const KEPT: usize = 500;

#[derive(Default)]
pub(super) struct History {
    now: Option<IndexMap<String, String>>,
    pub(super) changes: Vec<Change>,
}

impl History {
    /// Compares with the status before, and returns what changed; the first status is no change.
    pub(super) fn look(&mut self, status: &Status, at: Duration) -> &[Change] {
        let new = states(status);
        let before = self.changes.len();
        if let Some(old) = &self.now {
            for (entity, state) in &new {
                if old.get(entity) != Some(state) {
                    let (entity, old) = (entity.clone(), old.get(entity).cloned());
                    self.changes.push(Change { at, entity, old, new: Some(state.clone()) });
                }
            }
            for (entity, state) in old.iter().filter(|(entity, _)| !new.contains_key(*entity)) {
                self.changes.push(Change { at, entity: entity.clone(), old: Some(state.clone()), new: None });
            }
        }
        self.now = Some(new);
        let added = self.changes.len() - before;
        let surplus = self.changes.len().saturating_sub(KEPT.max(added));
        self.changes.drain(..surplus);
        &self.changes[self.changes.len() - added..]
    }
}

fn states(status: &Status) -> IndexMap<String, String> {
    let apps = status.apps.iter().map(|(name, app)| (name.clone(), state(&app.app_status)));
    let mut states: IndexMap<_, _> = apps.collect();
    for (name, unit) in status.units() {
        states.insert(name.to_owned(), state(&unit.workload_status));
        states.insert(format!("agent of {name}"), state(&unit.juju_status));
    }
    states
}

fn state(info: &StatusInfo) -> String {
    if info.message.is_empty() {
        info.current.clone()
    } else {
        format!("{} {:?}", info.current, info.message)
    }
}
