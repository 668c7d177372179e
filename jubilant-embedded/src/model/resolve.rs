//! `juju resolved`

use super::Model;
use crate::ground::failure::{Failure, fail};
use crate::ground::name::UnitName;

impl Model {
    pub(crate) fn is_in_error(&self, unit: &UnitName) -> bool {
        self.units.get(unit).is_some_and(|unit| unit.agent.failure.is_some())
    }

    /// Tries a unit's failed hook again now, or goes on without it.
    pub(crate) fn resolve(&mut self, name: &UnitName, retry: bool) -> Result<(), Failure> {
        let now = self.now;
        let Some(failure) = self.units.get_mut(name).and_then(|unit| unit.agent.failure.as_mut()) else {
            fail!("unit \"{name}\" is not in an error state")
        };
        match retry {
            true => failure.retry = Some(now),
            false => self.skip_failed(name),
        }
        Ok(())
    }
}
