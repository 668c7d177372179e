//! What a hook or an action asks for that takes effect only if it succeeds: one part for each kind of entity.

pub(crate) mod charm_state;
pub(crate) mod ports;
pub(crate) mod relation_data;

use super::Model;
use crate::ground::name::UnitName;
use charm_state::StateChanges;
use ports::PortChanges;
use relation_data::RelationChanges;

/// All parts together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    pub(crate) relations: RelationChanges,
    pub(crate) ports: PortChanges,
    pub(crate) state: StateChanges,
}

impl Changes {
    /// Takes them over, for the unit whose hook asked.
    pub(crate) fn apply(&self, model: &mut Model, unit: &UnitName) {
        self.relations.apply(model, unit);
        self.ports.apply(model, unit);
        self.state.apply(model, unit);
    }
}
