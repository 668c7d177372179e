//! What a charm is packed for: the file's name and the manifest.

use serde_json::json;

use crate::support::{Project, yaml};

const LOCAL: [&str; 2] = ["--packer", "local"];
const PARTS: &str = "parts: {all: {plugin: dump, source: ., stage: [dispatch]}}";

#[test]
fn every_system_of_the_bases_is_named() {
    let project = Project::new();
    let system =
        |channel: &str| format!("{{name: ubuntu, channel: '{channel}', architectures: [amd64, arm64]}}");
    let (focal, jammy) = (system("20.04"), system("22.04"));
    let alma = "{name: almalinux, channel: '9', architectures: [amd64]}";
    let bases = format!("bases: [{{build-on: [{jammy}], run-on: [{jammy}, {focal}, {alma}]}}]");
    let charm = project.pack(&project.charm("old", &format!("{bases}\n{PARTS}")), &LOCAL).charm();
    assert_eq!(
        charm.file_name().unwrap(),
        "old_ubuntu-22.04-amd64-arm64_ubuntu-20.04-amd64-arm64_almalinux-9-amd64.charm"
    );
    let arches = json!(["amd64", "arm64"]);
    assert_eq!(
        yaml(&charm, "manifest.yaml")["bases"],
        json!([
            {"name": "ubuntu", "channel": "22.04", "architectures": arches},
            {"name": "ubuntu", "channel": "20.04", "architectures": arches},
            {"name": "almalinux", "channel": "9", "architectures": ["amd64"]},
        ])
    );
}

#[test]
fn all_architectures_stay_all() {
    let project = Project::new();
    let charm = project.pack(&project.dumped("mine"), &LOCAL).charm();
    assert_eq!(yaml(&charm, "manifest.yaml")["bases"][0]["architectures"], json!(["all"]));
}

#[test]
fn of_several_platforms_the_first_is_packed_and_said() {
    let project = Project::new();
    let here = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };
    let platforms = format!("platforms:\n  s390x:\n  ubuntu@22.04:{here}:\n  ubuntu@24.04:{here}:\n");
    let dir = project.charm("mine", &format!("base: ubuntu@24.04\n{platforms}{PARTS}"));
    let answer = project.pack(&dir, &LOCAL);
    assert_eq!(answer.charm(), dir.join(format!("mine_ubuntu@22.04-{here}.charm")));
    let words = format!(
        "mine: ubuntu@22.04-{here} and ubuntu@24.04-{here} fit this machine: packing the first, ubuntu@22.04-{here}\n"
    );
    assert!(answer.stderr.contains(&words), "{}", answer.stderr);
}

#[test]
fn a_wrong_base_is_told_with_the_charms_name() {
    let project = Project::new();
    for (yaml, words) in [
        ("base: ubuntu@24.10\nplatforms: {amd64: }", "knows no base ubuntu@24.10"),
        ("base: ubuntu@24.04\nplatforms: {any: {build-on: [amd64], build-for: [all]}}", "\"any\""),
        ("bases: [{name: ubuntu, channel: 22.04}]", "write '22.04' in quotes"),
        ("bases: [{name: ubuntu, channel: '24.04'}]", "`bases` knows no ubuntu 24.04"),
    ] {
        let dir = project.charm("mine", &format!("{yaml}\n{PARTS}"));
        project.pack(&dir, &LOCAL).fails(1, &["charm mine: ", words]);
    }
}
