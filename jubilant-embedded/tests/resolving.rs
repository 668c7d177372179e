//! A hook's result counts only for the step that is still the unit's current one.
#![cfg(target_os = "linux")]

#[path = "support/gate.rs"]
mod gate;
#[path = "support/probe.rs"]
mod probe;
mod support;

use gate::Gate;
use probe::await_calm;
use support::{Juju, unit, units};

/// How the retry of the scene's hook ends.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Well,
    Badly,
}

/// A unit whose `config-changed` failed once, and whose second try stands at a gate.
struct Retrying {
    juju: Juju,
    gate: Gate,
}

impl Retrying {
    fn new(end: End, automatic: bool) -> Self {
        let juju = Juju::new();
        let gate = Gate::new(&juju, "retry");
        juju.run(&["model-config", &format!("automatically-retry-hooks={automatic}")]).ok();
        let exit = if end == End::Badly { "exit 3" } else { "exit 0" };
        let again = format!("{}; juju-log 'T> past'; open-port 80; {exit}", gate.pass());
        let charm = juju.charm("web").dispatch(&format!(
            "case $JUJU_HOOK_NAME in config-changed) if [ -e ../once ]; then {again}; else : > ../once; exit 4; fi;; esac"
        ));
        juju.deploy(&charm, &[]);
        juju.wait_for("web/0", "error");
        juju.run(&["resolved", "web/0"]).ok();
        gate.await_reached(&juju);
        Self { juju, gate }
    }

    /// Whether the command was taken; a unit that runs a hook may also be no unit in an error state.
    #[track_caller]
    fn resolve(&self, more: &[&str]) -> bool {
        let answer = self.juju.run(&[&["resolved", "web/0"], more].concat());
        if answer.code != Some(0) {
            answer.fails(1, "unit \"web/0\" is not in an error state");
            return false;
        }
        true
    }

    /// The unit gets to its `start` after exactly two tries, and has nothing more to do then.
    #[track_caller]
    fn goes_on(&self) {
        let status = self.juju.wait_for("web/0", "unknown");
        self.juju.settle();
        await_calm(self.juju.controller().expect("a controller"));
        assert_eq!(unit(&status, "web/0")["juju-status"]["current"], "idle", "{status:#}");
        let trace = self.juju.trace_of("web/0");
        let at = |hook: &str| trace.iter().position(|line| line.starts_with(hook));
        assert_eq!(trace.iter().filter(|line| line.contains("config-changed")).count(), 2, "{trace:?}");
        assert!(
            at("hooks/start").is_some() && at("past") < at("hooks/start"),
            "one hook at a time: {trace:?}"
        );
        self.juju.run(&["config", "web"]).ok();
        self.juju.run(&["exec", "--unit", "web/0", "--wait", "20s", "--", "true"]).ok();
        self.juju.run(&["destroy-model", "--no-prompt", "--timeout", "20s", "test"]).ok();
    }

    fn port_is_open(&self) -> bool {
        unit(&self.juju.status(), "web/0").get("open-ports").is_some()
    }
}

#[track_caller]
fn skipped_while_the_retry_fails(automatic: bool) {
    let scene = Retrying::new(End::Badly, automatic);
    let taken = scene.resolve(&["--no-retry"]);
    scene.gate.open();
    if !taken {
        support::wait_until("second failure", || scene.juju.log().contains("exit status 3"));
        scene.juju.wait_for("web/0", "error");
        scene.juju.run(&["resolved", "--no-retry", "web/0"]).ok();
    }
    scene.juju.wait_for("web/0", "unknown");
    assert!(!scene.port_is_open(), "a failed hook has no effect");
    scene.goes_on();
}

#[test]
fn skipping_a_hook_whose_retry_runs_and_fails() {
    skipped_while_the_retry_fails(false);
}

#[test]
fn skipping_a_hook_whose_automatic_retry_runs_and_fails() {
    skipped_while_the_retry_fails(true);
}

#[test]
fn skipping_a_hook_whose_retry_runs_and_succeeds() {
    let scene = Retrying::new(End::Well, false);
    let taken = scene.resolve(&["--no-retry"]);
    scene.gate.open();
    scene.juju.wait_for("web/0", "unknown");
    assert_eq!(scene.port_is_open(), !taken, "what comes after the skip is nobody's result");
    scene.goes_on();
}

#[test]
fn skipping_a_hook_twice_while_its_retry_runs() {
    let scene = Retrying::new(End::Well, true);
    scene.resolve(&["--no-retry"]);
    scene.resolve(&["--no-retry"]);
    scene.gate.open();
    scene.goes_on();
}

#[test]
fn retrying_a_hook_whose_retry_runs_and_succeeds() {
    let scene = Retrying::new(End::Well, false);
    scene.resolve(&[]);
    scene.gate.open();
    scene.juju.wait_for("web/0", "unknown");
    assert!(scene.port_is_open(), "it is the current step's own result");
    scene.goes_on();
}

#[test]
fn a_unit_goes_by_force_while_a_retry_runs_and_fails() {
    let scene = Retrying::new(End::Badly, false);
    let juju = &scene.juju;
    juju.run(&["remove-unit", "--no-prompt", "--force", "web/0"]).ok();
    scene.gate.open();
    juju.wait("end of the unit", |all| units(all).is_empty());
    await_calm(juju.controller().expect("a controller"));
    assert_eq!(juju.leftovers(), Vec::<i32>::new());
    juju.run(&["add-unit", "web"]).ok();
    juju.run(&["destroy-model", "--no-prompt", "--force", "--no-wait", "test"]).ok();
}

#[test]
fn a_unit_is_skipped_and_removed_by_force_while_its_retry_runs() {
    let scene = Retrying::new(End::Badly, true);
    let juju = &scene.juju;
    scene.resolve(&["--no-retry"]);
    juju.run(&["remove-unit", "--no-prompt", "--force", "web/0"]).ok();
    scene.gate.open();
    juju.wait("end of the unit", |all| units(all).is_empty());
    await_calm(juju.controller().expect("a controller"));
    juju.run(&["destroy-model", "--no-prompt", "--timeout", "20s", "test"]).ok();
}

#[test]
fn a_config_change_during_config_changed_brings_another_one() {
    let juju = Juju::new();
    let gate = Gate::new(&juju, "config");
    let body = format!(
        "case $JUJU_HOOK_NAME in config-changed) value=$(config-get v); if [ $value = 1 ]; then {}; fi; juju-log \"V> $value\";; esac",
        gate.pass()
    );
    let charm = juju.charm("web").dispatch(&body);
    juju.deploy(&charm.file("config.yaml", "options:\n  v: {type: int, default: 0}\n"), &[]);
    juju.settle();
    juju.run(&["config", "web", "v=1"]).ok();
    gate.await_reached(&juju);
    for value in ["v=2", "v=3"] {
        juju.run(&["config", "web", value]).ok();
    }
    gate.open();
    juju.wait_for_log("V> 3");
    juju.settle();
    await_calm(juju.controller().expect("a controller"));
    let log = juju.log();
    let told: Vec<&str> = log.lines().filter_map(|line| line.split_once("V> ")).map(|(_, v)| v).collect();
    assert_eq!(told, ["0", "1", "3"], "two changes during one hook are one hook");
}
