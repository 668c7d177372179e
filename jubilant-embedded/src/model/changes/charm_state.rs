//! What a charm keeps with its controller (`state-set`).

use std::collections::BTreeMap;

use crate::ground::name::UnitName;
use crate::model::Model;

/// Values by key; `None` deletes the key.
#[derive(Debug, Clone, Default)]
pub(crate) struct StateChanges(BTreeMap<String, Option<String>>);

impl StateChanges {
    pub(crate) fn set(&mut self, key: String, value: Option<String>) {
        self.0.insert(key, value);
    }

    /// The state as it will be.
    pub(crate) fn over(&self, state: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut state = state.clone();
        for (key, value) in &self.0 {
            match value {
                Some(value) => state.insert(key.clone(), value.clone()),
                None => state.remove(key),
            };
        }
        state
    }

    pub(super) fn apply(&self, model: &mut Model, unit: &UnitName) {
        if let Some(unit) = model.units.get_mut(unit).filter(|_| !self.0.is_empty()) {
            unit.state = self.over(&unit.state);
        }
    }
}
