//! Code without its execute bit is skipped by a unit, as by a real one: whoever deploys it is told.
#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::io::Write;

use support::{Charm, Juju};

const HINT: &str = "hooks will be skipped, because their code is not executable: chmod +x";

fn plain(charm: Charm, file: &str) -> Charm {
    charm.file(file, "#!/bin/sh\n")
}

#[track_caller]
fn warnings(juju: &Juju, args: &[&str]) -> Vec<String> {
    let answer = juju.run(args);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    answer.stderr.lines().filter(|line| line.starts_with("WARNING ")).map(str::to_owned).collect()
}

#[test]
fn a_charm_is_deployed_and_refreshed_with_a_warning() {
    let juju = Juju::new();
    let charm = plain(juju.charm("web"), "dispatch");
    let said = warnings(&juju, &["deploy", charm.path()]);
    assert_eq!(said, [format!("WARNING charm \"web\": {HINT} dispatch, and refresh")]);
    assert_eq!(warnings(&juju, &["refresh", "web", "--path", charm.path()]), said);
    // Where there is no dispatch, the hooks count, and nothing else in their directory.
    fs::remove_file(charm.dir().join("dispatch")).expect("the file");
    let charm = plain(plain(charm.script("hooks/stop", ""), "hooks/install"), "hooks/db-relation-joined");
    let charm = plain(plain(charm, "hooks/lib.sh"), "hooks/README");
    let said = warnings(&juju, &["deploy", charm.path(), "other"]);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].ends_with("chmod +x hooks/db-relation-joined hooks/install, and refresh"), "{said:?}");
    // What the remedy says helps.
    let charm = charm.dispatch("status-set active");
    assert_eq!(warnings(&juju, &["refresh", "web", "--path", charm.path()]), [""; 0]);
    juju.wait_for("web/0", "active");
}

#[test]
fn a_packed_charm_and_a_bundle_too() {
    let juju = Juju::new();
    let file = fs::File::create(juju.path().join("web.charm")).expect("a file");
    let mut zip = zip::ZipWriter::new(file);
    for (name, text) in [("metadata.yaml", "name: web\n"), ("dispatch", "#!/bin/sh\n")] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
        zip.write_all(text.as_bytes()).expect("content");
    }
    zip.finish().expect("an archive");
    let said = warnings(&juju, &["deploy", "./web.charm"]);
    assert_eq!(said, [format!("WARNING charm \"web\": {HINT} dispatch, and refresh")]);
    fs::write(juju.path().join("b.yaml"), "applications: {a: {charm: ./web.charm}}\n").expect("a file");
    // It is no chatter that `--quiet` would silence.
    assert_eq!(warnings(&juju, &["deploy", "./b.yaml", "--quiet"]), said);
}
