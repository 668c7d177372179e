//! Packing again, several charms at once, from anywhere, and being stopped.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Answer, PLATFORM, Project, contents};

const LOCAL: [&str; 2] = ["--packer", "local"];

/// Which file it is, and when it was last changed.
fn identity(file: &Path) -> (u64, i64, i64) {
    let data = fs::metadata(file).unwrap();
    (data.ino(), data.ctime(), data.ctime_nsec())
}

#[test]
fn the_packer_asked_by_force_packs_what_is_up_to_date() {
    let project = Project::new();
    let dir = project.dumped("forced");
    let charm = project.pack(&dir, &LOCAL).charm();
    let (bytes, first) = (fs::read(&charm).unwrap(), identity(&charm));
    assert!(project.pack(&dir, &LOCAL).stderr.contains("unchanged"));
    assert_eq!(identity(&charm), first);
    let again = project.pack(&dir, &["--packer", "local", "--force"]);
    assert!(again.stderr.contains("packed"), "{}", again.stderr);
    assert_ne!(identity(&charm), first);
    assert_eq!(fs::read(&charm).unwrap(), bytes);
}

#[test]
fn an_archive_that_somebody_else_changed_is_packed_again() {
    let project = Project::new();
    let dir = project.dumped("changed");
    let charm = project.pack(&dir, &LOCAL).charm();
    let bytes = fs::read(&charm).unwrap();
    let mut other = bytes.clone();
    let at = other.windows(6).position(|part| part == b"exit 0").unwrap();
    other[at + 5] = b'1';
    fs::write(&charm, other).unwrap();
    assert!(project.pack(&dir, &LOCAL).stderr.contains("packed"));
    assert_eq!(fs::read(&charm).unwrap(), bytes);
}

#[test]
fn a_change_of_the_same_size_right_after_a_pack_is_noticed() {
    let project = Project::new();
    let dir = project.dumped("raced");
    for number in 0..20 {
        fs::write(dir.join("dispatch"), format!("#!/bin/sh\nexit {:02}\n", number)).unwrap();
        let charm = project.pack(&dir, &LOCAL).charm();
        let all = contents(&charm);
        let (_, _, dispatch) = all.iter().find(|(name, _, _)| name == "dispatch").unwrap();
        assert!(dispatch.ends_with(format!("{number:02}\n").as_bytes()), "{number}");
    }
}

#[test]
fn several_charms_are_packed_side_by_side() {
    let project = Project::new();
    let names: Vec<String> = (0..5).map(|number| format!("side-{number}")).collect();
    let dirs: Vec<_> = names.iter().map(|name| project.dumped(name)).collect();
    let answer = Answer::of(project.xtask().arg("pack").args(LOCAL).args(&dirs));
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    let expected: Vec<String> = dirs
        .iter()
        .zip(&names)
        .map(|(dir, name)| format!("{}/{name}_any-machine.charm", dir.display()))
        .collect();
    assert_eq!(answer.stdout.lines().collect::<Vec<_>>(), expected, "in the order of the command line");

    // Those that can be are packed, and each that cannot be has its reason.
    project.write("side-1/charmcraft.yaml", "type: rock");
    project.write("side-3/charmcraft.yaml", "type: bundle");
    project.script("side-4/dispatch", "exit 4");
    let answer = Answer::of(project.xtask().arg("pack").args(LOCAL).args(&dirs));
    answer.fails(1, &["side-3/charmcraft.yaml is of type"]);
    for text in ["error: ", "side-1/charmcraft.yaml is of type", "side-4: packed"] {
        assert!(answer.stderr.contains(text), "no {text:?} in {}", answer.stderr);
    }
}

#[test]
fn two_processes_pack_the_same_charm() {
    let project = Project::new();
    let dir = project.dumped("both-at-once");
    let start = || {
        let mut command = project.xtask();
        command.args(["pack", "--packer", "local"]).arg(&dir).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let both: Vec<_> = (0..4).map(|_| start()).collect();
    let answers: Vec<String> = both
        .into_iter()
        .map(|child| String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap())
        .collect();
    let packed = answers.iter().filter(|answer| answer.contains(": packed")).count();
    assert_eq!(packed, 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.contains("unchanged")).count(), 3, "{answers:?}");
}

#[test]
fn packs_without_a_cargo_workspace() {
    let project = Project::new();
    let dir = project.dumped("lonely");
    let cache = project.path("cache");
    let run = |from: &Path, args: &[&str]| {
        let mut command = project.program(env!("CARGO_BIN_EXE_jubilant"));
        command.current_dir(from).env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_TARGET_DIR");
        command.env("XDG_CACHE_HOME", &cache).arg("pack").args(LOCAL).args(args);
        Answer::of(&mut command)
    };
    let charm = run(&dir, &["."]).charm();
    assert_eq!(charm, dir.join("lonely_any-machine.charm"));
    assert!(cache.join("jubilant/charms/lonely").is_dir());
    assert_eq!(run(&project.path("."), &["lonely"]).charm(), charm);
    assert!(run(&project.path("."), &["lonely"]).stderr.contains("unchanged"));
    assert_eq!(run(&dir, &[]).charm(), charm, "the charm of the current directory");
    let old = project.path("old");
    project.script("old/hooks/install", "exit 0");
    project.write("old/metadata.yaml", "name: old\nsummary: x\ndescription: x\n");
    let answer = run(&old, &[]);
    assert_eq!(answer.charm().parent(), Some(&*old), "without charmcraft.yaml");
    assert!(answer.stderr.contains("all of it is packed as plugin `dump` does"), "{}", answer.stderr);
    let nowhere = run(&project.path("programs"), &["."]);
    nowhere.fails(1, &["no charmcraft.yaml", "programs"]);
    run(&project.path("programs"), &[]).fails(1, &["no charmcraft.yaml", "programs", "pack DIR"]);
}

#[test]
fn a_stopped_pack_leaves_nothing_behind() {
    for signal in [Signal::INT, Signal::KILL] {
        let project = Project::new();
        let dir = project.charm("stopped", &format!("{PLATFORM}parts: {{all: {{plugin: dump, source: .}}}}"));
        // Much to write, nothing to read.
        File::create(dir.join("much")).unwrap().set_len(2 << 30).unwrap();
        let mut command = project.xtask();
        let mut child =
            command.args(["pack", "--packer", "local"]).arg(&dir).stderr(Stdio::null()).spawn().unwrap();
        let io = format!("/proc/{}/io", child.id());
        let has_begun = || {
            let text = fs::read_to_string(&io).unwrap_or_default();
            let read = text.lines().find_map(|line| line.strip_prefix("rchar: ")?.parse::<u64>().ok());
            read.is_some_and(|read| read > 50 << 20)
        };
        let deadline = Instant::now() + Duration::from_secs(60);
        while !has_begun() {
            assert!(child.try_wait().unwrap().is_none(), "it was too quick");
            assert!(Instant::now() < deadline, "it does not begin");
            thread::sleep(Duration::from_millis(2));
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert!(child.wait().unwrap().code().is_none());
        let mut left: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["charmcraft.yaml", "dispatch", "much"], "{signal:?}");
    }
}
