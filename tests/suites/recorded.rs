//! A run of which much can be told: waits, commands, changes, models, output and every kind of verdict.

use std::path::Path;
use std::time::Duration;

use jubilant::prelude::*;

use crate::{trace, variable};

#[juju_test(setup)]
fn sets_up(juju: &Juju, charm: &Charm) -> TestResult {
    juju.deploy(charm)?;
    juju.wait(all_active().within(minutes(2)).fail_on(any_error()))?;
    Ok(())
}

#[juju_test]
fn tells_a_secret(juju: &Juju) {
    let unknown = juju.set_config("tiny", [("no-such-option", "hunter2hunter2")]);
    assert!(unknown.is_err());
    assert!(juju.cli(["config", "tiny", "another-option=hunter2hunter2"]).is_err());
    println!("prínted to the output");
    eprintln!("and to the error output");
}

#[juju_test]
fn times_out(juju: &Juju) -> TestResult {
    juju.wait(app("tiny").status("blocked").within(seconds(1)))?;
    Ok(())
}

#[juju_test]
fn panics() {
    println!("before the panic");
    panic!("a panic\nof two lines");
}

#[juju_test]
#[ignore = "for a reason"]
fn is_left_out() {}

#[juju_test]
fn passes() {}

/// Prints 30 MB in lines that are numbered.
#[juju_test]
fn is_loud() {
    let rest = "x".repeat(989);
    for number in 0..30_000 {
        println!("{number:>9} {rest}");
    }
    panic!("a loud failure");
}

/// Stays until the file that tells it to go is there.
#[juju_test]
fn is_open_to_a_look() {
    trace("look");
    let go = format!("{}.go", variable("SUITE_TRACE"));
    while !Path::new(&go).exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
}
