//! Run an action and use what it answers.

use jubilant::prelude::*;
use jubilant_tests::get;

#[juju_test(setup)]
fn deploys(juju: &Juju, charm: &Charm) -> TestResult {
    juju.deploy(charm)?;
    juju.wait(all_active().within(minutes(10)).fail_on(any_error()))?;
    Ok(())
}

#[juju_test]
fn registers_a_user(juju: &Juju) -> TestResult {
    let task = juju.run("web/leader", Action::new("register-user").param("username", "ubuntu"))?;
    let password: String = task.result("password")?;
    assert!(password.len() >= 16, "a password of {} characters", password.len());
    assert!(get(&juju.status()?, "web/0", 8080, "/users/ubuntu")?.body.contains("registered"));
    Ok(())
}

#[juju_test]
fn refuses_a_user_twice(juju: &Juju) -> TestResult {
    let again = juju.run("web/0", Action::new("register-user").param("username", "ubuntu"));
    let error = again.expect_err("the user exists");
    let task = error.task().context("the action itself failed")?;
    assert_eq!(task.status, "failed");
    assert!(task.message.contains("ubuntu"), "{}", task.message);
    Ok(())
}

#[juju_test]
fn an_unknown_action_is_an_error(juju: &Juju) {
    assert!(juju.run("web/0", "fly").is_err());
}
