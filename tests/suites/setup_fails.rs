//! A charm whose install hook fails: the rest of the module is skipped, and the reason is shown.

use jubilant::prelude::*;

use crate::trace;

#[juju_test(setup)]
fn deploys(juju: &Juju, charm: &Charm) -> TestResult {
    juju.deploy(charm)?;
    trace(&format!("model {}", juju.model().unwrap_or_default()));
    juju.wait(all_active().within(minutes(2)).fail_on(any_error()))?;
    Ok(())
}

#[juju_test]
fn never_runs() {
    trace("never");
}
