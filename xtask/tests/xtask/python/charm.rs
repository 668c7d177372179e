//! Plugin `charm`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use super::stand_in::Python;
use crate::support::{contents, names, yaml};

const MADE: [&str; 6] =
    ["dispatch", "hooks/install", "hooks/start", "hooks/upgrade-charm", "manifest.yaml", "metadata.yaml"];

fn sorted(lists: &[&[&str]]) -> Vec<String> {
    let mut all: Vec<String> = lists.concat().into_iter().map(String::from).collect();
    all.sort();
    all
}

#[test]
fn the_whole_project_is_packed_but_for_what_is_ignored() {
    let python = Python::new();
    let dir = python.charm("any", "{plugin: charm}");
    python.project.write("any/.jujuignore", "# Not for a unit\n*.md\n/tests/\n!KEPT.md\n");
    for name in ["README.md", "KEPT.md", "docs/a.md", "templates/x.tpl", "tests/t.py", "src/tests/t.py"] {
        python.project.write(&format!("any/{name}"), "x");
    }
    for name in [
        ".git/HEAD",
        ".tox/x",
        "build/x",
        "venv/x",
        "target/CACHEDIR.TAG",
        "src/__pycache__/x",
        "any_old.charm",
        "stage/x",
        "prime/x",
        "parts/x",
    ] {
        python.project.write(&format!("any/{name}"), "x");
    }
    let charm = python.pack(&dir, &[]).charm();
    let own = ["KEPT.md", "src/charm.py", "src/tests/t.py", "templates/x.tpl"];
    assert_eq!(names(&charm), sorted(&[&MADE, &own]));
    assert_eq!(python.asked(), [""; 0], "there is nothing to install");
    let files = contents(&charm);
    let text =
        String::from_utf8(files.iter().find(|(name, _, _)| name == "dispatch").unwrap().2.clone()).unwrap();
    let last = "JUJU_DISPATCH_PATH=\"${JUJU_DISPATCH_PATH:-$0}\" PYTHONPATH=lib:venv exec './src/charm.py'\n";
    assert!(text.starts_with("#!/bin/sh\n") && text.ends_with(last), "{text}");
    for (name, mode, bytes) in &files {
        if name == "dispatch" || name.starts_with("hooks/") {
            assert_eq!((mode & 0o777, &bytes[..]), (0o755, text.as_bytes()), "{name}");
        }
    }
}

#[test]
fn links_that_lead_out_are_dropped_with_a_word() {
    let python = Python::new();
    let dir = python.charm("any", "{plugin: charm}");
    python.project.write("any/mod/helper.py", "x");
    symlink("../mod", dir.join("src/mod")).unwrap();
    symlink("/etc/passwd", dir.join("src/out")).unwrap();
    symlink("nowhere", dir.join("src/lost")).unwrap();
    let _socket = UnixListener::bind(dir.join("socket")).unwrap();
    let answer = python.pack(&dir, &[]);
    let charm = answer.charm();
    assert_eq!(names(&charm), sorted(&[&MADE, &["mod/helper.py", "src/charm.py", "src/mod/helper.py"]]));
    for word in ["any/src/out is left out", "any/src/lost is left out", "any/socket is left out"] {
        assert!(answer.stderr.contains(&format!("warning: {word}")), "{}", answer.stderr);
    }
    symlink("..", dir.join("src/round")).unwrap();
    python.pack(&dir, &[]).fails(1, &["part `main`: the link src/round to .. leads in a circle"]);
}

#[test]
fn hooks_lead_to_dispatch() {
    let python = Python::new();
    let dir = python.charm("any", "{plugin: charm, charm-entrypoint: ./src/run.py}");
    fs::rename(dir.join("src/charm.py"), dir.join("src/run.py")).unwrap();
    fs::create_dir(dir.join("hooks")).unwrap();
    symlink("../src/run.py", dir.join("hooks/install")).unwrap();
    symlink("../src/run.py", dir.join("hooks/db-relation-joined")).unwrap();
    python.project.script("any/hooks/stop", "exit 3");
    let charm = python.pack(&dir, &[]).charm();
    let files = contents(&charm);
    let file = |wanted: &str| files.iter().find(|(name, _, _)| name == wanted).unwrap().2.clone();
    assert!(String::from_utf8(file("dispatch")).unwrap().contains("exec './src/run.py'"));
    for hook in ["install", "start", "upgrade-charm", "db-relation-joined"] {
        assert_eq!(file(&format!("hooks/{hook}")), file("dispatch"), "{hook}");
    }
    assert_eq!(file("hooks/stop"), b"#!/bin/sh\nexit 3\n");

    // A dispatch of its own stays.
    python.project.script("any/dispatch", "exit 4");
    let files = contents(&python.pack(&dir, &[]).charm());
    for name in ["dispatch", "hooks/install", "hooks/start"] {
        assert_eq!(files.iter().find(|(file, _, _)| file == name).unwrap().2, b"#!/bin/sh\nexit 4\n");
    }
}

