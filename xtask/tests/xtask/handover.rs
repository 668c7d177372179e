//! The suite takes the place of the program: it is the process in the foreground, and has what cargo would give it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use crate::suite::{Told, with_charms, workspace};
use crate::support::{Answer, Project};

const XTASK: &str = env!("CARGO_BIN_EXE_xtask");

fn integration(project: &Project, args: &[&str]) -> Command {
    let mut command = with_charms(project, XTASK);
    command.arg("integration").arg("--").args(args);
    command
}

#[test]
fn the_suite_is_this_very_process() {
    let project = workspace();
    let child =
        integration(&project, &["--code=7"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = child.id();
    let output = child.wait_with_output().unwrap();
    assert_eq!(Told::of(&String::from_utf8(output.stdout).unwrap()).pid, pid);
    assert_eq!(output.status.code(), Some(7), "the exit code is the suite's");
}

#[test]
fn it_is_run_as_cargo_runs_it() {
    let project = workspace();
    project.write(".cargo/config.toml", "[env]\nOF_THE_CONFIGURATION = \"1\"\n");
    let args = ["-k", "a or b", "", "--", "é\n"];
    let odd = OsStr::from_bytes(b"\xff\n");
    // What the suite is told besides: an interpreter that names itself.
    let python = project.path("python");
    project.script("python", &format!("echo {}; echo 3.11.7", python.display()));
    let ours = Answer::of(integration(&project, &args).env("ODD", odd).env("JUBILANT_PYTHON", &python));
    let cargo = with_charms(&project, env!("CARGO"))
        .args(["test", "--package", "jubilant-tests", "--test", "integration", "--"])
        .args(args)
        .env("ODD", odd)
        .env("JUBILANT_PYTHON", &python)
        .output()
        .unwrap();
    let (ours, cargos) = (Told::of(&ours.stdout), Told::of(&String::from_utf8(cargo.stdout).unwrap()));
    assert_eq!(ours.all, cargos.all);
    assert!(ours.args.ends_with(r#"", "-k", "a or b", "", "--", "é\n"]"#), "{}", ours.args);
    for variable in [
        r#"("CARGO_PKG_VERSION", "1.2.3")"#,
        r#"("OF_THE_CONFIGURATION", "1")"#,
        r#"("ODD", "\xFF\n")"#,
        "(\"LD_LIBRARY_PATH\", ",
    ] {
        assert!(ours.all.contains(&format!("\n{variable}")), "{variable} in {}", ours.all);
    }
}

#[test]
fn what_does_not_compile_is_cargos_failure() {
    let project = workspace();
    project.write("suite/tests/integration.rs", "fn main() { nonsense }");
    let answer = Answer::of(&mut integration(&project, &[]));
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(101), ""), "{}", answer.stderr);
    assert_eq!(answer.stderr.matches("cannot find value `nonsense`").count(), 1, "{}", answer.stderr);
}

/// Such as one that starts every test program in a container.
#[test]
fn a_runner_of_the_users_still_runs_the_suite() {
    for target in ["'cfg(unix)'", &host()] {
        let project = workspace();
        let runner = project.script("runner", "echo \"runner of $# words\"; exec \"$@\"");
        let config = format!("[target.{target}]\nrunner = {:?}\n", runner.to_str().unwrap());
        project.write(".cargo/config.toml", &config);
        let answer = Answer::of(&mut integration(&project, &["-k", "a or b", "--code=7"]));
        let told = answer.stdout.strip_prefix("runner of 4 words\n").expect(&answer.stderr);
        assert!(Told::of(told).args.ends_with(r#"", "-k", "a or b", "--code=7"]"#), "{told}");
        assert!(told.contains("(\"CHARM_PATH_DB\", "), "{told}");
        assert_eq!(answer.code, Some(7), "{}", answer.stderr);
        assert!(!answer.stderr.contains("matching instances"), "{}", answer.stderr);
    }
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// Two packages with a suite, and a cargo that is told to test the whole workspace, as it is where an xtask names no
/// package.
fn two_suites(first: &str) -> (Project, String) {
    let project = workspace();
    project.write("Cargo.toml", "[workspace]\nmembers = [\"first\", \"suite\"]\nresolver = \"3\"\n");
    let manifest = "[package]\nname = \"first\"\nedition = \"2024\"\n[[test]]\nname = \"integration\"\nharness = false\n";
    project.write("first/Cargo.toml", manifest);
    project.write("first/src/lib.rs", "");
    let script = project.script("first.sh", first);
    let main = format!(
        "use std::os::unix::process::CommandExt;\nfn main() {{ panic!(\"{{}}\", std::process::Command::new({:?}).exec()) }}",
        script.to_str().unwrap()
    );
    project.write("first/tests/integration.rs", &main);
    let real = env!("CARGO");
    let cargo = project.script(
        "cargo",
        &format!(
            "if [ \"$1\" = test ]; then shift 3; exec '{real}' test --workspace \"$@\"; fi\nexec '{real}' \"$@\""
        ),
    );
    let cargo = cargo.to_str().unwrap().to_owned();
    (project, cargo)
}

#[test]
fn every_suite_is_run_until_one_fails() {
    let (project, cargo) = two_suites("echo first in $PWD");
    let child = integration(&project, &["--code=7"])
        .env("CARGO", &cargo)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id();
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let (first, second) = stdout.split_once('\n').unwrap();
    assert_eq!(first, format!("first in {}", project.path("first").display()));
    assert_eq!((Told::of(second).pid, output.status.code()), (pid, Some(7)));

    project.script("first.sh", "exit 3");
    let answer = Answer::of(integration(&project, &[]).env("CARGO", &cargo));
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(3), ""), "{}", answer.stderr);
}

#[test]
fn an_interrupted_suite_is_waited_for() {
    let (project, cargo) = two_suites(
        "trap 'echo interrupted; echo tidied up; exit 0' INT; echo running; for i in $(seq 600); do sleep 0.1; done; exit 9",
    );
    let mut command = integration(&project, &[]);
    let mut child = command
        .env("CARGO", &cargo)
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "running\n");
    // As the terminal does it: to the whole group.
    let group = format!("-{}", child.id());
    assert!(Command::new("kill").args(["-INT", "--", &group]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130), "the second suite is not begun");
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "interrupted\ntidied up\n");
}
