//! The process that a unit's hooks descend from: what if it is lost, and that it is no leak.
#![cfg(target_os = "linux")]

#[path = "support/probe.rs"]
mod probe;
#[path = "support/strays.rs"]
mod strays;
mod support;

use std::fs;

use probe::{cmdline, kill};
use strays::Stray;
use support::{Juju, is_alive, processes, unit, wait_until};

/// The keepers of an embedded Juju.
fn keepers(juju: &Juju) -> Vec<i32> {
    let state = juju.state();
    let ours = |line: &str| line.contains("--embedded-keeper") && line.contains(&*state.to_string_lossy());
    processes(|pid| ours(&cmdline(pid)))
}

#[test]
fn a_hook_that_loses_its_keeper_has_failed_and_is_over() {
    let juju = Juju::new();
    let stray = Stray::new();
    let deadly = format!(
        "#!/bin/sh\nif [ ! -e ../killed ]; then touch ../killed; kill -9 $PPID; {}; fi\n",
        stray.command
    );
    juju.deploy(&juju.charm("a").script("hooks/config-changed", &deadly), &[]);
    juju.wait("the hook's failure", |status| unit(status, "a/0")["workload-status"]["current"] == "error");
    assert!(juju.log().contains("the process that keeps the unit's hooks was killed"), "{}", juju.log());
    assert_eq!(stray.pid(), None, "it goes on");
    juju.run(&["resolved", "a/0"]).ok();
    juju.wait_for("a/0", "unknown");
    assert_eq!(juju.run(&["exec", "--unit", "a/0", "--", "echo well"]).ok(), "well\n");
}

#[test]
fn a_unit_has_one_keeper_and_it_ends_with_the_unit() {
    let juju = Juju::new();
    let charm = juju.charm("a").dispatch("");
    juju.deploy(&charm, &["-n", "2"]);
    juju.wait_for("a/1", "unknown");
    juju.settle();
    let both = keepers(&juju);
    assert_eq!(both.len(), 2);
    // Another controller finds them.
    kill(juju.controller().expect("a controller"));
    for _ in 0..3 {
        juju.run(&["exec", "--app", "a", "--", "true"]).ok();
    }
    assert_eq!(keepers(&juju), both);
    juju.run(&["remove-unit", "--no-prompt", "a/1"]).ok();
    juju.wait("the unit's end", |status| unit(status, "a/1").is_null());
    wait_until("the keeper's end", || keepers(&juju).len() == 1);
    juju.run(&["destroy-model", "--no-prompt", "test"]).ok();
    assert_eq!(keepers(&juju), Vec::<i32>::new());
}

#[test]
fn deleted_state_leaves_no_keeper() {
    let juju = Juju::new();
    juju.deploy(&juju.charm("a").dispatch(""), &[]);
    juju.wait_for("a/0", "unknown");
    let [keeper] = keepers(&juju)[..] else { panic!("no keeper, or several") };
    kill(juju.controller().expect("a controller"));
    fs::remove_dir_all(juju.state()).expect("the state");
    wait_until("the keeper's end", || !is_alive(keeper));
}
