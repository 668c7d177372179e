//! What cannot be packed is said in one sentence, and nothing is left behind.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::support::{Answer, PLATFORM, Project};

#[test]
fn parts_that_need_charmcraft() {
    for (part, why) in [
        ("{plugin: reactive}", "its plugin is `reactive`"),
        ("{plugin: nil, override-prime: make}", "it has `override-prime`"),
        ("{plugin: nil, stage-packages: [hello]}", "it has `stage-packages`"),
        ("{plugin: dump, source: 'https://example.com/a.git'}", "its source is not in this repository"),
        ("{plugin: dump, source: 'lp:thing'}", "its source is not in this repository"),
        ("{plugin: dump, source: /usr/lib}", "its source is a place on this machine"),
        ("{plugin: dump, source: ., source-type: git}", "its source is of type"),
        ("{plugin: rust, source: ., rust-channel: nightly}", "it wants Rust nightly"),
    ] {
        let project = Project::new();
        let dir = project.charm("any", &format!("{PLATFORM}parts: {{thing: {part}}}"));
        project.pack(&dir, &["--packer", "local"]).fails(1, &["part `thing`", why, "install charmcraft"]);
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 2, "{part}");
    }
}

#[test]
fn mistakes_in_a_charm() {
    let dump = "parts: {thing: {plugin: dump, source: .}}";
    for (yaml, texts) in [
        ("parts: {thing: {plugin: dump, source: .}}".to_owned(), vec!["names no platform"]),
        ("platforms: {amd64: }\n".to_owned() + dump, vec!["\"amd64\"", "has no base"]),
        (
            format!("{PLATFORM}parts: {{thing: {{plugin: dump, source: nowhere}}}}"),
            vec!["`thing`", "nowhere"],
        ),
        (format!("{PLATFORM}parts: {{thing: {{plugin: rust, source: .}}}}"), vec!["`thing`", "Cargo.toml"]),
        (format!("{PLATFORM}parts: {{thing: {{plugin: nil}}}}"), vec!["neither dispatch nor hooks/"]),
        (
            format!("{PLATFORM}parts: {{thing: {{plugin: dump, source: ., stage: dispatch}}}}"),
            vec!["`stage`"],
        ),
        (format!("{PLATFORM}parts: {{thing: {{plugin: dump, source: ., prime: ['a[b]']}}}}"), vec!["a[b]"]),
        (format!("{PLATFORM}parts: {{thing: {{plugin: dump}}}}"), vec!["`thing` has no `source`"]),
        (
            format!("{PLATFORM}parts: {{thing: {{plugin: dump, source: 1}}}}"),
            vec!["`thing`", "`source`", "is 1"],
        ),
        (format!("{PLATFORM}parts: {{thing: {{plugin: nil, after: x}}}}"), vec!["`thing`", "`after`"]),
        ("name: twice".to_owned(), vec!["charmcraft.yaml is not right", "duplicate"]),
        ("\tparts: [".to_owned(), vec!["charmcraft.yaml is not right"]),
    ] {
        let project = Project::new();
        project.pack(&project.charm("any", &yaml), &["--packer", "local"]).fails(1, &texts);
    }
}

/// It names directories of the packer's, which it removes: a part called as somebody's directory must not.
#[test]
fn a_part_whose_name_is_a_path() {
    let project = Project::new();
    let precious = project.write("precious/python/work/file", "x");
    let path = project.path("precious");
    for name in [path.to_str().unwrap(), "../../../../precious", ".", "..", ""] {
        let dir = project.charm("any", &format!("{PLATFORM}parts: {{'{name}': {{plugin: uv, source: .}}}}"));
        project.write("any/pyproject.toml", "[project]\nname = 'any'\n");
        project.write("any/uv.lock", "version = 1\n");
        project.script("programs/uv", "echo uv 1.0; exit 0");
        let answer = project.pack(&dir, &["--packer", "local"]);
        answer.fails(1, &["the name of a part must be that of a directory", "rename it"]);
        assert!(precious.is_file(), "{name:?}");
    }
}

#[test]
fn a_build_environment_that_charmcraft_refuses() {
    for list in ["['A=1']", "{A: x}", "[{A: true}]", "[{A: [x]}]", "[{A-B: x}]"] {
        let project = Project::new();
        let part = format!("{{plugin: dump, source: ., build-environment: {list}}}");
        let dir = project.charm("any", &format!("{PLATFORM}parts: {{thing: {part}}}"));
        project.pack(&dir, &["--packer", "local"]).fails(1, &["part `thing`", "`build-environment` must"]);
    }
}

