//! Plugins `python` and `poetry`, and what files of requirements may name.

use std::fs;

use super::stand_in::Python;
use crate::support::{names, yaml};

const CHECK: &str = "uv pip check --python PART/making/install/venv/bin/python";

#[test]
fn python_installs_what_its_keys_name() {
    let python = Python::new();
    let keys = "python-requirements: [r.txt, 'https://x/r.txt'], python-constraints: [c.txt], python-packages: [b, a]";
    let dir = python.charm("any", &format!("{{plugin: python, source: ., {keys}}}"));
    python.project.write("any/r.txt", "ops\n");
    python.project.write("any/c.txt", "ops==3\n");
    let charm = python.pack(&dir, &[]).charm();
    let install = "uv pip install --python PART/making/install/venv/bin/python --no-deps --constraint c.txt \
                   --requirement r.txt --requirement https://x/r.txt b a";
    assert_eq!(python.asked()[1..], [install, CHECK]);
    assert_eq!(
        names(&charm),
        [
            "dispatch",
            "manifest.yaml",
            "metadata.yaml",
            "src/charm.py",
            "venv/bin/activate",
            "venv/lib/python3.11/site-packages/ops/__init__.py",
            "venv/pyvenv.cfg"
        ]
    );
    assert_eq!(yaml(&charm, "manifest.yaml")["python"], "3.11");
    python.project.script("any/src/charm.py", "exit 1");
    python.pack(&dir, &[]).charm();
    assert_eq!(python.asked().len(), 0);
    python.project.write("any/c.txt", "ops==4\n");
    python.pack(&dir, &[]).charm();
    assert_eq!(python.asked().len(), 3);

    python.charm("any", "{plugin: python, source: ., python-packages: [a], python-keep-bins: true}");
    let kept = names(&python.pack(&dir, &[]).charm());
    assert!(kept.contains(&"venv/bin/tool".into()), "{kept:?}");
    assert!(!kept.iter().any(|name| name.contains("bin/python") || name.contains("activate.")), "{kept:?}");
    python.asked();
    python.charm("any", "{plugin: python, source: .}");
    python.pack(&dir, &[]).charm();
    assert_eq!(python.asked().len(), 1, "a venv without packages");
}

#[test]
fn files_of_requirements_are_there_and_stay_inside() {
    let python = Python::new();
    let dir = python.charm("any", "{plugin: python, source: ., python-requirements: [r.txt]}");
    let refused = |texts: &[&str]| {
        python.pack(&dir, &[]).fails(1, &[&["part `main`"], texts].concat());
        assert_eq!(python.asked().len(), 0);
    };
    refused(&["`python-requirements` names r.txt, which is not in any"]);
    python.project.write("any/r.txt", "-r more.txt\n");
    refused(&["it needs any/more.txt, which is not there"]);
    python.project.write("any/more.txt", "-e ../lib\n");
    refused(&["it needs lib, which is not in the part's source any", "`source`"]);
    python.project.write("any/more.txt", "./own\n");
    python.project.write("any/own/own.py", "1");
    python.pack(&dir, &[]).charm();
    assert_eq!(python.asked().len(), 3);
    python.project.write("any/own/own.py", "2");
    python.pack(&dir, &[]).charm();
    assert_eq!(python.asked().len(), 3, "a package that is installed from here changed");
    python.charm("any", "{plugin: python, source: ., python-packages: ['lib @ file:///etc']}");
    refused(&["it needs /etc, which is not in the part's source any"]);
    python.charm("any", "{plugin: python}");
    refused(&["no `source`"]);
}

#[test]
fn poetry_names_what_uv_installs() {
    let python = Python::new();
    let keys = "poetry-with: [b, a], poetry-export-extra-args: [--without-urls], poetry-keep-bins: true, \
                poetry-pip-extra-args: ['--no-binary=:all:', --index-url=https://x]";
    let dir = python.charm("any", &format!("{{plugin: poetry, source: ., {keys}}}"));
    let refused = |texts: &[&str]| {
        python.pack(&dir, &[]).fails(1, &[&["part `main`"], texts].concat());
        assert_eq!(python.asked().len(), 0);
    };
    refused(&["there is no pyproject.toml in any"]);
    python.project.write("any/pyproject.toml", "[tool.poetry.dependencies]\npython = '^3.10'\n");
    let unlocked = python.pack(&dir, &[]);
    unlocked.charm();
    assert!(unlocked.stderr.contains("part `main` has no poetry.lock"), "{}", unlocked.stderr);
    python.asked();
    python.project.write("any/poetry.lock", "[metadata]\nlock-version = '2.1'\n");
    let charm = python.pack(&dir, &[]).charm();
    let export = "uv tool run --python /opt/python/bin/python3.11 --from poetry --with poetry-plugin-export poetry \
                  export --no-interaction --format=requirements.txt --with-credentials \
                  --output=PART/making/install/requirements.txt --with=a,b --without-urls";
    let install = "uv pip install --python PART/making/install/venv/bin/python --no-deps --index-url=https://x \
                   --requirement PART/making/install/requirements.txt";
    let asked = python.asked();
    assert_eq!([&asked[0], &asked[2], &asked[3]], [export, install, CHECK]);
    assert!(names(&charm).contains(&"venv/bin/tool".into()));
    python.project.script("any/src/charm.py", "exit 1");
    python.pack(&dir, &[]).charm();
    assert_eq!(python.asked().len(), 0);

    python.uv("[ $1 = tool ] && echo 'lock is old' && exit 1");
    let failed = python.pack(&dir, &[]);
    failed.fails(1, &["part `main`: poetry export failed (exit status: 1): see above"]);
    assert!(failed.stderr.contains("lock is old"), "{}", failed.stderr);
    python.asked();
    python
        .project
        .write("any/poetry.lock", "[[package]]\n[package.source]\ntype = 'directory'\nurl = '../lib'\n");
    refused(&["it needs lib, which is not in the part's source any"]);
    python.project.write("any/pyproject.toml", "[tool.poetry.dependencies]\npython = '^3.12'\n");
    refused(&["part `main`: pyproject.toml wants Python ^3.12", "Python 3.11.7", "--python"]);
    fs::remove_file(dir.join("poetry.lock")).unwrap();
}

/// As 23 of 114 public scripts do.
#[test]
fn a_script_finds_what_poetry_exported() {
    let python = Python::new();
    let script = "craftctl default; cp requirements.txt $CRAFT_PART_INSTALL/pinned.txt";
    let dir = python.charm(
        "any",
        &format!("{{plugin: poetry, source: ., build-packages: [libx], override-build: '{script}'}}"),
    );
    python.project.write("any/pyproject.toml", "[tool.poetry.dependencies]\npython = '^3.10'\n");
    python.project.write("any/poetry.lock", "[metadata]\nlock-version = '2.1'\n");
    let charm = python.pack(&dir, &[]).charm();
    assert!(names(&charm).contains(&"pinned.txt".into()), "{:?}", names(&charm));
    assert!(!dir.join("requirements.txt").exists());

    python.project.write("any/pyproject.toml", "[tool.poetry.dependencies]\npython = '^3.12'\n");
    let refused = python.pack(&dir, &[]);
    refused.fails(1, &["part `main`: pyproject.toml wants Python ^3.12", "--python"]);
    assert!(!refused.stderr.contains("libx"), "packages are not what it lacks: {}", refused.stderr);
}
