//! rstest's and libtest's attributes.

use std::time::Duration;

use jubilant::prelude::*;

use crate::trace;

#[juju_test]
#[ignore = "needs a real cloud"]
fn is_ignored() {
    trace("ignored one ran");
}

#[juju_test]
#[should_panic(expected = "deliberate")]
fn panics_as_expected() {
    panic!("a deliberate panic");
}

#[juju_test]
#[should_panic]
fn does_not_panic() {}

#[juju_test]
#[timeout(Duration::from_millis(50))]
fn takes_too_long() {
    std::thread::sleep(Duration::from_secs(60));
}

#[juju_test]
fn prints_and_passes() {
    println!("a line of a passing test");
}

#[juju_test]
fn prints_and_fails() {
    println!("a line of a failing test");
    let said = std::process::Command::new("echo").arg("a line of its child process").status();
    assert!(said.is_err(), "the reason it failed");
}

#[juju_test]
fn returns_an_error() -> TestResult {
    Err(anyhow::anyhow!("the cause").context("the consequence"))
}
