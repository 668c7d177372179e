//! When charmcraft packs, and what it is told.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::support::{Project, names};

/// A charmcraft that notes its arguments and place, and packs something.
fn install(project: &Project, then: &str) {
    let calls = project.path("calls");
    project.script("programs/charmcraft", &format!("echo \"$PWD:$*\" >> '{}'\n{then}", calls.display()));
}

fn calls(project: &Project) -> Vec<String> {
    fs::read_to_string(project.path("calls")).unwrap_or_default().lines().map(String::from).collect()
}

fn set_time(path: &Path, seconds_ago: u64) {
    let time = SystemTime::now() - Duration::from_secs(seconds_ago);
    File::open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn it_is_preferred_and_run_in_the_charms_directory() {
    let project = Project::new();
    let dir = project.dumped("mine");
    install(&project, "echo done > mine_amd64.charm; echo Packed mine_amd64.charm; echo progress >&2");
    let answer = project.pack(&dir, &["--charmcraft-args", "--destructive-mode -v"]);
    assert_eq!(answer.charm(), dir.join("mine_amd64.charm"));
    assert_eq!(calls(&project), [format!("{}:pack --destructive-mode -v", dir.display())]);
    assert!(answer.stderr.contains("progress"), "its own words are shown: {}", answer.stderr);

    // `--packer local` does without it.
    let local = project.pack(&dir, &["--packer", "local"]);
    assert_eq!(local.charm(), dir.join("mine_any-machine.charm"));
    assert!(local.stderr.contains("asked for"));
    assert_eq!(calls(&project).len(), 1);
}

#[test]
fn it_runs_again_only_for_a_newer_source() {
    let project = Project::new();
    let dir = project.dumped("mine");
    install(&project, "echo done > mine_amd64.charm");
    let charm = project.pack(&dir, &[]).charm();
    set_time(&charm, 10);
    for (path, ago) in [(dir.join("dispatch"), 20), (dir.join("charmcraft.yaml"), 20)] {
        set_time(&path, ago);
    }
    let again = project.pack(&dir, &[]);
    assert!(again.stderr.contains("up to date (packed by charmcraft)"), "{}", again.stderr);
    // A test of the charm is not in the charm.
    project.write("mine/tests/integration/main.rs", "new");
    assert_eq!(project.pack(&dir, &[]).charm(), charm);
    assert_eq!(calls(&project).len(), 1);
    set_time(&dir.join("dispatch"), 5);
    assert_eq!(project.pack(&dir, &[]).charm(), charm);
    assert_eq!(calls(&project).len(), 2);
}

#[test]
fn what_the_local_packer_made_is_packed_again() {
    let project = Project::new();
    let dir = project.dumped("mine");
    project.pack(&dir, &["--packer", "local"]).charm();
    install(&project, "echo done > mine_amd64.charm");
    assert_eq!(project.pack(&dir, &[]).charm(), dir.join("mine_amd64.charm"));
}

#[test]
fn its_failure_is_a_failure() {
    let project = Project::new();
    let dir = project.dumped("mine");
    install(&project, "echo 'Failed to run the build script for part all' >&2; exit 1");
    let answer = project.pack(&dir, &[]);
    answer.fails(1, &["charmcraft pack failed in mine"]);
    assert!(answer.stderr.contains("build script for part all"));
    assert!(!dir.join("mine_any-machine.charm").exists());
}

#[test]
fn without_a_place_to_build_the_local_packer_takes_over() {
    let project = Project::new();
    let dir = project.dumped("mine");
    install(&project, "echo 'LXD is required, but not installed.' >&2; exit 1");
    let answer = project.pack(&dir, &[]);
    assert!(answer.stderr.contains("warning: charmcraft has nowhere to build"), "{}", answer.stderr);
    assert!(names(&answer.charm()).contains(&"dispatch".to_owned()));
    project.pack(&dir, &["--packer", "charmcraft"]).fails(1, &["nowhere to build", "--packer local"]);
}

#[test]
fn success_without_a_charm_is_no_success() {
    let project = Project::new();
    let dir = project.dumped("mine");
    install(&project, "exit 0");
    project.pack(&dir, &[]).fails(1, &["left no mine_*.charm"]);
}
