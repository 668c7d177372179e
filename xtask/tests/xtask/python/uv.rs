//! Plugin `uv`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::stand_in::Python;
use crate::support::{Answer, contents, names, yaml};

const PACKAGES: [&str; 4] = [
    "venv/bin/activate",
    "venv/lib/python3.11/site-packages/ops-3.dist-info/RECORD",
    "venv/lib/python3.11/site-packages/ops/__init__.py",
    "venv/pyvenv.cfg",
];

#[test]
fn packages_and_sources_are_packed_and_nothing_else() {
    let python = Python::new();
    let dir = python.uv_charm("uv-groups: [b, a], uv-extras: [y, x]");
    python.project.write("any/src/__pycache__/charm.pyc", "x");
    python.project.write("any/lib/charms/x/v0/x.py", "x");
    python.project.write("any/tests/test_charm.py", "x");
    let answer = python.pack(&dir, &[]);
    let charm = answer.charm();
    assert!(answer.stderr.contains("part `main`: uv 9.9.9 installs its packages for Python 3.11.7"));

    let own = ["dispatch", "lib/charms/x/v0/x.py", "manifest.yaml", "metadata.yaml", "src/charm.py"];
    assert_eq!(names(&charm), [&own[..], &PACKAGES].concat());
    assert_eq!(yaml(&charm, "manifest.yaml")["python"], "3.11");
    let files = contents(&charm);
    let text = |name: &str| {
        let (_, _, bytes) = files.iter().find(|(file, _, _)| file == name).unwrap();
        String::from_utf8(bytes.clone()).unwrap()
    };
    assert_eq!(text(PACKAGES[1]), "ops/__init__.py,sha256=x,4\n");
    assert_eq!(
        text("venv/pyvenv.cfg"),
        "home = /opt/python/bin\nimplementation = CPython\nversion_info = 3.11.7\n\
         include-system-site-packages = false\nrelocatable = true\n"
    );

    let [venv, sync] = &python.asked()[..] else { panic!("two commands") };
    let interpreter = "--python /opt/python/bin/python3.11";
    assert_eq!(*venv, format!("uv venv --relocatable --no-project {interpreter} PART/making/install/venv"));
    assert_eq!(
        *sync,
        format!(
            "uv sync --binary --no-dev --no-editable --no-install-project --frozen --extra x --extra y --group a \
             --group b {interpreter}"
        )
    );
}

#[test]
fn an_edit_of_code_does_not_run_uv_again() {
    let python = Python::new();
    let dir = python.uv_charm("uv-groups: []");
    let pack = || {
        python.pack(&dir, &[]).charm();
        python.asked().len()
    };
    assert_eq!(pack(), 2);
    assert_eq!(pack(), 0, "nothing changed");
    python.project.script("any/src/charm.py", "exit 1");
    python.project.write("any/tests/test_x.py", "x");
    assert_eq!(pack(), 0, "code changed");

    python.project.write("any/uv.lock", "version = 2\n");
    assert_eq!(pack(), 2, "the lock changed");
    python.project.write("any/pyproject.toml", "[project]\nname = 'any'\n");
    assert_eq!(pack(), 2, "the project changed");
    python.uv_charm("uv-groups: []");
    assert_eq!(pack(), 2, "as it was at first");
    python.uv_charm("uv-groups: [more]");
    assert_eq!(pack(), 2, "a key changed");
    assert_eq!(pack(), 0);
    python.interpreter("programs/python3", "/opt/python/bin/python3.11", "3.11.8");
    assert_eq!(pack(), 2, "the interpreter changed");
    python.uv(":");
    assert_eq!(pack(), 2, "uv changed");
    let kept = fs::read_dir(python.project.path("target/charms/any/parts/main/python")).unwrap();
    assert_eq!(kept.filter(|entry| entry.as_ref().unwrap().path().is_dir()).count(), 1);
}

/// Other packages come from another index, whoever names it.
#[test]
fn what_the_caller_chooses_runs_uv_again() {
    let python = Python::new();
    let dir = python.uv_charm("build-environment: [{UV_EXTRA_INDEX_URL: $OUR_INDEX}]");
    let home = python.project.path("home");
    let pack = |name: &str, value: &str| {
        let mut command = python.command(&dir, &[]);
        command.env("HOME", &home).env_remove("XDG_CONFIG_HOME").env(name, value);
        assert_eq!(command.output().unwrap().status.code(), Some(0));
        python.asked().len()
    };
    assert_eq!(pack("OUR_INDEX", "https://one"), 2);
    assert_eq!(pack("OUR_INDEX", "https://one"), 0);
    assert_eq!(pack("OUR_INDEX", "https://two"), 2, "a variable in build-environment");
    assert_eq!(pack("UV_INDEX_URL", "https://three"), 2, "a variable of uv");
    assert_eq!(pack("UV_INDEX_URL", "https://three"), 0);
    python.project.write("home/.config/uv/uv.toml", "offline = true");
    assert_eq!(pack("UV_INDEX_URL", "https://three"), 2, "the user's settings");
    let mut command = python.command(&dir, &[]);
    command.env("HOME", &home).env_remove("XDG_CONFIG_HOME").env("UV_INDEX_URL", "https://three");
    command.env("UV_CACHE_DIR", "/elsewhere").env("VIRTUAL_ENV", "/x").env("UV_PYTHON", "/x");
    assert_eq!(command.output().unwrap().status.code(), Some(0));
    assert_eq!(python.asked().len(), 0, "what changes no package");
}

