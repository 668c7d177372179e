//! Real packages by the real uv and python3: `cargo test -p jubilant-xtask --test xtask python -- --ignored`.

use std::fs;
use std::path::Path;

use super::stand_in::Python;
use crate::support::{Answer, Project, names};

/// A project without stand-ins.
fn real() -> Python {
    Python { project: Project::new() }
}

/// The names of the packages in a charm: what lies right below `dir`, without what belongs to one.
fn packages(charm: &Path, dir: &str) -> Vec<String> {
    let mut all: Vec<String> = names(charm)
        .iter()
        .filter_map(|name| name.strip_prefix(dir)?.split_once(".dist-info/"))
        .map(|(package, _)| package.rsplit_once('-').unwrap().0.to_owned())
        .collect();
    all.dedup();
    all
}

/// Where the packages of a venv are in this charm.
fn site(charm: &Path) -> String {
    let names = names(charm);
    let name = names.iter().find(|name| name.contains("/site-packages/")).unwrap();
    format!("{}/site-packages/", name.split("/site-packages/").next().unwrap())
}

#[track_caller]
fn nothing_of_the_build(charm: &Path) {
    for name in names(charm) {
        let wrong = ["__pycache__", "/.lock", ".gitignore", "CACHEDIR.TAG", "lib64", "uv_cache.json"];
        assert!(!wrong.iter().any(|wrong| name.contains(wrong)), "{name}");
        assert!(!name.starts_with("venv/bin/") || name == "venv/bin/activate", "{name}");
    }
}

#[test]
#[ignore = "needs PyPI: cargo test -p jubilant-xtask --test xtask python -- --ignored"]
fn the_uv_charm() {
    let python = real();
    let dir = python.project.copy("python/uv");
    let charm = python.pack(&dir, &[]).charm();
    nothing_of_the_build(&charm);
    let found = packages(&charm, &site(&charm));
    assert_eq!(
        found,
        [
            "opentelemetry_api",
            "ops",
            "pluggy",
            "pyyaml",
            "sortedcontainers",
            "typing_extensions",
            "websocket_client"
        ]
    );
    for name in ["dispatch", "src/charm.py", "src/greeting.py", "venv/pyvenv.cfg"] {
        assert!(names(&charm).contains(&name.to_owned()), "{name}");
    }
}

/// That of `charm` needs iniconfig for a library, and has the whole project but for what .jujuignore names.
#[test]
#[ignore = "needs PyPI: cargo test -p jubilant-xtask --test xtask python -- --ignored"]
fn the_charm_charm() {
    let python = real();
    let dir = python.project.copy("python/charm");
    let charm = python.pack(&dir, &[]).charm();
    nothing_of_the_build(&charm);
    let found = packages(&charm, "venv/");
    let expected =
        ["iniconfig", "opentelemetry_api", "ops", "pyyaml", "sortedcontainers", "websocket_client"];
    assert!(expected.iter().all(|name| found.contains(&(*name).to_owned())), "{found:?}");
    let project: Vec<_> = names(&charm).into_iter().filter(|name| !name.starts_with("venv/")).collect();
    assert_eq!(
        project,
        [
            "config.yaml",
            "dispatch",
            "hooks/install",
            "hooks/start",
            "hooks/upgrade-charm",
            "lib/charms/greeter/v0/greeter.py",
            "manifest.yaml",
            "metadata.yaml",
            "requirements.txt",
            "src/charm.py",
            "src/greeting.py"
        ]
    );
}

#[test]
#[ignore = "needs PyPI: cargo test -p jubilant-xtask --test xtask python -- --ignored"]
fn the_poetry_and_the_python_charm() {
    for (name, ops) in [("poetry", "ops-2."), ("python", "ops-3.")] {
        let python = real();
        let dir = python.project.copy(&format!("python/{name}"));
        let charm = python.pack(&dir, &[]).charm();
        nothing_of_the_build(&charm);
        assert_eq!(
            packages(&charm, &site(&charm)),
            ["opentelemetry_api", "ops", "pluggy", "pyyaml", "typing_extensions", "websocket_client"]
        );
        assert!(names(&charm).iter().any(|file| file.contains(&format!("/{ops}"))), "{name}");
    }
}

/// From nothing and from a warm cache, at two places, and by a uv that pip brought.
#[test]
#[ignore = "needs PyPI: cargo test -p jubilant-xtask --test xtask python -- --ignored"]
fn the_same_bytes_from_an_empty_and_a_warm_cache() {
    let bytes = |charm: &str, cache: &Path, without_uv: bool| {
        let python = real();
        let dir = python.project.copy(charm);
        let mut command = python.command(&dir, &[]);
        command.env("XDG_CACHE_HOME", cache);
        if without_uv {
            python.project.script("programs/uv", "echo 'pyenv: uv: command not found' >&2; exit 127");
        }
        let answer = Answer::of(&mut command);
        assert_eq!(answer.stderr.contains("installing uv"), without_uv, "{}", answer.stderr);
        fs::read(answer.charm()).unwrap()
    };
    let cache = tempfile::tempdir().unwrap();
    let first = bytes("python/uv", cache.path(), true);
    assert!(first == bytes("python/uv", cache.path(), false), "a warm cache");
    let program = fs::read_dir(cache.path().join("jubilant")).unwrap().next().unwrap().unwrap().path();
    assert!(program.join("bin/uv").is_file(), "{}", program.display());
    for charm in ["python/charm", "python/poetry", "python/python"] {
        let (empty, other) = (tempfile::tempdir().unwrap(), cache.path());
        std::os::unix::fs::symlink(other.join("jubilant"), empty.path().join("jubilant")).unwrap();
        assert!(bytes(charm, empty.path(), false) == bytes(charm, other, false), "{charm}");
        assert!(bytes(charm, empty.path(), false) == bytes(charm, other, false), "{charm}, from warm caches");
    }
}
