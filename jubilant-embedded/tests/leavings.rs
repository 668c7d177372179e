//! What was begun and broken off leaves nothing behind.
#![cfg(target_os = "linux")]

#[path = "support/probe.rs"]
mod probe;
mod support;
#[path = "support/tiny_disk.rs"]
mod tiny_disk;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use probe::kill;
use support::{Juju, wait_until};
use tiny_disk::TinyDisk;

fn models(juju: &Juju) -> Vec<PathBuf> {
    let entries = fs::read_dir(juju.state().join("models")).expect("models");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn a_model_that_is_refused() {
    let juju = Juju::new();
    let before = models(&juju);
    for args in [
        &["add-model", "test"][..],
        &["add-model", "Wrong"],
        &["add-model", "other", "--config", "update-status-hook-interval=soon"],
        &["add-model", "other", "--config", "nosuch=1"],
        &["add-model", "other", "--config", "missing.yaml"],
        &["add-model", "other", "aws"],
    ] {
        assert_ne!(juju.run(args).code, Some(0), "{args:?}");
        assert_eq!(models(&juju), before, "{args:?}");
    }
}

#[test]
fn a_model_that_finds_no_room() {
    let Some(disk) = TinyDisk::new() else { return };
    disk.run(&["add-model", "keep"]).ok();
    let listed = || disk.run(&["models", "--format", "json"]).json()["models"].as_array().map_or(0, Vec::len);
    let mut refused = 0;
    // Each time the disk is full at another moment.
    for pages in 0..8 {
        disk.leave(pages * 4096);
        let answer = disk.run(&["add-model", &format!("m{pages}")]);
        refused += usize::from(answer.code != Some(0));
        assert_eq!(disk.models().len(), listed(), "with {pages} pages: {answer:?}");
        disk.free();
    }
    assert!(refused > 0, "there was room every time");
    let before = listed();
    kill(disk.juju.controller().expect("a controller"));
    assert_eq!((listed(), disk.models().len()), (before, before), "what was refused comes back");
}

/// The number of a process that has ended.
fn dead() -> u32 {
    let mut child = Command::new("true").spawn().expect("true starts");
    child.wait().expect("it ends");
    child.id()
}

#[test]
fn installs_and_deployments_that_were_killed() {
    let juju = Juju::new();
    let model = models(&juju).remove(0);
    let bin = juju.state().join("bin");
    let stale = |dead: u32| {
        let file = bin.join(format!(".jubilant-embedded.{dead}"));
        fs::write(&file, "half a program").expect("a file");
        let staging = model.join(format!("staging-{dead}"));
        fs::create_dir_all(staging.join("charm/src")).expect("a directory");
        fs::write(staging.join("charm/src/charm.py"), "half a charm").expect("a file");
        [file, staging]
    };
    let live = bin.join(format!(".jubilant-embedded.{}", std::process::id()));
    fs::write(&live, "not yet whole").expect("a file");

    let left = stale(dead());
    kill(juju.controller().expect("a controller"));
    juju.run(&["status"]).ok();
    for path in &left {
        assert!(!path.exists(), "{} stays after the next start", path.display());
    }
    assert!(live.exists(), "somebody is at it");

    // Another build of the program is installed.
    let left = stale(dead());
    let build = juju.path().join("jubilant-embedded");
    let copied = Command::new("cp").arg(support::PROGRAM).arg(&build).status().expect("cp starts");
    assert!(copied.success());
    let mut command = Command::new(&build);
    command.args(["models"]).env("JUBILANT_EMBEDDED_DIR", juju.state()).env_remove("JUJU_MODEL");
    kill(juju.controller().expect("a controller"));
    assert!(command.output().expect("it starts").status.success());
    for path in &left {
        assert!(!path.exists(), "{} stays after the next install", path.display());
    }
    assert!(live.exists(), "somebody is at it");
    juju.run(&["status"]).ok();
}

/// Destroys a model with many files while another one keeps the controller awake.
#[track_caller]
fn gone_at_once(more: &[&str]) {
    let juju = Juju::bare();
    juju.run(&["add-model", "other"]).ok();
    juju.run(&["add-model", "test"]).ok();
    let mut charm = juju.charm("web");
    for n in 0..3000 {
        charm = charm.file(&format!("data/{}/{n}", n / 100), "x");
    }
    juju.deploy(&charm, &[]);
    juju.wait_for("web/0", "unknown");
    let shown = juju.run(&["show-model", "test", "--format", "json"]).json();
    let dir = juju.state().join("models").join(shown["test"]["model-uuid"].as_str().expect("a UUID"));
    assert!(dir.is_dir());
    let done = AtomicBool::new(false);
    let exists = |dir: &Path| fs::symlink_metadata(dir).is_ok();
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                juju.run(&["model-config", "-m", "other", "http-proxy=http://127.0.0.1:1"]).ok();
            }
        });
        let answer = juju.run(&[&["destroy-model", "--no-prompt", "test"], more].concat());
        let left = exists(&dir);
        done.store(true, Ordering::Relaxed);
        answer.ok();
        assert!(!left, "its directory is still there");
    });
    assert_eq!(models(&juju).len(), 1);
    wait_until("one model", || {
        juju.run(&["models", "--format", "json"]).json()["models"].as_array().map(Vec::len) == Some(1)
    });
}

#[test]
fn a_destroyed_model_is_gone_at_once() {
    gone_at_once(&[]);
}

#[test]
fn a_model_destroyed_by_force_is_gone_at_once() {
    gone_at_once(&["--force", "--no-wait"]);
}
