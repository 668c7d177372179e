//! Which Python runs a charm's hooks, whatever comes first in PATH.
#![cfg(target_os = "linux")]

#[path = "support/probe.rs"]
mod probe;
mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use probe::kill;
use support::{Answer, Charm, Juju};

/// What a hook sees of its Python, in a line of the log.
const ASK: &str = r#"juju-log "P> $(python3 -c 'import sys
print(sys.executable, "%d.%d" % sys.version_info[:2])' 2>&1) of $(readlink -f "$(command -v python3)")""#;

/// What every packed charm does whose packages lie in `venv/lib/pythonX.Y`: charmcraft's own dispatch, with `which`.
const PACKED: &str = r#"dispatch_path="$(dirname $(realpath $0))"
python_path="${dispatch_path}/venv/bin/python"
if [ ! -e "${python_path}" ]; then
    mkdir -p "${dispatch_path}/venv/bin"
    ln -s $(which python3) "${python_path}"
fi
juju-log "V> $($python_path -c 'import sys, os, ours
print("%d.%d" % sys.version_info[:2], ours.__file__, os.__file__)' 2>&1)""#;

/// Programs for a test: a directory in PATH, and a home.
struct Place {
    juju: Juju,
    bin: PathBuf,
}

/// A Python of this machine: the program itself, and its version.
struct Real {
    path: PathBuf,
    version: String,
}

/// Nothing, and the test has nothing to try, where there is no Python.
fn real() -> Option<Real> {
    let code =
        "import sys, os; print(os.path.realpath(sys.executable)); print('%d.%d' % sys.version_info[:2])";
    let Ok(output) = Command::new("python3").args(["-I", "-c", code]).output() else {
        eprintln!("skipped: there is no python3 here");
        return None;
    };
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let (path, version) = text.trim_end().split_once('\n').expect("two lines");
    Some(Real { path: path.into(), version: version.into() })
}

