//! A configuration that blocks the charm, and one that lets it recover.

use jubilant::prelude::*;

#[juju_test(setup)]
fn deploys(juju: &Juju, charm: &Charm) -> TestResult {
    juju.deploy(charm)?;
    juju.wait(all_active().within(minutes(10)).fail_on(any_error()))?;
    Ok(())
}

#[juju_test]
#[case("not a host name", "blocked")]
#[case("example.com", "active")]
#[case("-bad-", "blocked")]
#[case("localhost", "active")]
fn follows_its_server_name(juju: &Juju, #[case] server_name: &str, #[case] status: &str) -> TestResult {
    juju.set_config("web", [("server-name", server_name)])?;
    juju.wait(app("web").status(status).within(minutes(3)).fail_on(any_error()))?;
    Ok(())
}

#[juju_test]
fn says_what_is_wrong(juju: &Juju) -> TestResult {
    juju.set_config("web", [("server-name", "no good")])?;
    juju.wait(app("web").status("blocked").message("no good").within(minutes(3)))?;
    Ok(())
}

#[juju_test]
fn refuses_an_option_it_does_not_have(juju: &Juju) {
    let error = juju.set_config("web", [("colour", "red")]).expect_err("`colour` is no option");
    assert!(error.to_string().contains("colour"), "{error}");
}
