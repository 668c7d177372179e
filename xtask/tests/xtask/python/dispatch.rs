//! The `dispatch` that is written for a charm without one.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use super::stand_in::Python;
use crate::support::{Answer, PLATFORM, contents, names};

fn unpack(charm: &Path, to: &Path) {
    for (name, mode, bytes) in contents(charm) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o777)).unwrap();
    }
}

#[test]
fn it_links_the_interpreter_itself_and_runs_the_code() {
    let python = Python::new();
    let charm = python.pack(&python.uv_charm(""), &[]).charm();
    let unit = python.project.path("unit");
    unpack(&charm, &unit);
    let real =
        python.project.script("real python", "echo $0 $1 $PYTHONPATH $LD_LIBRARY_PATH $JUJU_DISPATCH_PATH");
    // A shim, as pyenv's: run by its name it would find no packages.
    python.project.script("programs/python3", &format!("echo '{}'", real.display()));
    let run = |dir: &Path| {
        let mut command: Command = python.project.program(unit.join("dispatch").to_str().unwrap());
        let answer = Answer::of(command.current_dir(dir).env("JUJU_DISPATCH_PATH", "hooks/install"));
        assert_eq!(answer.code, Some(0), "{}", answer.stderr);
        answer.stdout
    };
    let dir = unit.display();
    let machine = std::env::consts::ARCH;
    let expected = format!(
        "{dir}/venv/bin/python {dir}/src/charm.py {dir}/lib:{dir}/src \
         {dir}/usr/lib:{dir}/lib:{dir}/usr/lib/{machine}-linux-gnu hooks/install\n"
    );
    assert_eq!(run(&unit), expected);
    assert_eq!(fs::read_link(unit.join("venv/bin/python")).unwrap(), real);
    assert_eq!(run(Path::new("/")), expected);
    // What python3 was is gone.
    fs::remove_file(unit.join("venv/bin/python")).unwrap();
    symlink("/nowhere/python3", unit.join("venv/bin/python")).unwrap();
    assert_eq!(run(&unit), expected);
}

#[test]
fn code_alone_is_enough_and_hooks_are_kept() {
    let python = Python::new();
    let dir = python.charm("any", "{plugin: dump, source: ., stage: [src, hooks]}");
    python.project.script("any/hooks/install", "exit 0");
    let charm = python.pack(&dir, &[]).charm();
    assert!(!names(&charm).contains(&"dispatch".to_owned()));
    python.charm("any", "{plugin: dump, source: ., stage: [src]}");
    let charm = python.pack(&dir, &[]).charm();
    assert_eq!(names(&charm), ["dispatch", "manifest.yaml", "metadata.yaml", "src/charm.py"]);
    assert!(PLATFORM.contains("any-machine") && charm.exists());
}
