//! A workspace with a suite that tells how it was run, for the real cargo.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::Project;

const MANIFEST: &str = "[package]\nname = \"jubilant-tests\"\nversion = \"1.2.3\"\nedition = \"2024\"\n\
                        [[test]]\nname = \"integration\"\nharness = false\n";

/// Prints its process, then all that it was given, and exits with the code in `--code=`.
const SUITE: &str = r#"
use std::{env, fs, process};

fn main() {
    println!("{}", process::id());
    println!("{:?}", env::args_os().collect::<Vec<_>>());
    println!("{}", env::current_dir().unwrap().display());
    let mut files: Vec<_> = fs::read_dir("/dev/fd").unwrap().map(|file| file.unwrap().file_name()).collect();
    files.sort();
    println!("{files:?}");
    let mut variables: Vec<_> = env::vars_os().collect();
    variables.sort();
    for variable in variables {
        println!("{variable:?}");
    }
    let code = env::args().find_map(|arg| arg.strip_prefix("--code=").map(|code| code.parse().unwrap()));
    process::exit(code.unwrap_or(0));
}
"#;

/// A workspace whose only member has the name that this repository's xtask asks for.
pub(crate) fn workspace() -> Project {
    let project = Project::new();
    project.write("Cargo.toml", "[workspace]\nmembers = [\"suite\"]\nresolver = \"3\"\n");
    project.write("suite/Cargo.toml", MANIFEST);
    project.write("suite/src/lib.rs", "");
    project.write("suite/tests/integration.rs", SUITE);
    for charm in ["web", "db"] {
        project.write(&format!("tests/charms/{charm}/charmcraft.yaml"), &format!("name: {charm}\n"));
        project.write(&format!("{charm}.charm"), "");
    }
    project
}

/// The program or cargo in that workspace, its charms given.
pub(crate) fn with_charms(project: &Project, program: &str) -> Command {
    let mut command = without_charms(project, program);
    for (variable, charm) in [("CHARM_PATH", "web"), ("CHARM_PATH_WEB", "web"), ("CHARM_PATH_DB", "db")] {
        command.env(variable, project.path(&format!("{charm}.charm")));
    }
    command
}

pub(crate) fn without_charms(project: &Project, program: &str) -> Command {
    let mut command = project.program(program);
    command
        .current_dir(project.path(""))
        .env("CARGO", env!("CARGO"))
        .env("CARGO_TARGET_DIR", project.path("target"))
        .env("CARGO_MANIFEST_DIR", project.path("suite"));
    command
}

/// What the suite printed.
pub(crate) struct Told {
    pub(crate) pid: u32,
    /// As Rust shows a list, the program first.
    pub(crate) args: String,
    /// All but the process, for a comparison.
    pub(crate) all: String,
}

impl Told {
    #[track_caller]
    pub(crate) fn of(stdout: &str) -> Told {
        let (pid, all) = stdout.split_once('\n').expect("the suite ran");
        Told {
            pid: pid.parse().expect(stdout),
            args: all.lines().next().unwrap().to_owned(),
            all: all.to_owned(),
        }
    }
}

/// A run's record in the workspace's target directory.
pub(crate) fn record(project: &Project, run: &str, seconds_ago: u64) -> PathBuf {
    let record = project.write(&format!("target/jubilant/{run}/moments.jsonl"), "");
    let time = std::time::SystemTime::now() - std::time::Duration::from_secs(seconds_ago);
    fs::File::open(&record).unwrap().set_modified(time).unwrap();
    record
}
