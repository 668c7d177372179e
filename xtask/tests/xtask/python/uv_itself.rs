//! Where uv comes from when there is none that runs.

use std::fs;
use std::process::Command;

use super::stand_in::Python;
use crate::support::{Answer, names};

/// The uv of the `PATH` is a shim for a Python that has none; `pip` is what `python3 -m pip` does.
fn without_uv(pip: &str) -> (Python, impl Fn(&Python) -> Command) {
    let python = Python::new();
    let real = python.project.path("programs/uv");
    let stand_in = python.project.path("stand-in");
    fs::rename(real, &stand_in).unwrap();
    python.project.script("programs/uv", "echo 'uv 0.0.1 (of no version that is chosen)'; exit 127");
    let program = python.project.path("programs/python3");
    let asked = python.project.path("pip");
    python.project.script(
        "programs/python3",
        &format!(
            "if [ \"$1 $2\" != '-m pip' ]; then echo {program}; echo 3.11.7; exit; fi\n\
             echo \"$* $PIP_INDEX_URL $PIP_TARGET\" >> {asked}\nstand_in={stand_in}\n{pip}",
            program = program.display(),
            asked = asked.display(),
            stand_in = stand_in.display(),
        ),
    );
    let pack = |python: &Python| {
        let mut command = python.command(&python.project.path("any"), &[]);
        command.env("XDG_CACHE_HOME", python.project.path("cache"));
        command
    };
    python.uv_charm("");
    (python, pack)
}

#[test]
fn pip_brings_one_into_the_cache() {
    let (python, pack) = without_uv(
        "while [ \"$1\" != --target ]; do shift; done\nmkdir \"$2/bin\"; cp \"$stand_in\" \"$2/bin/uv\"",
    );
    let mut command = pack(&python);
    let answer = Answer::of(command.env("PIP_INDEX_URL", "https://index").env("PIP_TARGET", "/wrong"));
    assert!(names(&answer.charm()).contains(&"venv/pyvenv.cfg".into()));
    assert!(answer.stderr.contains("uv is not on the PATH: installing uv "), "{}", answer.stderr);
    let asked = fs::read_to_string(python.project.path("pip")).unwrap();
    assert!(asked.starts_with("-m pip install ") && asked.contains(" uv=="), "{asked}");
    assert!(asked.contains(" https://index") && !asked.contains("/wrong"), "{asked}");

    // The next charm takes it from there.
    python.project.write("any/uv.lock", "version = 2\n");
    let again = Answer::of(&mut pack(&python));
    again.charm();
    assert!(!again.stderr.contains("installing uv"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(python.project.path("pip")).unwrap(), asked);
    let cached = fs::read_dir(python.project.path("cache/jubilant")).unwrap();
    assert_eq!(cached.count(), 1, "nothing but the one that is whole");
}

#[test]
fn without_pip_it_is_said_how_to_get_one() {
    let (python, pack) = without_uv("echo 'No module named pip' >&2; exit 1");
    let answer = Answer::of(&mut pack(&python));
    answer.fails(1, &["part `main`", "neither on the PATH nor could be had from PyPI", "pip install uv"]);
    assert!(answer.stderr.contains("No module named pip\n"), "{}", answer.stderr);
    assert_eq!(fs::read_dir(python.project.path("cache/jubilant")).unwrap().count(), 0);
}
