//! The end of a unit is the end of its own processes, wherever they hide, and of nobody else's.
#![cfg(target_os = "linux")]

#[path = "support/probe.rs"]
mod probe;
#[path = "support/strays.rs"]
mod strays;
mod support;

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use probe::kill;
use strays::Stray;
use support::{Juju, is_alive, units};

/// Everybody who lives in or near one unit.
struct Scene {
    juju: Juju,
    /// Started by a hook, an action and a command of the unit, each hiding in its way.
    own: Vec<Stray>,
    /// Started by the test: two that live in the unit's directory, and one with the unit's environment.
    foreign: Vec<Child>,
}

/// Ways to be forgotten: detached, with an empty environment, in another directory, as nobody's child.
const HIDING: &[&str] = &[
    "setsid S </dev/null >/dev/null 2>&1 &",
    "(cd /; setsid S </dev/null >/dev/null 2>&1 &)",
    "(env -i setsid S </dev/null >/dev/null 2>&1 &)",
    "(cd /; env -i setsid S </dev/null >/dev/null 2>&1 &)",
    "(cd /; env -i setsid sh -c 'trap \"\" TERM HUP; S & sleep 0.1' </dev/null >/dev/null 2>&1 &)",
];

impl Scene {
    fn new() -> Self {
        let juju = Juju::new();
        let own: Vec<Stray> = (0..HIDING.len() * 3).map(|_| Stray::new()).collect();
        let code = |strays: &[Stray]| {
            let starts = HIDING.iter().zip(strays).map(|(way, stray)| way.replace('S', &stray.command));
            starts.collect::<Vec<_>>().join("\n")
        };
        let (of_hook, rest) = own.split_at(HIDING.len());
        let (of_action, of_command) = rest.split_at(HIDING.len());
        let charm = juju.charm("web").file("actions.yaml", "go: {}\n");
        let charm = charm.script("hooks/start", &format!("#!/bin/sh\n{}\n", code(of_hook)));
        juju.deploy(&charm.script("actions/go", &format!("#!/bin/sh\n{}\n", code(of_action))), &[]);
        juju.wait_for("web/0", "unknown");
        juju.run(&["run", "web/0", "go"]).ok();
        juju.run(&["exec", "--unit", "web/0", "--", &code(of_command)]).ok();
        for stray in &own {
            stray.await_start();
        }
        juju.settle();

        let dir = unit_dir(&juju);
        let program = dir.join("home/program");
        // Not by this process: see `a_rebuilt_program_takes_over`.
        let sleep = fs::canonicalize("/bin/sleep").expect("sleep is there");
        assert!(Command::new("cp").arg(sleep).arg(&program).status().expect("cp starts").success());
        let start = |command: &mut Command| command.stdin(Stdio::null()).spawn().expect("it starts");
        let foreign = vec![
            start(Command::new("sleep").arg("1000").current_dir(dir.join("charm"))),
            start(Command::new(&program).arg("1000").current_dir("/")),
            start(
                Command::new("sleep").arg("1000").env("JUJU_CHARM_DIR", dir.join("charm")).current_dir("/"),
            ),
        ];
        Self { juju, own, foreign }
    }

    /// The unit's own have ended, and only they.
    #[track_caller]
    fn only_its_own_have_ended(&mut self) {
        for (n, child) in self.foreign.iter_mut().enumerate() {
            assert!(child.try_wait().expect("it is ours").is_none(), "the test's own process {n} was ended");
        }
        let left: Vec<usize> = (0..self.own.len()).filter(|n| self.own[*n].pid().is_some()).collect();
        assert_eq!(left, Vec::<usize>::new(), "of {} in each of hook, action and command", HIDING.len());
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        for child in &mut self.foreign {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn unit_dir(juju: &Juju) -> PathBuf {
    let mut models = fs::read_dir(juju.state().join("models")).expect("models");
    models.next().expect("one").expect("an entry").path().join("units/web-0")
}

#[test]
fn a_unit_is_removed() {
    let mut scene = Scene::new();
    scene.juju.run(&["remove-unit", "--no-prompt", "web/0"]).ok();
    scene.juju.wait("end of the unit", |all| units(all).is_empty());
    scene.only_its_own_have_ended();
}

#[test]
fn a_model_is_destroyed() {
    let mut scene = Scene::new();
    scene.juju.run(&["destroy-model", "--no-prompt", "--timeout", "20s", "test"]).ok();
    scene.only_its_own_have_ended();
}

#[test]
fn a_model_is_destroyed_by_force() {
    let mut scene = Scene::new();
    scene.juju.run(&["destroy-model", "--no-prompt", "--force", "--no-wait", "test"]).ok();
    scene.only_its_own_have_ended();
}

#[test]
fn a_unit_is_removed_by_another_controller() {
    let mut scene = Scene::new();
    let old = scene.juju.controller().expect("a controller");
    kill(old);
    scene.juju.settle();
    assert!(scene.own.iter().all(|stray| stray.pid().is_some_and(is_alive)), "the workload goes on");
    scene.juju.run(&["remove-unit", "--no-prompt", "web/0"]).ok();
    scene.juju.wait("end of the unit", |all| units(all).is_empty());
    scene.only_its_own_have_ended();
}

#[test]
fn a_model_is_destroyed_right_after_its_controller_was_killed() {
    let mut scene = Scene::new();
    kill(scene.juju.controller().expect("a controller"));
    scene.juju.run(&["kill-controller", "--no-prompt", "embedded"]).ok();
    scene.only_its_own_have_ended();
}
