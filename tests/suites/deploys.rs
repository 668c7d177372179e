//! A module that works until one test fails; the ones after it still run.

use jubilant::prelude::*;

use crate::trace;

#[juju_test(setup)]
fn deploys(juju: &Juju, charm: &Charm) -> TestResult {
    trace("deploys");
    juju.deploy(charm)?;
    juju.wait(all_active().within(minutes(2)).fail_on(any_error()))?;
    Ok(())
}

#[juju_test]
fn works(juju: &Juju) -> TestResult {
    trace(&format!("works on {}", juju.model().unwrap_or_default()));
    assert!(juju.status()?.unit("tiny/0").is_some());
    Ok(())
}

#[juju_test]
fn fails(_juju: &Juju) {
    panic!("this test always fails");
}

#[juju_test]
fn still_runs() {
    trace("still runs");
}
