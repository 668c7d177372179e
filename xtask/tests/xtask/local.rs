//! The local packer on charms it can pack.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use serde_json::json;

use crate::support::{Answer, PLATFORM, Project, contents, names, yaml};

const LOCAL: [&str; 2] = ["--packer", "local"];

#[test]
fn packs_the_shell_charm() {
    let project = Project::new();
    let charm = project.pack(&project.copy("db"), &LOCAL).charm();
    let files = contents(&charm);
    let mode = |name: &str| files.iter().find(|(file, _, _)| file == name).map(|(_, mode, _)| mode & 0o777);
    assert_eq!(mode("hooks/install"), Some(0o755));
    assert_eq!(mode("actions/rotate-password"), Some(0o755));
    assert_eq!(mode("lib.sh").map(|mode| mode & 0o111), Some(0));
    assert_eq!(mode("charmcraft.yaml"), None, "only what the part stages is in the charm");
    assert!(names(&charm).is_sorted());

    let metadata = yaml(&charm, "metadata.yaml");
    assert_eq!(metadata["name"], "db");
    assert_eq!(metadata["display-name"], "DB");
    assert_eq!(metadata["peers"], json!({"cluster": {"interface": "db-cluster"}}));
    assert_eq!(metadata.get("parts"), None);
    assert_eq!(yaml(&charm, "config.yaml")["options"]["port"]["default"], 5432);
    assert!(yaml(&charm, "actions.yaml")["rotate-password"].is_object());
    assert_eq!(yaml(&charm, "manifest.yaml")["packed-by"], "jubilant-xtask (not charmcraft)");
    assert_eq!(yaml(&charm, "manifest.yaml")["bases"][0]["channel"], "24.04");
}

#[test]
fn packs_the_rust_charm() {
    let project = Project::new();
    let dir = project.copy("web");
    let charm = project.pack(&dir, &LOCAL).charm();
    assert_eq!(charm.parent(), Some(dir.as_path()));
    let name = charm.file_name().unwrap().to_str().unwrap();
    assert!(["web_amd64.charm", "web_arm64.charm"].contains(&name), "{name}");
    assert_eq!(
        names(&charm),
        ["actions.yaml", "bin/web", "config.yaml", "dispatch", "manifest.yaml", "metadata.yaml"]
    );
    for (name, mode, bytes) in contents(&charm) {
        match name.as_str() {
            "bin/web" => assert!(mode & 0o777 == 0o755 && bytes.starts_with(b"\x7fELF")),
            "dispatch" => assert!(mode & 0o777 == 0o755 && bytes.starts_with(b"#!/bin/sh\n")),
            _ => assert_eq!(mode & 0o777, 0o644),
        }
    }
    assert_eq!(yaml(&charm, "metadata.yaml")["resources"]["site"]["upstream-source"], "./site/index.html");
}

#[test]
fn an_unchanged_charm_is_left_alone() {
    let project = Project::new();
    let dir = project.dumped("same");
    let charm = project.pack(&dir, &LOCAL).charm();
    let (bytes, time) = (fs::read(&charm).unwrap(), fs::metadata(&charm).unwrap().modified().unwrap());

    // A newer date alone is no change.
    project.script("same/dispatch", "exit 0");
    let again = project.pack(&dir, &LOCAL);
    assert!(again.stderr.contains("unchanged"), "{}", again.stderr);
    assert_eq!(fs::metadata(again.charm()).unwrap().modified().unwrap(), time);

    // The same contents make the same bytes.
    fs::remove_file(&charm).unwrap();
    assert_eq!(fs::read(project.pack(&dir, &LOCAL).charm()).unwrap(), bytes);

    // A mode, a text and a broken archive are changes.
    fs::set_permissions(dir.join("dispatch"), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(project.pack(&dir, &LOCAL).stderr.contains("packed"));
    project.script("same/dispatch", "exit 1");
    assert!(project.pack(&dir, &LOCAL).stderr.contains("packed"));
    fs::write(&charm, "not a zip").unwrap();
    assert_eq!(names(&project.pack(&dir, &LOCAL).charm()), ["dispatch", "manifest.yaml", "metadata.yaml"]);
    // Nothing but the charm is left in the directory.
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 3);
}

#[test]
fn a_dump_of_everything_leaves_out_what_is_no_source() {
    let project = Project::new();
    let dir = project.charm("all", &format!("{PLATFORM}parts: {{all: {{plugin: dump, source: .}}}}"));
    project.write("all/.git/HEAD", "x");
    project.write("all/target/debug/x", "x");
    project.write("all/target/CACHEDIR.TAG", "x");
    project.write("all/all_old.charm", "x");
    project.write("all/src/target/kept", "x");
    symlink("dispatch", dir.join("link")).unwrap();
    let charm = project.pack(&dir, &LOCAL).charm();
    assert_eq!(names(&charm), ["dispatch", "link", "manifest.yaml", "metadata.yaml", "src/target/kept"]);
    let files = contents(&charm);
    assert_eq!(files[0].2, files[1].2, "a link is packed as the file it leads to");
    assert!(files.iter().all(|(_, mode, _)| mode & 0o170_000 == 0o100_000), "only plain files");
}

