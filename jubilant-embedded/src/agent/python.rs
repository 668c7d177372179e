//! Why a Python charm no longer runs.

use super::env;
use super::step::Agent;
use crate::python;

/// Says that the interpreter which was chosen for the charm is gone, if so: all that the hook itself says is that some
/// `python` was not found.
pub(super) fn gone(agent: &Agent<'_>) -> Option<String> {
    let bin = agent.look(|model| env::python(&agent.state.dir, model, model.units.get(agent.unit)?))?;
    let path = python::gone(&bin)?;
    Some(format!(
        "{} was chosen to run the charm when it was deployed, and is no longer there: install it again, or refresh the \
         application",
        path.display()
    ))
}