#[test]
fn the_entrypoint_must_be_a_program() {
    let python = Python::new();
    let dir = python.charm("any", "{plugin: charm}");
    fs::set_permissions(dir.join("src/charm.py"), fs::Permissions::from_mode(0o644)).unwrap();
    python.pack(&dir, &[]).fails(1, &["part `main`", "not executable", "chmod +x any/src/charm.py"]);
    python.charm("any", "{plugin: charm, charm-entrypoint: src/other.py}");
    python
        .pack(&dir, &[])
        .fails(1, &["part `main`: its entrypoint src/other.py is not there", "`charm-entrypoint`"]);
    python.charm("any", "{plugin: charm}");
    python.project.write("any/.jujuignore", "/src\n");
    python.pack(&dir, &[]).fails(1, &["left out by .jujuignore"]);
}

/// Charms from before there was a charmcraft.
#[test]
fn without_charmcraft_yaml() {
    let python = Python::new();
    let metadata = "name: any\nsummary: x\ndescription: x\n";
    python.project.write("hooked/metadata.yaml", metadata);
    for hook in ["install", "start"] {
        python.project.script(&format!("hooked/hooks/{hook}"), "exit 0");
    }
    let charm = python.pack(&python.project.path("hooked"), &[]).charm();
    assert_eq!(names(&charm), ["hooks/install", "hooks/start", "manifest.yaml", "metadata.yaml"]);
    python.project.write("ops/metadata.yaml", metadata);
    python.project.script("ops/src/charm.py", "exit 0");
    let charm = python.pack(&python.project.path("ops"), &[]).charm();
    assert_eq!(names(&charm), sorted(&[&MADE, &["src/charm.py"]]));
}

#[test]
fn requirements_packages_and_what_libraries_need() {
    let python = Python::new();
    let dir = python.charm(
        "any",
        "{plugin: charm, charm-python-packages: [two], charm-binary-python-packages: ['three>1']}",
    );
    python.project.write("any/requirements.txt", "ops~=2.0\n-r more.txt\n");
    python.project.write("any/more.txt", "Py_Yaml>=1 # for lib\n");
    python.project.write(
        "any/lib/charms/x/v1/x.py",
        "PYDEPS = [\n    \"pydantic>=2\",  # \"not this\"\n    'py-yaml',\n]\n",
    );
    let charm = python.pack(&dir, &[]).charm();
    let asked = python.asked();
    assert_eq!(
        asked[0],
        "uv venv --relocatable --no-project --python /opt/python/bin/python3.11 PART/making/staging-venv"
    );
    assert_eq!(
        asked[1..],
        [
            "uv pip install --python PART/making/staging-venv/bin/python --requirement requirements.txt two three>1 \
          pydantic>=2"
        ]
    );
    let packed = names(&charm);
    assert!(
        packed.contains(&"venv/ops/__init__.py".into()) && !packed.iter().any(|name| name.contains("bin/"))
    );
    assert_eq!(yaml(&charm, "manifest.yaml")["python"], "3.11");

    let runs = || {
        python.pack(&dir, &[]).charm();
        !python.asked().is_empty()
    };
    python.project.script("any/src/charm.py", "exit 1");
    assert!(!runs(), "code changed");
    python.project.write("any/more.txt", "Py_Yaml>=2\n");
    assert!(runs(), "a file of requirements that another one names changed");
    python.project.write("any/lib/charms/x/v1/x.py", "PYDEPS = ['pydantic>=3']\n");
    assert!(runs(), "a library's need changed");
    python.project.write("any/lib/charms/x/v1/x.py", "PYDEPS = ['pydantic>=3']\nmore = 1\n");
    assert!(!runs(), "a library's code changed");
}

#[test]
fn strictly_the_requirements_name_everything() {
    let python = Python::new();
    let dir = python.charm(
        "any",
        "{plugin: charm, charm-strict-dependencies: true, charm-binary-python-packages: [ops], \
         charm-requirements: [pinned.txt]}",
    );
    python.project.write("any/pinned.txt", "ops==3\n");
    python.project.write("any/requirements.txt", "other\n");
    python.pack(&dir, &[]).charm();
    assert_eq!(
        python.asked()[1..],
        [
            "uv pip install --python PART/making/staging-venv/bin/python --no-deps --requirement pinned.txt",
            "uv pip check --python PART/making/staging-venv/bin/python"
        ]
    );
    python.project.write("any/lib/charms/x/v1/x.py", "PYDEPS = ['pydantic>=2']\n");
    python.pack(&dir, &[]).fails(1, &["libraries in lib/ need pydantic>=2", "`charm-strict-dependencies`"]);
}