#[test]
fn parts_are_filtered_and_organized() {
    let project = Project::new();
    let dir = project.charm(
        "shaped",
        &format!(
            "{PLATFORM}parts:\n  one: {{plugin: dump, source: one, organize: {{run: dispatch}}, prime: [-old]}}\n  \
             two: {{plugin: dump, source: two, after: [one], stage: [lib, '-**/*.pyc']}}\n  three: {{plugin: nil}}"
        ),
    );
    project.script("shaped/one/run", "exit 0");
    for name in ["one/old", "two/lib/a.py", "two/lib/b/a.pyc", "two/README"] {
        project.write(&format!("shaped/{name}"), "x");
    }
    let charm = project.pack(&dir, &LOCAL).charm();
    assert_eq!(names(&charm), ["dispatch", "lib/a.py", "manifest.yaml", "metadata.yaml"]);
}

/// Juju reads YAML 1.1, in which a plain `yes` is a boolean and `1_0` a number.
#[test]
fn texts_stay_texts_for_every_yaml_reader() {
    let project = Project::new();
    let config = r#"config:
  options:
    text: {type: string, default: "yes"}
    dotted: {type: string, default: "1_0"}
    flag: {type: boolean, default: yes}
    quoted: {type: string, default: "\"a\"\t: é #"}
"#;
    let parts = "parts: {all: {plugin: dump, source: ., stage: [dispatch]}}";
    let dir = project.charm("texts", &format!("{PLATFORM}{parts}\n{config}"));
    let charm = project.pack(&dir, &LOCAL).charm();
    let (_, _, bytes) = contents(&charm).into_iter().find(|(name, _, _)| name == "config.yaml").unwrap();
    // JSON leaves no room for readings.
    let config: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let default = |name: &str| config["options"][name]["default"].clone();
    assert_eq!(default("text"), "yes");
    assert_eq!(default("dotted"), "1_0");
    assert_eq!(default("flag"), true);
    assert_eq!(default("quoted"), "\"a\"\t: é #");
}

#[test]
fn older_charms_have_files_of_their_own() {
    let project = Project::new();
    let dir = project.path("old");
    project.script("old/scripts/hooks/install", "exit 0");
    project.write("old/metadata.yaml", "name: old\nsummary: x\ndescription: x\nseries: [jammy]\n");
    project.write("old/config.yaml", "options: {a: {type: int, default: 1}}\n");
    project.write(
        "old/charmcraft.yaml",
        "type: charm\nbases: [{build-on: [{name: ubuntu, channel: '22.04'}], run-on: [{name: ubuntu, channel: \
         '22.04', architectures: [amd64, arm64]}]}]\nparts: {scripts: {plugin: dump, source: scripts}}\n",
    );
    let charm = project.pack(&dir, &LOCAL).charm();
    assert_eq!(charm.file_name().unwrap(), "old_ubuntu-22.04-amd64-arm64.charm");
    assert_eq!(yaml(&charm, "metadata.yaml")["series"], json!(["jammy"]));
    assert_eq!(yaml(&charm, "config.yaml")["options"]["a"]["default"], 1);
}

#[test]
fn a_directory_may_have_a_space() {
    let project = Project::new();
    let dir = project.dumped("spaced");
    let spaced = project.path("with a space");
    fs::rename(dir, &spaced).unwrap();
    assert_eq!(project.pack(&spaced, &LOCAL).charm(), spaced.join("spaced_any-machine.charm"));
}

/// Each file goes through in pieces, both when it is packed and when the archive is compared.
#[test]
fn a_file_may_be_larger_than_the_memory() {
    let project = Project::new();
    let dir = project.charm("large", &format!("{PLATFORM}parts: {{all: {{plugin: dump, source: .}}}}"));
    let size = 600 << 20;
    fs::File::create(dir.join("large")).unwrap().set_len(size).unwrap();
    let pack = || {
        let mut limited = project.program("sh");
        limited.args(["-c", "ulimit -v 400000 && exec \"$@\"", "sh", env!("CARGO_BIN_EXE_xtask"), "pack"]);
        Answer::of(limited.args(LOCAL).arg(&dir))
    };
    let charm = pack().charm();
    assert!(fs::metadata(&charm).unwrap().len() > size);
    // Without its note, it is looked into.
    fs::set_permissions(dir.join("large"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(dir.join("large"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(pack().stderr.contains("unchanged"));
}

/// Such as a daemon's socket in `.git`, which no charm gets.
#[test]
fn what_is_no_file_matters_only_where_it_is_packed() {
    let project = Project::new();
    let dir = project.charm("special", &format!("{PLATFORM}parts: {{all: {{plugin: dump, source: .}}}}"));
    fs::create_dir_all(dir.join(".git/x")).unwrap();
    let _socket = UnixListener::bind(dir.join(".git/x/socket")).unwrap();
    project.pack(&dir, &LOCAL).charm();
    let _other = UnixListener::bind(dir.join("socket")).unwrap();
    project.pack(&dir, &LOCAL).fails(1, &["special/socket cannot be packed", "remove it"]);
}

/// What stands in the way is named, and stays alone.
#[test]
fn a_charm_that_cannot_be_written_leaves_nothing_behind() {
    let project = Project::new();
    let dir = project.dumped("blocked");
    fs::create_dir(dir.join("blocked_any-machine.charm")).unwrap();
    project.pack(&dir, &LOCAL).fails(1, &["cannot write", "blocked_any-machine.charm"]);
    let mut left: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["blocked_any-machine.charm", "charmcraft.yaml", "dispatch"]);
}
