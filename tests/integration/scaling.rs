//! Add units, and take one away again.

use jubilant::prelude::*;
use jubilant_tests::get;

#[juju_test(setup)]
fn deploys(juju: &Juju, charm: &Charm) -> TestResult {
    juju.deploy(charm)?;
    juju.wait(all_active().within(minutes(10)).fail_on(any_error()))?;
    Ok(())
}

#[juju_test]
fn scales_up(juju: &Juju) -> TestResult {
    juju.add_unit(AddUnit::new("web").count(2))?;
    juju.wait(app("web").units(3).status("active").idle().within(minutes(10)).fail_on(any_error()))?;
    Ok(())
}

#[juju_test]
fn every_unit_serves_at_its_own_address(juju: &Juju) -> TestResult {
    let status = juju.status()?;
    let mut addresses = Vec::new();
    for unit in ["web/0", "web/1", "web/2"] {
        assert_eq!(get(&status, unit, 8080, "/health")?.code, 200, "{unit}");
        addresses.push(status.unit(unit).context("no such unit")?.address());
    }
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!(addresses.len(), 3);
    Ok(())
}

#[juju_test]
fn scales_down(juju: &Juju) -> TestResult {
    juju.remove_unit("web/1")?;
    let status = juju.wait(app("web").units(2).status("active").within(minutes(5)))?;
    assert!(status.unit("web/1").is_none());
    Ok(())
}
