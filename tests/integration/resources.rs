//! Deploy with the resources that `charmcraft.yaml` names as `upstream-source`.

use jubilant::prelude::*;
use jubilant_tests::get;

#[juju_test(setup)]
fn deploys_with_its_upstream_resources(juju: &Juju, charm: &Charm) -> TestResult {
    let resources = charm.upstream_resources()?;
    assert!(resources.iter().any(|(name, _)| name == "site"), "{resources:?}");
    juju.deploy(Deploy::new(charm).resources(resources))?;
    juju.wait(all_active().within(minutes(10)).fail_on(any_error()))?;
    Ok(())
}

#[juju_test]
fn serves_the_page_of_the_resource(juju: &Juju) -> TestResult {
    let page = get(&juju.status()?, "web/0", 8080, "/")?;
    assert!(page.body.contains("Served by the test charm"), "{}", page.body);
    Ok(())
}
