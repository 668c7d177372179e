//! A full disk: models can still be destroyed, and nothing that was confirmed is lost.
#![cfg(target_os = "linux")]

#[path = "support/probe.rs"]
mod probe;
mod support;
#[path = "support/tiny_disk.rs"]
mod tiny_disk;

use probe::{cmdline, kill};
use serde_json::Value;
use support::{Juju, is_alive, processes, unit, wait_until};
use tiny_disk::TinyDisk;

/// Deploys `web`, whose unit leaves a daemon behind, in a new model.
#[track_caller]
fn add_model(disk: &TinyDisk, model: &str) {
    let body = "case $JUJU_HOOK_NAME in start) setsid sleep 1000 </dev/null >/dev/null 2>&1 & status-set active;; esac";
    let charm = disk.juju.charm("web").script("dispatch", &format!("#!/bin/sh\n{body}\n"));
    let charm = charm.file("config.yaml", "options:\n  v: {type: int, default: 0}\n");
    disk.run(&["add-model", model]).ok();
    disk.run(&["deploy", charm.path()]).ok();
    wait_until("active unit", || {
        let status = disk.run(&["status", "-m", model, "--format", "json"]).json();
        unit(&status, "web/0")["workload-status"]["current"] == "active"
            && unit(&status, "web/0")["juju-status"]["current"] == "idle"
    });
}

/// The daemons of the units.
fn daemons(juju: &Juju) -> Vec<i32> {
    processes(|pid| cmdline(pid) == "sleep 1000" && juju.leftovers().contains(&pid))
}

fn config(disk: &TinyDisk) -> Value {
    disk.run(&["config", "-m", "keep", "web", "v", "--format", "json"]).json()
}

/// Destroys one of two models on a full disk.
#[track_caller]
fn destroys(restarted: bool, more: &[&str]) {
    let Some(disk) = TinyDisk::new() else { return };
    add_model(&disk, "keep");
    let kept = daemons(&disk.juju);
    add_model(&disk, "gone");
    let ending: Vec<i32> = daemons(&disk.juju).into_iter().filter(|pid| !kept.contains(pid)).collect();
    assert_eq!((kept.len(), ending.len()), (1, 1));
    disk.fill();
    if restarted {
        kill(disk.juju.controller().expect("a controller"));
    }
    disk.run(&[&["destroy-model", "--no-prompt", "--timeout", "30s", "gone"], more].concat()).ok();
    assert_eq!(disk.models().len(), 1, "its directory stays");
    assert!(!is_alive(ending[0]), "its daemon stays");
    assert!(is_alive(kept[0]), "the other model's daemon goes on");
    disk.free();
    let status = disk.run(&["status", "-m", "keep", "--format", "json"]).json();
    assert_eq!(unit(&status, "web/0")["workload-status"]["current"], "active");
    disk.run(&["config", "-m", "keep", "web", "v=7"]).ok();
    assert_eq!(config(&disk), 7);
}

#[test]
fn a_model_is_destroyed() {
    destroys(false, &[]);
}

#[test]
fn a_model_is_destroyed_by_force() {
    destroys(false, &["--force", "--no-wait"]);
}

#[test]
fn a_model_is_destroyed_by_a_new_controller() {
    destroys(true, &["--force"]);
}

#[test]
fn a_controller_is_killed() {
    let Some(disk) = TinyDisk::new() else { return };
    add_model(&disk, "one");
    add_model(&disk, "two");
    disk.fill();
    disk.run(&["kill-controller", "--no-prompt", "embedded"]).ok();
    assert_eq!(disk.models(), Vec::<String>::new());
    assert_eq!(disk.juju.leftovers(), Vec::<i32>::new());
}

#[test]
fn what_was_confirmed_is_kept() {
    let Some(disk) = TinyDisk::new() else { return };
    add_model(&disk, "keep");
    disk.run(&["config", "web", "v=1"]).ok();
    disk.fill();
    // What fits into the last page may be confirmed yet; what is not is refused in words.
    let mut confirmed = 1;
    for value in 2..40 {
        let answer = disk.run(&["config", "web", &format!("v={value}")]);
        match answer.code {
            Some(0) => confirmed = value,
            _ => drop(answer.fails(1, "No space left on device")),
        }
        assert_eq!(config(&disk), confirmed);
    }
    assert!(confirmed < 39, "the disk is not full");
    let confirms = |args: &[&str]| {
        let answer = disk.run(args);
        answer.code == Some(0) || answer.fails(1, "No space left on device").code == Some(0)
    };
    let units = 1 + usize::from(confirms(&["add-unit", "web"]));
    let trust = confirms(&["trust", "web"]);
    confirms(&["model-config", "http-proxy=http://localhost:1"]);
    kill(disk.juju.controller().expect("a controller"));
    assert_eq!(config(&disk), confirmed, "read again while the disk is full");
    kill(disk.juju.controller().expect("a controller"));
    disk.free();
    assert_eq!(config(&disk), confirmed, "read again when there is room");
    let status = disk.run(&["status", "--format", "json"]).json();
    assert_eq!(support::units(&status).len(), units, "{status:#}");
    assert_eq!(disk.run(&["config", "web", "trust"]).ok(), format!("{trust}\n"));

    disk.run(&["config", "web", "v=100"]).ok();
    disk.run(&["exec", "--unit", "web/0", "--wait", "20s", "--", "true"]).ok();
    kill(disk.juju.controller().expect("a controller"));
    assert_eq!(config(&disk), 100, "what came after half a write is read");
    assert!(!disk.run(&["debug-log", "--replay"]).ok().is_empty());
}

#[test]
fn a_charm_that_does_not_fit_leaves_nothing() {
    let Some(disk) = TinyDisk::new() else { return };
    add_model(&disk, "keep");
    let big = disk.juju.charm("big").dispatch("").file("data", &"x".repeat(3_000_000));
    disk.leave(1_000_000);
    let before = disk.run(&["status", "--format", "json"]).json()["applications"].clone();
    disk.run(&["deploy", big.path()]).fails(1, "No space left on device");
    assert_eq!(disk.run(&["status", "--format", "json"]).json()["applications"], before);
    let model = disk.state().join("models").join(&disk.models()[0]);
    let staged = |dir: &std::path::Path| {
        let entries = std::fs::read_dir(dir).expect("a directory").flatten();
        entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with("web")).count()
    };
    assert_eq!(staged(&model.join("charms")), 0);
    let names: Vec<String> = std::fs::read_dir(&model)
        .expect("the model")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert!(!names.iter().any(|name| name.starts_with("staging")), "{names:?}");
    disk.free();
    disk.run(&["deploy", big.path()]).ok();
    wait_until("started unit", || {
        let status = disk.run(&["status", "--format", "json"]).json();
        unit(&status, "big/0")["workload-status"]["current"] == "unknown"
    });
}

#[test]
fn a_unit_goes_on_when_there_is_room_again() {
    let Some(disk) = TinyDisk::new() else { return };
    add_model(&disk, "keep");
    disk.fill();
    // It may fail or not; it must not take the controller along.
    drop(disk.run(&["exec", "--unit", "web/0", "--wait", "2s", "--", "echo x > ../file"]));
    drop(disk.run(&["exec", "--background", "--unit", "web/0", "--", "echo y > ../file"]));
    disk.run(&["status"]).ok();
    disk.free();
    let done = disk.run(&["exec", "--unit", "web/0", "--wait", "20s", "--", "echo z > ../file; cat ../file"]);
    assert!(done.ok().ends_with("z\n"));
}