#[test]
fn what_failed_is_not_taken_for_made() {
    let python = Python::new();
    let dir = python.uv_charm("build-packages: [libpq-dev], build-snaps: [astral-uv/latest, rustup]");
    python.uv("[ $1 = sync ] && mkdir \"$UV_PROJECT_ENVIRONMENT/half\" && echo no wheel >&2 && exit 2");
    let failed = python.pack(&dir, &[]);
    failed.fails(
        1,
        &[
            "part `main`: uv sync failed (exit status: 2): see above",
            "charmcraft would have installed libpq-dev, rustup first",
        ],
    );
    assert!(failed.stderr.contains("no wheel\n"), "{}", failed.stderr);
    assert!(!dir.join("any_any-machine.charm").exists());
    assert!(!failed.stderr.contains("UV_DEFAULT_INDEX"), "{}", failed.stderr);
    python.uv("[ $1 = sync ] && echo '  cause: Failed to fetch: https://pypi.org/simple/ops/' >&2 && exit 2");
    python.pack(&dir, &[]).fails(1, &["see above; packages come from PyPI", "UV_DEFAULT_INDEX names"]);

    // As a process that is killed leaves it.
    let making = python.project.path("target/charms/any/parts/main/python/making");
    assert!(!making.exists());
    fs::create_dir_all(making.join("install/venv/half")).unwrap();
    python.uv("");
    assert!(!names(&python.pack(&dir, &[]).charm()).iter().any(|name| name.contains("half")));
}

/// They come from an address in a lock, a variable or a file of requirements, and go into the logs of CI.
#[test]
fn passwords_are_neither_shown_nor_left_for_others() {
    let python = Python::new();
    let dir = python.uv_charm("");
    python.uv("[ $1 = sync ] && echo \"no route to $UV_INDEX_URL\" >&2 && exit 2");
    let failed = Answer::of(python.command(&dir, &[]).env("UV_INDEX_URL", "https://me:secret@index/simple"));
    failed.fails(1, &["uv sync failed"]);
    assert!(failed.stderr.contains("no route to https://****@index/simple\n"), "{}", failed.stderr);

    let source = "{plugin: dump, source: 'https://me:secret@host/x.git'}";
    let failed = python.pack(&python.charm("remote", source), &[]);
    failed.fails(1, &["part `main`", "https://****@host/x.git"]);
    assert!(!failed.stderr.contains("secret"), "{}", failed.stderr);

    let mode = fs::metadata(python.project.path("target/charms/any")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "what poetry exports has them");
}

#[test]
fn without_a_lock_one_is_made_in_the_copy() {
    let python = Python::new();
    let dir = python.uv_charm("");
    fs::remove_file(dir.join("uv.lock")).unwrap();
    let answer = python.pack(&dir, &[]);
    answer.charm();
    let warning =
        "warning: part `main`: there is no uv.lock in any, and charmcraft refuses that: run `uv lock`";
    assert!(answer.stderr.contains(warning), "{}", answer.stderr);
    assert_eq!(python.asked()[0], "uv lock");
    assert!(!dir.join("uv.lock").exists(), "the charm's directory is its author's");
    assert!(python.pack(&dir, &[]).stderr.contains(warning));
    assert_eq!(python.asked().len(), 0);
}

#[test]
fn the_build_environment_is_the_charms_not_the_callers() {
    let python = Python::new();
    let dir = python.uv_charm(
        "build-environment: [{UV_FROZEN: 'false'}, {FROM_CHARM: $CRAFT_PART_BUILD/x}, {UV_WORKING_DIR: charms/x}]",
    );
    fs::create_dir_all(dir.join("charms/x")).unwrap();
    fs::rename(dir.join("pyproject.toml"), dir.join("charms/x/pyproject.toml")).unwrap();
    let mut command = python.command(&dir, &[]);
    for (name, value) in [
        ("VIRTUAL_ENV", "/wrong"),
        ("PYTHONPATH", "/wrong"),
        ("UV_PYTHON", "/wrong"),
        ("UV_PROJECT_ENVIRONMENT", "/wrong"),
        ("UV_COMPILE_BYTECODE", "1"),
        ("UV_INDEX_URL", "https://index"),
        ("SSL_CERT_FILE", "/ca"),
        ("HTTPS_PROXY", "http://proxy"),
    ] {
        command.env(name, value);
    }
    assert_eq!(command.status().unwrap().code(), Some(0));
    let all = fs::read_to_string(python.project.path("log")).unwrap();
    let copy = python.project.path("target/charms/any/parts/main/python/making/src");
    let copy = copy.display();
    assert!(all.lines().last().unwrap().ends_with(&format!("IN {copy}/charms/x")), "{all}");
    assert!(!all.contains("--frozen"), "{all}");
    let environment = python.environment();
    for line in [
        "FROM_CHARM=".to_owned() + &format!("{copy}/x"),
        "HTTPS_PROXY=http://proxy".into(),
        "SSL_CERT_FILE=/ca".into(),
        "UV_FROZEN=false".into(),
        "UV_INDEX_URL=https://index".into(),
        "UV_LINK_MODE=copy".into(),
        "UV_PYTHON=/opt/python/bin/python3.11".into(),
        "UV_PYTHON_DOWNLOADS=never".into(),
    ] {
        assert!(environment.lines().any(|known| known == line), "no {line} in {environment}");
    }
    assert!(!environment.contains("wrong") && !environment.contains("COMPILE"), "{environment}");
}

