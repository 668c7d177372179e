//! Which interpreter a charm is packed for, and who is told.

use super::stand_in::Python;
use crate::support::{Answer, yaml};

#[test]
fn the_option_goes_before_the_variable_and_that_before_the_path() {
    let python = Python::new();
    let dir = python.uv_charm("");
    let other = python.interpreter("other/python3.12", "/opt/other/bin/python3.12", "3.12.1");
    python.interpreter("programs/python3.13", "/opt/new/bin/python3.13", "3.13.0");
    let packed = |variable: &str, options: &[&str]| {
        let charm = Answer::of(python.command(&dir, options).env("JUBILANT_PYTHON", variable)).charm();
        yaml(&charm, "manifest.yaml")["python"].as_str().unwrap().to_owned()
    };
    assert_eq!(packed("", &[]), "3.11");
    assert_eq!(packed(other.to_str().unwrap(), &[]), "3.12");
    assert_eq!(packed(other.to_str().unwrap(), &["--python", "3.13"]), "3.13");
    assert_eq!(packed("", &["--python", "other/python3.12"]), "3.12", "a relative path");
    assert!(python.asked().iter().any(|asked| asked.contains("--python /opt/other/bin/python3.12")));
}

#[test]
fn a_version_that_pyenv_alone_has_is_found() {
    let python = Python::new();
    let dir = python.uv_charm("");
    python.project.script(".pyenv/shims/python3.12", "echo 'pyenv: not chosen here' >&2; exit 127");
    for patch in ["3.12.4", "3.12.10", "3.12.9", "3.1.20"] {
        let program = format!(".pyenv/versions/{patch}/bin/python3.12");
        python.interpreter(&program, &format!("/opt/pyenv/{patch}"), patch);
    }
    let mut command = python.command(&dir, &["--python", "3.12"]);
    let path = std::env::join_paths(
        [python.project.path(".pyenv/shims"), python.project.path("programs")]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let answer = Answer::of(
        command.env_remove("PYENV_ROOT").env("HOME", python.project.path(".")).env("PATH", path.unwrap()),
    );
    answer.charm();
    assert!(answer.stderr.contains("for Python 3.12.10"), "{}", answer.stderr);
}

#[test]
fn an_interpreter_that_cannot_be_is_said() {
    let python = Python::new();
    let dir = python.uv_charm("");
    let old = python.interpreter("old", "/opt/old", "3.6.15");
    let old = old.to_str().unwrap();
    python.pack(&dir, &["--python", old]).fails(1, &["part `main`", "is Python 3.6.15", "3.8 or newer"]);
    python
        .pack(&dir, &["--python", "nopython"])
        .fails(1, &["nopython (--python): there is no program nopython", "name another"]);
    let mut command = python.command(&dir, &[]);
    Answer::of(command.env("JUBILANT_PYTHON", "/nowhere")).fails(1, &["/nowhere (JUBILANT_PYTHON)"]);
    python.project.script("programs/python3", "echo 'pyenv: no such version' >&2; exit 1");
    python.pack(&dir, &[]).fails(1, &["python3 of the PATH does not run", "pyenv: no such version"]);
    // cargo is all that is left.
    let cargo = std::path::Path::new(env!("CARGO")).parent().unwrap();
    let mut command = python.command(&dir, &[]);
    Answer::of(command.env("PATH", cargo)).fails(1, &["no python3 on the PATH", "install Python"]);
    // A charm that is no Python needs none.
    Answer::of(python.command(&python.project.dumped("dumped"), &[]).env("PATH", cargo)).charm();
}
