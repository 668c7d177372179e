//! When charmcraft packs, and what it is told.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::support::{Answer, Project, names};

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

/// Words of charmcraft 4.5.0 from PyPI on Debian, of LXD's and Docker's clients without their daemon.
#[test]
fn it_is_recognised_where_it_cannot_build() {
    const MISSING: &str = "charmcraft internal error: FileNotFoundError(2, 'No such file or directory')";
    let pylxd = format!("Could not connect to API using pylxd. Falling back to command.\n{MISSING}");
    for (words, environment, takes_over) in [
        ("Unable to connect to snapd service.", "", true),
        ("Package backend 'apt' is not supported on this environment.", "", true),
        ("LXD has not been properly initialized.", "lxd", true),
        ("Could not determine lxd version.", "", true),
        ("Error: Get \"http://unix.socket/1.0\": dial unix /x/unix.socket: connect: no such file", "", true),
        ("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", "", true),
        (&pylxd, "", true),
        (MISSING, "multipass", true),
        (MISSING, "", false),
        ("Could not connect to API using pylxd. Falling back to command.", "", false),
    ] {
        let project = Project::new();
        let dir = project.dumped("mine");
        project.write("words", words);
        install(&project, &format!("cat '{}' >&2; exit 1", project.path("words").display()));
        let answer =
            Answer::of(project.xtask().arg("pack").arg(&dir).env("CRAFT_BUILD_ENVIRONMENT", environment));
        if takes_over {
            assert!(answer.stderr.contains("warning: charmcraft has nowhere to build"), "{}", answer.stderr);
            answer.charm();
        } else {
            answer.fails(1, &["charmcraft pack failed in mine"]);
        }
    }
}

/// This machine's architecture and another one.
const ARCHITECTURES: (&str, &str) =
    if cfg!(target_arch = "x86_64") { ("amd64", "arm64") } else { ("arm64", "amd64") };

#[test]
fn of_several_files_the_one_for_this_machine_is_taken() {
    let project = Project::new();
    let dir = project.dumped("mine");
    let (here, there) = ARCHITECTURES;
    // The newest is the other machine's.
    install(&project, &format!("echo x > mine_{here}.charm; sleep 0.05; echo x > mine_{there}.charm"));
    for _ in 0..2 {
        let answer = project.pack(&dir, &[]);
        assert_eq!(answer.charm(), dir.join(format!("mine_{here}.charm")));
    }
    assert_eq!(calls(&project).len(), 1, "the second time it is up to date");
}

#[test]
fn of_several_files_for_this_machine_none_is_taken() {
    let project = Project::new();
    let dir = project.dumped("mine");
    let here = ARCHITECTURES.0;
    let files = [format!("mine_ubuntu-18.04-{here}.charm"), format!("mine_ubuntu-20.04-{here}.charm")];
    install(&project, &format!("for i in 18 20; do echo x > mine_ubuntu-$i.04-{here}.charm; done"));
    for _ in 0..2 {
        let words = ["several files of charm mine", &files[0], &files[1], "CHARM_PATH", "--platform"];
        project.pack(&dir, &[]).fails(1, &words);
    }
    // What an earlier charmcraft.yaml had packed is no candidate.
    install(&project, "echo x > mine_new.charm");
    for file in &files {
        set_time(&dir.join(file), 20);
    }
    set_time(&dir.join("charmcraft.yaml"), 10);
    assert_eq!(project.pack(&dir, &[]).charm(), dir.join("mine_new.charm"));
}

/// E7: what a killed packer left.
#[test]
fn a_file_that_begins_with_a_dot_is_no_charm() {
    let project = Project::new();
    let dir = project.dumped("mine");
    project.write("mine/.packing-x.charm", "half");
    project.write("mine/.mine_amd64.charm", "half");
    install(&project, "exit 0");
    project.pack(&dir, &[]).fails(1, &["left no mine_*.charm"]);
    install(&project, "echo done > mine_amd64.charm");
    assert_eq!(project.pack(&dir, &[]).charm(), dir.join("mine_amd64.charm"));
    let local = project.pack(&dir, &["--packer", "local"]).charm();
    assert_eq!(names(&local), ["dispatch", "manifest.yaml", "metadata.yaml"]);
}

/// E9: as a full disk leaves it.
#[test]
fn an_empty_file_is_not_up_to_date() {
    let project = Project::new();
    let dir = project.dumped("mine");
    project.write("mine/mine_amd64.charm", "");
    install(&project, "echo done > mine_amd64.charm");
    let charm = project.pack(&dir, &[]).charm();
    assert_eq!(std::fs::read_to_string(charm).unwrap(), "done\n");
}

#[test]
fn success_without_a_charm_is_no_success() {
    let project = Project::new();
    let dir = project.dumped("mine");
    install(&project, "exit 0");
    project.pack(&dir, &[]).fails(1, &["left no mine_*.charm"]);
}