/// A unit would skip them without a word, and a test would wait for its time limit.
#[test]
fn code_without_its_execute_bit() {
    let project = Project::new();
    let dump = format!("{PLATFORM}parts: {{thing: {{plugin: dump, source: src}}}}");
    let dir = project.charm("any", &dump);
    let make_plain = |file: &str| {
        fs::set_permissions(dir.join(file), fs::Permissions::from_mode(0o644)).unwrap();
    };
    project.script("any/src/dispatch", "exit 0");
    project.write("any/src/hooks/install", "#!/bin/sh\n");
    project.pack(&dir, &["--packer", "local"]).charm();
    make_plain("src/dispatch");
    fs::remove_file(dir.join("any_any-machine.charm")).unwrap();
    project.pack(&dir, &["--packer", "local"]).fails(1, &["not executable", "chmod +x ", "src/dispatch"]);
    assert!(!dir.join("any_any-machine.charm").exists());

    fs::remove_file(dir.join("src/dispatch")).unwrap();
    project.script("any/src/hooks/db-relation-changed", "exit 0");
    let refused = project.pack(&dir, &["--packer", "local"]);
    refused.fails(1, &["not executable", "chmod +x ", "src/hooks/install"]);
    assert!(!refused.stderr.contains("db-relation-changed"), "{}", refused.stderr);
    fs::remove_file(dir.join("src/hooks/install")).unwrap();
    for other in ["lib.sh", "README", "templates/x"] {
        project.write(&format!("any/src/hooks/{other}"), "x");
    }
    project.pack(&dir, &["--packer", "local"]).charm();
}

#[test]
fn no_charm_at_all() {
    let project = Project::new();
    project.pack(&project.path("nowhere"), &[]).fails(1, &["no charm directory", "nowhere"]);
    project.pack(&project.path("programs"), &[]).fails(1, &["no charmcraft.yaml", "programs"]);
    project.write("bundle/charmcraft.yaml", "type: bundle\nname: b");
    project.pack(&project.path("bundle"), &[]).fails(1, &["\"bundle\", not a charm"]);
    project.write("escaping/charmcraft.yaml", "name: ../b");
    project.pack(&project.path("escaping"), &[]).fails(1, &["\"../b\""]);
}

#[test]
fn links_that_lead_out_of_the_charm() {
    let project = Project::new();
    let dir = project.charm("linked", &format!("{PLATFORM}parts: {{thing: {{plugin: dump, source: .}}}}"));
    symlink("/etc/passwd", dir.join("link")).unwrap();
    project.pack(&dir, &["--packer", "local"]).fails(1, &["link", "leads out"]);
}

#[test]
fn two_parts_with_different_files_of_one_name() {
    let project = Project::new();
    let parts = "parts: {a: {plugin: dump, source: a}, b: {plugin: dump, source: b}}";
    let dir = project.charm("both", &format!("{PLATFORM}{parts}"));
    project.write("both/a/x", "1");
    project.write("both/b/x", "2");
    project.pack(&dir, &["--packer", "local"]).fails(1, &["two parts", "different files x"]);
}

#[test]
fn a_program_that_does_not_compile() {
    let project = Project::new();
    let dir = project.copy("web");
    project.write("web/src/main.rs", "fn main() { nonsense }");
    let answer = project.pack(&dir, &["--packer", "local"]);
    answer.fails(1, &["part `web`", "cargo build failed"]);
    assert!(answer.stderr.contains("cannot find value `nonsense`"), "{}", answer.stderr);
}

#[test]
fn wrong_command_lines() {
    let project = Project::new();
    for (args, text) in [
        (vec![], "no command"),
        (vec!["pakc"], "\"pakc\""),
        (vec!["pack", "--packer", "best"], "\"best\""),
        (vec!["integration", "--backend", "k8s"], "\"k8s\""),
    ] {
        Answer::of(project.xtask().args(args)).fails(2, &[text]);
    }
    let wrong = Answer::of(project.xtask().args(["integration", "--modle", "x"]));
    wrong.fails(2, &["unknown option --modle; options of the suite go after `--`", "integration -- --modle"]);
    let help = Answer::of(project.xtask().arg("--help"));
    assert!(help.code == Some(0) && help.stdout.contains("cargo xtask integration"));
}
