//! Tests that take their process with them.

use jubilant::prelude::*;

use crate::trace;

#[juju_test]
fn has_a_model(juju: &Juju) {
    trace(&format!("model {}", juju.model().unwrap_or_default()));
}

#[juju_test]
fn ends_the_process() {
    trace("dying");
    match std::env::var("SUITE_DEATH").as_deref() {
        Ok("abort") => std::process::abort(),
        _ => std::process::exit(0),
    }
}

#[juju_test]
fn comes_too_late() {
    trace("never");
}
