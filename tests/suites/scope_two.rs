//! Another module, another model.

use jubilant::prelude::*;

use crate::trace;

#[juju_test]
fn needs_no_model() {
    trace("no model yet");
}

#[juju_test]
fn has_a_model(juju: &Juju) {
    trace(&format!("model {}", juju.model().unwrap_or_default()));
}
