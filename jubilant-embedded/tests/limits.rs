//! What is too much, or points outside, is refused in a sentence before anything happens.
#![cfg(target_os = "linux")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use support::{Answer, Juju, unit};

/// Times that nobody can wait for, and texts that are none.
const IMPOSSIBLE: &[&str] = &[
    "500000000000000h",
    "5124095576030431h",
    "99999999999999999999999h",
    "9223372036854775807s",
    "18446744073709551615s",
    "2562047h2562047h2562047h2562047h",
    "-5s",
    "-500000000000000h",
    "NaN",
    "NaNs",
    "inf",
    "infh",
    "1e400s",
    "1.2.3s",
    ".s",
    "h",
    "5",
];

/// One sentence, by a command that had a look at what it was given.
#[track_caller]
fn refused(answer: &Answer, text: &str) {
    assert!(matches!(answer.code, Some(1 | 2)), "{text}: {answer:?}");
    assert!(answer.stderr.starts_with("ERROR ") && answer.stderr.contains(text), "{text}: {answer:?}");
    assert_eq!(answer.stderr.trim_end().lines().count(), 1, "{answer:?}");
    assert!(!answer.stderr.contains("bug"), "{answer:?}");
}

#[track_caller]
fn deployed() -> Juju {
    let juju = Juju::new();
    let charm = juju.charm("web").file("actions.yaml", "go: {}\n").dispatch("");
    juju.deploy(&charm, &[]);
    juju.wait_for("web/0", "unknown");
    juju.settle();
    juju
}

/// The agents do their work, and nothing in the controller has panicked.
#[track_caller]
fn goes_on(juju: &Juju) {
    juju.run(&["exec", "--unit", "web/0", "--wait", "20s", "--", "true"]).ok();
    juju.settle();
    let log = fs::read_to_string(juju.state().join("controller.log")).unwrap_or_default();
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn intervals_have_a_limit() {
    let juju = deployed();
    for value in IMPOSSIBLE {
        let pair = format!("update-status-hook-interval={value}");
        refused(&juju.run(&["model-config", &pair]), "update-status-hook-interval");
        refused(&juju.run(&["add-model", "other", "--config", &pair]), "update-status-hook-interval");
        fs::write(juju.path().join("config.yaml"), format!("update-status-hook-interval: \"{value}\"\n"))
            .expect("a file");
        refused(&juju.run(&["model-config", "--file", "config.yaml"]), "update-status-hook-interval");
    }
    assert_eq!(juju.run(&["model-config", "update-status-hook-interval"]).ok(), "5m\n");
    juju.run(&["show-model", "other"]).fails(1, "not found");
    goes_on(&juju);
    // A year is long, and no problem.
    juju.run(&["model-config", "update-status-hook-interval=8760h"]).ok();
    goes_on(&juju);
}

#[test]
fn waiting_has_a_limit() {
    let juju = deployed();
    for value in IMPOSSIBLE {
        let option = format!("--wait={value}");
        for command in [
            &["exec", &option, "--unit", "web/0", "--", "true"][..],
            &["run", &option, "web/0", "go"],
            &["destroy-model", "--no-prompt", &format!("--timeout={value}"), "test"],
        ] {
            refused(&juju.run(command), value);
        }
    }
    assert_eq!(
        juju.run(&["operations", "--format", "json"]).json(),
        serde_json::json!({}),
        "nothing was begun"
    );
    let status = juju.status();
    assert_eq!(status["model"]["model-status"]["current"], "available", "{status:#}");
    goes_on(&juju);
    for value in IMPOSSIBLE {
        refused(&juju.run(&["show-task", "2", &format!("--wait={value}")]), value);
    }
    juju.run(&["run", "--wait=8760h", "web/0", "go"]).ok();
    juju.run(&["destroy-model", "--no-prompt", "--timeout=8760h", "test"]).ok();
}

/// Names of everything below a directory, but for what is in one of its directories.
fn names(dir: &Path, except: &Path) -> BTreeSet<PathBuf> {
    let mut all = BTreeSet::new();
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.is_symlink() && path != except {
            all.append(&mut names(&path, except));
        }
        all.insert(path);
    }
    all
}

/// Deploys what must be refused, and looks for traces of it.
#[track_caller]
fn leaves_nothing(metadata: &str, more: &[&str], text: &str) {
    let juju = Juju::new();
    let charm = juju.charm("bad").file("metadata.yaml", metadata);
    fs::write(juju.path().join("file"), "x").expect("a file");
    let entries = fs::read_dir(juju.state().join("models")).expect("models");
    let model = entries.map(|entry| entry.expect("an entry").path()).next().expect("one");
    let before = names(juju.path(), &model);
    let answer = juju.run(&[&["deploy", charm.path()], more].concat());
    refused(&answer, text);
    assert_eq!(names(juju.path(), &model), before, "{metadata}");
    let inside = |path: &PathBuf| {
        let path = path.strip_prefix(&model).expect("below it");
        path.starts_with("charms") && path != Path::new("charms")
            || path.starts_with("resources") && path != Path::new("resources")
            || path.to_string_lossy().contains("staging")
    };
    let left: Vec<PathBuf> = names(&model, Path::new("")).into_iter().filter(inside).collect();
    assert_eq!(left, Vec::<PathBuf>::new(), "{metadata}");
    assert_eq!(juju.status()["applications"], serde_json::json!({}));
}

#[test]
fn charms_names_are_names() {
    for name in
        ["../../evil", "../evil", "a/b", "/tmp/evil", "..", ".", "", "a b", "a\\nb", "Évil", "-x", "a_b"]
    {
        let metadata = format!("name: \"{name}\"\n");
        leaves_nothing(&metadata, &["fine"], "name");
        leaves_nothing(&metadata, &[], "name");
    }
}

#[test]
fn applications_names_are_names() {
    for name in ["../../evil", "a/b", "/tmp/evil", "..", ".", "", "a b", "a\nb", "Évil", "a_b"] {
        leaves_nothing("name: fine\n", &[name], "name");
    }
}

#[test]
fn resources_names_are_names() {
    for name in ["../../x", "../../../../x", "a/b", "/tmp/x", "..", ".", "", "a\\nb"] {
        let metadata = format!("name: fine\nresources:\n  \"{name}\": {{type: file, filename: f}}\n");
        leaves_nothing(&metadata, &[], "resource");
        let given = format!("{}=file", name.replace("\\n", "\n"));
        leaves_nothing(&metadata, &["--resource", &given], "resource");
    }
}

#[test]
fn usual_names_are_taken() {
    let juju = Juju::new();
    for name in ["a", "web", "mysql-k8s", "tempo2", "s3-integrator"] {
        let resources =
            "resources:\n  my_file.tar-gz: {type: file, filename: f.tar.gz}\n  image-2: {type: oci-image}\n";
        juju.deploy(&juju.charm(name).metadata(resources), &["-n", "1"]);
        juju.wait(name, |all| unit(all, &format!("{name}/0")).is_object());
    }
}
