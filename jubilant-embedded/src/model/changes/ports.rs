//! Ports opened and closed.

use std::collections::BTreeSet;

use crate::ground::name::UnitName;
use crate::model::Model;
use crate::model::port::Port;

#[derive(Debug, Clone, Default)]
pub(crate) struct PortChanges {
    opened: BTreeSet<Port>,
    closed: BTreeSet<Port>,
}

impl PortChanges {
    pub(crate) fn open(&mut self, port: Port) {
        self.closed.remove(&port);
        self.opened.insert(port);
    }

    pub(crate) fn close(&mut self, port: Port) {
        self.opened.remove(&port);
        self.closed.insert(port);
    }

    /// The open ports as they will be.
    pub(crate) fn over(&self, ports: &[Port]) -> Vec<Port> {
        let kept = ports.iter().filter(|port| !self.closed.contains(port));
        kept.chain(&self.opened).cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    pub(super) fn apply(&self, model: &mut Model, unit: &UnitName) {
        if self.opened.is_empty() && self.closed.is_empty() {
            return;
        }
        if let Some(unit) = model.units.get_mut(unit) {
            unit.ports = self.over(&unit.ports);
        }
    }
}
