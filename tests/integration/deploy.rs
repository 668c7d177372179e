//! Deploy the charm under test and wait until it works.

use jubilant::prelude::*;

#[juju_test(setup)]
fn deploys(juju: &Juju, charm: &Charm) -> TestResult {
    juju.deploy(Deploy::new(charm).config("greeting", "hello from the suite"))?;
    juju.wait(all_active().and(all_agents_idle()).within(minutes(10)).fail_on(any_error()))?;
    Ok(())
}

#[juju_test]
fn is_one_active_unit_that_leads(juju: &Juju) -> TestResult {
    let status = juju.status()?;
    let web = status.app("web").context("no application `web`")?;
    assert!(web.is_active());
    assert_eq!(web.units.len(), 1);
    let (leader, _) = status.leader("web").context("no leader")?;
    assert_eq!(leader, "web/0");
    Ok(())
}

#[juju_test]
fn has_the_configuration_it_was_deployed_with(juju: &Juju) -> TestResult {
    let greeting: Option<String> = juju.config("web")?.get("greeting");
    assert_eq!(greeting.as_deref(), Some("hello from the suite"));
    Ok(())
}