#[test]
fn packages_of_the_repository_itself() {
    let python = Python::new();
    let dir = python.uv_charm("source-subdir: charm");
    fs::create_dir(dir.join("charm")).unwrap();
    fs::rename(dir.join("pyproject.toml"), dir.join("charm/pyproject.toml")).unwrap();
    let lock = |path: &str| {
        let text = format!(
            "[[package]]\nname = 'any'\nsource = {{ editable = 'charm' }}\n\
             [[package]]\nname = 'lib'\nsource = {{ editable = '{path}' }}\n"
        );
        python.project.write("any/uv.lock", &text);
    };
    python.project.write("any/libs/own/own.py", "1");
    lock("libs/own");
    python.pack(&dir, &[]).charm();
    assert_eq!(python.asked().len(), 2);
    python.project.write("any/charm/more.py", "1");
    python.pack(&dir, &[]).charm();
    assert_eq!(python.asked().len(), 0, "the charm itself is not installed");
    python.project.write("any/libs/own/own.py", "2");
    python.pack(&dir, &[]).charm();
    assert_eq!(python.asked().len(), 2, "a package that is installed from here changed");

    lock("../own");
    python.pack(&dir, &[]).fails(1, &["part `main`: it needs own, which is not in the part's source any"]);
    lock("libs/nowhere");
    python.pack(&dir, &[]).fails(1, &["it needs any/libs/nowhere, which is not there"]);
}

#[test]
fn what_cannot_be_packed_is_said() {
    let python = Python::new();
    let refused = |texts: &[&str]| {
        let answer = python.pack(&python.project.path("any"), &[]);
        answer.fails(1, texts);
        assert!(answer.stderr.contains("part `main`"), "{}", answer.stderr);
        assert_eq!(python.asked(), [""; 0]);
    };
    python.uv_charm("python-keep-bins: true");
    refused(&["plugin `uv` does not take the key `python-keep-bins`"]);
    python.charm("any", "{plugin: uv}");
    refused(&["has no `source`", "add `source: .`"]);
    python.uv_charm("uv-groups: dev");
    refused(&["`uv-groups` must be a list"]);
    python.uv_charm("build-environment: [{X: $(git describe)}]");
    refused(&["`build-environment` has \"$(git describe)\""]);
    python.uv_charm("");
    python.project.write("any/pyproject.toml", "[project]\nrequires-python = '==3.12.*'\n");
    refused(&[
        "part `main`: pyproject.toml wants Python ==3.12.*",
        "python3.11 is Python 3.11.7",
        "--python",
    ]);
    python.project.write("any/pyproject.toml", "[project\n");
    refused(&["any/pyproject.toml is not right"]);
    python.project.write("any/pyproject.toml", "[tool.uv.sources]\nlib = { workspace = true }\n");
    fs::remove_file(python.project.path("any/uv.lock")).unwrap();
    refused(&["a workspace that is not in the part's source", "`source-subdir`"]);
    fs::remove_file(python.project.path("any/pyproject.toml")).unwrap();
    refused(&["there is no pyproject.toml in any"]);
}

#[test]
fn links_lead_to_what_is_packed() {
    let python = Python::new();
    let dir = python.uv_charm("");
    python.project.write("any/lib/shared/x.py", "shared");
    symlink("../lib/shared", dir.join("src/shared")).unwrap();
    let charm = python.pack(&dir, &[]).charm();
    assert!(names(&charm).contains(&"src/shared/x.py".to_owned()));
    symlink("../pyproject.toml", dir.join("src/out")).unwrap();
    python.pack(&dir, &[]).fails(1, &["part `main`: ", "src/out", "leads to nothing in the charm"]);
    fs::remove_file(dir.join("src/out")).unwrap();
    symlink("nowhere", dir.join("src/lost")).unwrap();
    python.pack(&dir, &[]).fails(1, &["part `main`: ", "src/lost", "leads to nothing in the charm"]);
    fs::remove_file(dir.join("src/lost")).unwrap();
    symlink("/etc/passwd", dir.join("src/away")).unwrap();
    python.pack(&dir, &[]).fails(1, &["part `main`: ", "src/away", "leads out of the charm"]);
}
