//! A wait that lasts.

use jubilant::prelude::*;

#[juju_test]
fn waits_in_vain(juju: &Juju, charm: &Charm) -> TestResult {
    juju.deploy(charm)?;
    juju.wait(app("tiny").status("blocked").within(seconds(6)))?;
    Ok(())
}