fn executable(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
    fs::write(path, content).expect("a file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
}

/// A program that answers every question as a Python of this version does that is asked for its name and version.
fn fake(path: &Path, version: &str) {
    executable(path, &format!("#!/bin/sh\necho \"{}\"\necho {version}\n", path.display()));
}

impl Place {
    /// Nothing is in PATH yet but the test's own directory and what scripts need.
    fn new() -> Self {
        let juju = Juju::bare();
        let bin = juju.path().join("bin");
        fs::create_dir_all(&bin).expect("a directory");
        for program in ["dirname", "realpath", "readlink", "mkdir", "ln", "sleep"] {
            let there = ["/usr/bin", "/bin"].map(|dir| Path::new(dir).join(program));
            let there = there.iter().find(|file| file.exists()).expect("the program");
            symlink(there, bin.join(program)).expect("a link");
        }
        executable(&bin.join("which"), "#!/bin/sh\ncommand -v \"$@\"\n");
        let place = Self { juju, bin };
        place.run(&["add-model", "test"]).ok();
        place
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.juju.command(args);
        command.env("PATH", &self.bin).env("HOME", self.juju.path().join("home"));
        for variable in ["JUBILANT_PYTHON", "PYENV_ROOT", "PYENV_VERSION"] {
            command.env_remove(variable);
        }
        command
    }

    fn run(&self, args: &[&str]) -> Answer {
        Answer::new(self.command(args).output().expect("the program starts"))
    }

    fn run_with(&self, variable: &str, value: &Path, args: &[&str]) -> Answer {
        Answer::new(self.command(args).env(variable, value).output().expect("the program starts"))
    }

    /// A charm that tells which Python it sees.
    fn teller(&self) -> Charm {
        self.juju.charm("teller").dispatch(ASK)
    }

    /// A charm with packages for this version, and a virtual environment that was made with an interpreter in `home`.
    fn packed(&self, version: &str, home: &str) -> Charm {
        let packages = format!("venv/lib/python{version}/site-packages");
        let charm = self.juju.charm("packed").file(&format!("{packages}/ours.py"), "");
        charm.file("venv/pyvenv.cfg", &format!("home = {home}\nversion = {version}.0\n")).dispatch(PACKED)
    }

    /// The last thing that a charm logged with this mark, once its `start` hook has run.
    fn told(&self, app: &str, mark: &str) -> String {
        self.juju.wait_for(&format!("{app}/0"), "unknown");
        self.juju.settle();
        let log = self.juju.log();
        let last = log.lines().filter_map(|line| line.split_once(mark)).next_back();
        last.unwrap_or_else(|| panic!("no {mark} in {log}")).1.trim().to_owned()
    }

    /// A script that starts the real Python, as pyenv's does: it is no program that a virtual environment can be
    /// linked to.
    fn shim(&self, real: &Real) {
        let text = format!("#!/bin/sh\nexec {} \"$@\"\n", real.path.display());
        executable(&self.bin.join("python3"), &text);
    }

    fn fake(&self, name: &str, version: &str) -> PathBuf {
        let path = self.bin.join(name);
        fake(&path, version);
        path
    }
}

#[test]
fn a_script_in_path_leads_to_the_real_program() {
    let Some(real) = real() else { return };
    let place = Place::new();
    place.shim(&real);
    let charm = place.teller();
    place.run(&["deploy", charm.path()]).ok();
    let told = place.told("teller", "P> ");
    assert!(told.ends_with(&format!("{} of {}", real.version, real.path.display())), "{told}");
    // By its full name, too; and what is no Ubuntu name is not there.
    let name = format!("python{}", real.version);
    let (version, program) =
        (place.exec("teller", &format!("{name} -V")), place.exec("teller", "which python3"));
    assert!(version.starts_with("Python 3"), "{version}");
    assert!(Path::new(program.trim()).starts_with(place.juju.state()), "{program}");
    place.exec_fails("teller", "command -v python");
}

#[test]
fn packages_are_seen_though_a_script_comes_first() {
    let Some(real) = real() else { return };
    let place = Place::new();
    place.shim(&real);
    let charm = place.packed(&real.version, &real.path.parent().expect("a directory").to_string_lossy());
    place.run(&["deploy", charm.path()]).ok();
    let told = place.told("packed", "V> ");
    assert!(told.starts_with(&real.version) && told.contains("/site-packages/ours.py"), "{told}");
}

#[test]
fn dispatch_needs_no_which() {
    let Some(real) = real() else { return };
    let place = Place::new();
    symlink(&real.path, place.bin.join("python3")).expect("a link");
    fs::remove_file(place.bin.join("which")).expect("it was there");
    let charm = place.packed(&real.version, "/nowhere");
    place.run(&["deploy", charm.path()]).ok();
    let told = place.told("packed", "V> ");
    assert!(told.contains("/site-packages/ours.py"), "{told}");
}

#[test]
fn the_standard_library_is_the_interpreters_own() {
    let Some(real) = real() else { return };
    let place = Place::new();
    symlink(&real.path, place.bin.join("python3")).expect("a link");
    // Another interpreter of the same version, with which the charm was packed.
    let other = place.juju.path().join("other");
    let library = other.join(format!("lib/python{}", real.version));
    fs::create_dir_all(library.join("lib-dynload")).expect("a directory");
    fs::create_dir_all(other.join("bin")).expect("a directory");
    fs::write(library.join("os.py"), "raise SystemExit('the wrong library')\n").expect("a file");
    let charm = place.packed(&real.version, &other.join("bin").to_string_lossy());
    place.run(&["deploy", charm.path()]).ok();
    let told = place.told("packed", "V> ");
    assert!(told.contains("/site-packages/ours.py") && !told.contains("/other/"), "{told}");
}

#[test]
fn a_fitting_python_is_found_in_path() {
    let place = Place::new();
    place.fake("python3", "3.98");
    let fitting = place.fake("python3.99", "3.99");
    let charm = place.packed("3.99", "/usr/bin");
    place.run(&["deploy", charm.path()]).ok();
    assert_eq!(place.told("packed", "V> ").split(' ').next(), Some(&*fitting.to_string_lossy()));
    assert_eq!(place.exec("packed", "readlink -f $(which python3)").trim(), fitting.to_string_lossy());
    assert_eq!(place.exec("packed", "readlink -f $(which python3.99)").trim(), fitting.to_string_lossy());
}

#[test]
fn a_name_is_not_believed() {
    let place = Place::new();
    place.fake("python3", "3.98");
    place.fake("python3.99", "3.97");
    executable(
        &place.bin.join("python3.99"),
        "#!/bin/sh\necho 'pyenv: python3.99: command not found' >&2\nexit 127\n",
    );
    let fitting = place.juju.path().join("home/.pyenv/versions/3.99.10/bin/python3.99");
    fake(&fitting, "3.99");
    fake(&place.juju.path().join("home/.pyenv/versions/3.99.9/bin/python3.99"), "3.99");
    fake(&place.juju.path().join("home/.pyenv/versions/3.9.99/bin/python3.99"), "3.9");
    let charm = place.packed("3.99", "/usr/bin");
    place.run(&["deploy", charm.path()]).ok();
    place.told("packed", "V> ");
    assert_eq!(place.exec("packed", "readlink -f $(which python3)").trim(), fitting.to_string_lossy());
}

#[test]
fn uv_is_asked_if_it_is_there() {
    let place = Place::new();
    let fitting = place.juju.path().join("managed/python3.99");
    fake(&fitting, "3.99");
    let uv = format!(
        "#!/bin/sh\ncase \"$*\" in 'python find '*' 3.99') echo {};; *) exit 2;; esac\n",
        fitting.display()
    );
    executable(&place.bin.join("uv"), &uv);
    let charm = place.packed("3.99", "/usr/bin");
    place.run(&["deploy", charm.path()]).ok();
    place.told("packed", "V> ");
    assert_eq!(place.exec("packed", "readlink -f $(which python3)").trim(), fitting.to_string_lossy());
}

#[test]
fn a_charm_for_a_python_that_is_not_there_is_refused() {
    let place = Place::new();
    let usual = place.fake("python3", "3.98");
    let charm = place.packed("3.99", "/usr/bin");
    let answer =
        place.run(&["deploy", charm.path()]).fails(1, "ERROR charm \"packed\" was packed for Python 3.99");
    assert_eq!(answer.stderr.trim_end().lines().count(), 1, "{answer:?}");
    for part in
        ["python3 is Python 3.98", &*usual.to_string_lossy(), "JUBILANT_PYTHON=", "pack the charm for 3.98"]
    {
        assert!(answer.stderr.contains(part), "{part:?} in {answer:?}");
    }
    assert_eq!(place.juju.status()["applications"].as_object().map(|apps| apps.len()), Some(0));
    fs::remove_file(usual).expect("it was there");
    place.run(&["deploy", charm.path()]).fails(1, "neither any python3");

    // The same with a refresh, which changes nothing.
    let before = place.juju.charm("before").file("metadata.yaml", "name: packed\n").dispatch("");
    place.run(&["deploy", before.path()]).ok();
    place.run(&["refresh", "packed", "--path", charm.path()]).fails(1, "was packed for Python 3.99");
    place.told("packed", "T> ");
    assert_eq!(place.juju.status()["applications"]["packed"]["charm-rev"], 0);
}

#[test]
fn the_user_names_an_interpreter() {
    let place = Place::new();
    place.fake("python3", "3.98");
    let named = place.juju.path().join("elsewhere/python");
    fake(&named, "3.99");
    let charm = place.packed("3.99", "/usr/bin");
    place.run_with("JUBILANT_PYTHON", &named, &["deploy", charm.path()]).ok();
    place.told("packed", "V> ");
    assert_eq!(place.exec("packed", "readlink -f $(which python3)").trim(), named.to_string_lossy());
    // It comes before python3 where the charm takes any.
    let charm = place.teller();
    place.run_with("JUBILANT_PYTHON", &named, &["deploy", charm.path()]).ok();
    assert!(place.told("teller", "P> ").ends_with(&*named.to_string_lossy()));
}

#[test]
fn a_named_interpreter_of_another_version_is_no_obstacle() {
    let place = Place::new();
    let named = place.juju.path().join("elsewhere/python");
    fake(&named, "3.97");
    let charm = place.packed("3.99", "/usr/bin");
    let answer = place.run_with("JUBILANT_PYTHON", &named, &["deploy", charm.path()]);
    answer.fails(1, "JUBILANT_PYTHON is Python 3.97");
    let fitting = place.fake("python3.99", "3.99");
    place.run_with("JUBILANT_PYTHON", &named, &["deploy", charm.path()]).ok();
    place.told("packed", "V> ");
    assert_eq!(place.exec("packed", "readlink -f $(which python3)").trim(), fitting.to_string_lossy());
}

#[test]
fn what_is_named_must_be_an_interpreter() {
    let place = Place::new();
    place.fake("python3", "3.98");
    let charm = place.teller();
    for (given, why) in [
        ("python3", "no absolute path"),
        ("/bin/true", "does not run as Python 3"),
        ("/nowhere", "does not run"),
    ] {
        let answer = place.run_with("JUBILANT_PYTHON", Path::new(given), &["deploy", charm.path()]);
        answer.fails(
            1,
            &format!("ERROR JUBILANT_PYTHON is \"{given}\", which {why}").replace("which no", "which is no"),
        );
    }
    place.run_with("JUBILANT_PYTHON", Path::new(""), &["deploy", charm.path()]).ok();
}

#[test]
fn a_manifest_names_the_python_of_a_charm_with_flat_packages() {
    let place = Place::new();
    place.fake("python3", "3.98");
    let charm = place.teller().file("venv/ours.py", "").file("manifest.yaml", "python: '3.99'\n");
    let answer = place.run(&["deploy", charm.path(), "one"]);
    assert!(
        answer.stderr.contains("WARNING charm \"teller\" was packed with Python 3.99, and Python 3.98"),
        "{answer:?}"
    );
    answer.ok();
    place.told("one", "P> ");
    let fitting = place.fake("python3.99", "3.99");
    let answer = place.run(&["deploy", charm.path(), "two"]);
    assert!(!answer.stderr.contains("WARNING"), "{answer:?}");
    place.told("two", "P> ");
    assert_eq!(place.exec("two", "readlink -f $(which python3)").trim(), fitting.to_string_lossy());
}

#[test]
fn the_choice_outlives_the_controller() {
    let place = Place::new();
    let chosen = place.fake("python3", "3.98");
    let charm = place.teller();
    place.run(&["deploy", charm.path()]).ok();
    place.told("teller", "P> ");
    kill(place.juju.controller().expect("a controller"));
    // Whoever starts the next one has another Python, and another PATH.
    let other = place.juju.path().join("other-bin");
    fake(&other.join("python3"), "3.97");
    let path = format!("{}:{}", other.display(), place.bin.display());
    place.run_with("PATH", Path::new(&path), &["add-unit", "teller"]).ok();
    place.juju.wait_for("teller/1", "unknown");
    for unit in ["teller/0", "teller/1"] {
        let answer = place.run(&["exec", "--unit", unit, "--", "readlink -f $(command -v python3)"]);
        assert_eq!(answer.ok().trim(), chosen.to_string_lossy());
    }
    // What is deployed from now on has that of the command that deploys it.
    place.run_with("PATH", Path::new(&path), &["deploy", charm.path(), "later"]).ok();
    assert!(place.told("later", "P> ").ends_with(&*other.join("python3").to_string_lossy()));
    place.run(&["deploy", charm.path(), "last"]).ok();
    assert!(place.told("last", "P> ").ends_with(&*chosen.to_string_lossy()));
}

#[test]
fn a_refresh_goes_from_one_python_to_another() {
    let place = Place::new();
    let (old, new) = (place.fake("python3", "3.98"), place.fake("python3.99", "3.99"));
    let charm = place.packed("3.98", "/usr/bin");
    place.run(&["deploy", charm.path()]).ok();
    let told = place.told("packed", "V> ");
    assert!(told.starts_with(&*old.to_string_lossy()), "{told}");
    let link = || PathBuf::from(place.exec("packed", "readlink venv/bin/python").trim());
    assert_eq!(link(), old);
    fs::remove_dir_all(charm.dir().join("venv/lib/python3.98")).expect("it was there");
    let charm = place.packed("3.99", "/usr/bin");
    place.run(&["refresh", "packed", "--path", charm.path()]).ok();
    place.juju.wait_for_log("hooks/upgrade-charm");
    let told = place.told("packed", "V> ");
    assert!(told.starts_with(&*new.to_string_lossy()), "{told}");
    assert_eq!(link(), new);
    assert_eq!(place.exec("packed", "readlink -f $(which python3)").trim(), new.to_string_lossy());
}

#[test]
fn a_stale_link_does_not_stay() {
    let place = Place::new();
    let python = place.fake("python3.99", "3.99");
    let charm = place.packed("3.99", "/usr/bin");
    let link = charm.dir().join("venv/bin/python");
    fs::create_dir_all(link.parent().expect("a directory")).expect("a directory");
    for (app, target) in [("broken", Path::new("/nowhere/python3")), ("other", Path::new("/bin/sh"))] {
        let _ = fs::remove_file(&link);
        symlink(target, &link).expect("a link");
        place.run(&["deploy", charm.path(), app]).ok();
        let told = place.told(app, "V> ");
        assert!(told.starts_with(&*python.to_string_lossy()), "{app}: {told}");
    }
    assert_eq!(
        fs::read_link(&link).expect("a link"),
        Path::new("/bin/sh"),
        "the user's own directory changed"
    );
}

#[test]
fn a_virtual_environment_behind_a_link_is_left_alone() {
    let place = Place::new();
    place.fake("python3.99", "3.99");
    let charm = place.packed("3.99", "/usr/bin");
    let mine = place.juju.path().join("mine");
    fs::rename(charm.dir().join("venv"), &mine).expect("the directory moves");
    fs::create_dir_all(mine.join("bin")).expect("a directory");
    symlink("/bin/sh", mine.join("bin/python")).expect("a link");
    symlink(&mine, charm.dir().join("venv")).expect("a link");
    place.run(&["deploy", charm.path()]).ok();
    place.told("packed", "T> ");
    assert_eq!(fs::read_link(mine.join("bin/python")).expect("a link"), Path::new("/bin/sh"));
    let config = fs::read_to_string(mine.join("pyvenv.cfg")).expect("a file");
    assert!(config.contains("home = /usr/bin\n"), "{config}");
}

#[test]
fn a_charm_brings_its_own_interpreter() {
    let place = Place::new();
    let charm = place.packed("3.99", "/usr/bin");
    fake(&charm.dir().join("venv/bin/python"), "own");
    place.run(&["deploy", charm.path()]).ok();
    assert!(place.told("packed", "V> ").ends_with("/charms/packed/venv/bin/python"));
}

#[test]
fn a_charm_without_python_starts_none() {
    let place = Place::new();
    let asked = place.juju.path().join("asked");
    executable(&place.bin.join("python3"), &format!("#!/bin/sh\necho x >> {}\n", asked.display()));
    let charm = place.juju.charm("shell").dispatch("status-set active").file("README.md", "python3\n");
    place.run_with("JUBILANT_PYTHON", &place.bin.join("python3"), &["deploy", charm.path()]).ok();
    place.juju.wait_for("shell/0", "active");
    assert!(!asked.exists(), "a Python was started");
}

#[test]
fn a_new_program_at_the_same_place_is_asked_again() {
    let Some(real) = real() else { return };
    let place = Place::new();
    let charm = place.teller();
    symlink(&real.path, place.bin.join("python3")).expect("a link");
    place.run(&["deploy", charm.path(), "one"]).ok();
    let first = place.told("one", "P> ");
    assert!(first.ends_with(&*real.path.to_string_lossy()), "{first}");
    fs::remove_file(place.bin.join("python3")).expect("it was there");
    let other = place.fake("python3", "3.98");
    place.run(&["deploy", charm.path(), "two"]).ok();
    let second = place.told("two", "P> ");
    assert!(second.ends_with(&*other.to_string_lossy()), "{second}");
}

#[test]
fn a_program_that_does_not_answer_is_passed_over() {
    let place = Place::new();
    executable(&place.bin.join("python3"), "#!/bin/sh\nsleep 1000 & sleep 1000\n");
    let charm = place.packed("3.99", "/usr/bin");
    let fitting = place.fake("python3.99", "3.99");
    place.run(&["deploy", charm.path()]).ok();
    place.told("packed", "V> ");
    assert_eq!(place.exec("packed", "readlink -f $(which python3)").trim(), fitting.to_string_lossy());
    let sleepers = support::processes(|pid| {
        let cwd = fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
        probe::cmdline(pid) == "sleep 1000"
            && cwd == fs::canonicalize(place.juju.path()).expect("a directory")
    });
    assert_eq!(sleepers, Vec::<i32>::new());
}

#[test]
fn an_interpreter_that_goes_later_is_named() {
    let place = Place::new();
    let failing = place
        .juju
        .charm("failing")
        .dispatch("python3 -c 1")
        .file("config.yaml", "options: {v: {type: int}}\n");
    let python = place.fake("python3", "3.98");
    place.run(&["deploy", failing.path()]).ok();
    place.juju.wait_for("failing/0", "unknown");
    fs::remove_file(&python).expect("it was there");
    place.run(&["config", "failing", "v=1"]).ok();
    place.juju.wait_for_log(&format!("{} was chosen to run the charm", python.display()));
}

impl Place {
    fn exec(&self, app: &str, code: &str) -> String {
        self.run(&["exec", "--unit", &format!("{app}/0"), "--", code]).ok()
    }

    fn exec_fails(&self, app: &str, code: &str) {
        let answer = self.run(&["exec", "--unit", &format!("{app}/0"), "--", code]);
        assert_ne!(answer.code, Some(0), "{answer:?}");
    }
}
