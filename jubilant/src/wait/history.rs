//! The status changes that a wait saw.

use std::time::Duration;

use indexmap::IndexMap;

use crate::change::Change;
use crate::types::{Status, StatusInfo};

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
