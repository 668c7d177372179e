//! `integration`: the charms packed, the environment set, `cargo test` run. How the suite itself is run is in
//! `handover.rs`.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{Answer, Project};

/// The repository's two charms in a project of their own, and a cargo that notes how it is called and fails: its
/// `metadata` is that project's, its `build` the real one's.
fn project() -> (Project, PathBuf) {
    let project = Project::new();
    for charm in ["web", "db"] {
        let source = project.copy(charm);
        let target = project.path(&format!("tests/charms/{charm}"));
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::rename(source, target).unwrap();
    }
    let root = project.path("");
    let root = root.display();
    let cargo = project.script(
        "cargo",
        &format!(
            "case \"$1\" in\n\
             metadata) echo '{{\"workspace_root\": \"{root}\", \"target_directory\": \"{root}/target\"}}';;\n\
             test) echo \"$PWD: $*\"; env | grep -E '^(CHARM_PATH|JUBILANT)' | sort; exit 7;;\n\
             *) exec '{real}' \"$@\";;\nesac",
            real = env!("CARGO")
        ),
    );
    (project, cargo)
}

fn integration(project: &Project, cargo: &PathBuf) -> Command {
    project.script("programs/python3", "echo /opt/python/bin/python3.11; echo 3.11.7");
    integration_without_python(project, cargo)
}

fn integration_without_python(project: &Project, cargo: &PathBuf) -> Command {
    let mut command = project.xtask();
    command.env("CARGO", cargo).args(["integration", "--packer", "local"]);
    command
}

#[test]
fn hands_over_the_charms_the_backend_and_the_arguments() {
    let (project, cargo) = project();
    let args = ["--backend", "juju", "--", "-k", "a or b", "--keep-models"];
    let answer = Answer::of(integration(&project, &cargo).args(args));
    assert_eq!(answer.code, Some(7), "the exit code is cargo's: {}", answer.stderr);
    assert!(answer.stderr.contains("-- -k \"a or b\" --keep-models"), "{}", answer.stderr);
    let mut lines = answer.stdout.lines();
    let call = lines.next().unwrap();
    assert!(call.contains(": test --package jubilant-tests --test integration --config "), "{call}");
    assert!(call.ends_with("] -- -k a or b --keep-models"), "{call}");
    let variables: Vec<_> = lines.collect();
    let [first, db, web, backend, python] = variables[..] else { panic!("{variables:?}") };
    let web_charm = web.strip_prefix("CHARM_PATH_WEB=").unwrap();
    assert!(PathBuf::from(web_charm).is_absolute() && PathBuf::from(web_charm).exists());
    assert_eq!(first, format!("CHARM_PATH={web_charm}"));
    assert!(db.starts_with("CHARM_PATH_DB=/") && db.ends_with(".charm"), "{db}");
    assert_eq!(backend, "JUBILANT_BACKEND=juju");
    assert_eq!(python, "JUBILANT_PYTHON=/opt/python/bin/python3.11");
}

#[test]
fn a_charm_that_is_given_is_not_packed() {
    let (project, cargo) = project();
    let given = project.write("given one.charm", "");
    let answer = Answer::of(
        integration(&project, &cargo).env("CHARM_PATH", "given one.charm").env("CHARM_PATH_DB", &given),
    );
    for name in ["CHARM_PATH", "CHARM_PATH_DB", "CHARM_PATH_WEB"] {
        assert!(answer.stdout.contains(&format!("{name}={}\n", given.display())), "{}", answer.stdout);
    }
    assert!(!answer.stderr.contains("packed"), "{}", answer.stderr);
}

#[test]
fn the_suite_is_told_the_interpreter_that_was_asked_for() {
    let (project, cargo) = project();
    let other = project.script("other", "echo /opt/other/bin/python3.12; echo 3.12.1");
    let answer = Answer::of(integration(&project, &cargo).arg("--python").arg(other));
    assert!(answer.stdout.contains("JUBILANT_PYTHON=/opt/other/bin/python3.12\n"), "{}", answer.stdout);
    Answer::of(integration(&project, &cargo).args(["--python", "/nowhere"]))
        .fails(1, &["/nowhere (--python)"]);
    // These charms are no Python, and a machine may have none.
    project.script("programs/python3", "exit 1");
    let answer = Answer::of(&mut integration_without_python(&project, &cargo));
    assert_eq!(answer.code, Some(7), "{}", answer.stderr);
    assert!(!answer.stdout.contains("JUBILANT_PYTHON"), "{}", answer.stdout);
}

#[test]
fn a_given_charm_must_be_there() {
    let (project, cargo) = project();
    let answer = Answer::of(integration(&project, &cargo).env("CHARM_PATH", "nowhere.charm"));
    answer.fails(1, &["CHARM_PATH names nowhere.charm", "unset it"]);
    assert_eq!(answer.stdout, "");
}
