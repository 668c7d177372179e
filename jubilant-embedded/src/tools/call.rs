//! One call of a tool, and what every tool can ask of it.

use super::format;
use crate::ground::args::Args;
use crate::ground::failure::{Failure, fail};
use crate::ground::protocol::Request;
use crate::model::Model;
use crate::model::unit::Unit;
use crate::state::context::HookContext;
use crate::state::world::State;

/// A tool call.
pub(super) struct Call<'a> {
    pub(super) state: &'a State,
    pub(super) context: &'a HookContext,
    pub(super) request: &'a Request,
    pub(super) args: Args,
}

/// What a tool prints.
pub(super) type Answer = Result<String, Failure>;

impl Call<'_> {
    /// Looks at the model and the calling unit.
    pub(super) fn look<T>(
        &self,
        get: impl FnOnce(&Model, &Unit) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let world = self.state.world();
        let model = world.models.get(&self.context.model);
        match model.and_then(|model| Some((model, model.units.get(&self.context.unit)?))) {
            Some((model, unit)) => get(model, unit),
            None => fail!("unit \"{}\" not found", self.context.unit),
        }
    }

    pub(super) fn is_leader(&self) -> Result<bool, Failure> {
        self.look(|model, unit| Ok(model.is_leader(&unit.name)))
    }

    pub(super) fn print(&self, value: &serde_json::Value) -> Answer {
        Ok(format::format(self.args.get("format").unwrap_or("smart"), value))
    }
}
