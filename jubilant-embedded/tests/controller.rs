//! The background process: races, kills, leftovers, its end.
#![cfg(target_os = "linux")]

mod support;

use std::fs::{self, File};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use support::{Juju, PROGRAM, is_alive, processes, unit, wait_until};

fn kill(pid: i32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill runs").success());
    wait_until("the end of the process", || !is_alive(pid));
}

#[test]
fn racing_first_commands_start_one_controller() {
    let juju = Juju::bare();
    let children: Vec<_> = (0..8)
        .map(|n| {
            juju.command(&["add-model", "--no-switch", &format!("m{n}")])
                .stderr(Stdio::null())
                .spawn()
                .expect("the program starts")
        })
        .collect();
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }
    assert_eq!(juju.run(&["models", "--format=json"]).json()["models"].as_array().map(Vec::len), Some(8));
    let state = juju.state();
    let controllers = processes(|pid| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        line.contains("--embedded-controller") && line.contains(&*state.to_string_lossy())
    });
    assert_eq!(controllers.len(), 1);
    assert_eq!(fs::metadata(&state).expect("the state").permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_killed_controller_loses_nothing() {
    let juju = Juju::new();
    let charm = juju.charm("web").dispatch(
        r#"case $JUJU_HOOK_NAME in
            start) setsid sleep 1000 </dev/null >/dev/null 2>&1 & status-set active up;;
            config-changed) if [ "$(config-get block)" = True ] && ! [ -e ../go ]; then juju-log waiting; sleep 500; fi;;
        esac"#,
    );
    let charm = charm.file("config.yaml", "options:\n  block: {type: boolean, default: false}\n");
    juju.deploy(&charm, &[]);
    juju.wait_for("web/0", "active");
    juju.settle();
    let workload = processes(|pid| cmdline(pid).starts_with("sleep 1000") && juju.leftovers().contains(&pid));
    assert_eq!(workload.len(), 1);
    let other = juju.charm("other").dispatch("");
    juju.deploy(&other, &[]);
    juju.wait_for("other/0", "unknown");
    juju.run(&["exec", "--background", "--unit", "other/0", "--", "juju-log busy; sleep 300"]).ok();
    juju.wait_for_log("busy");
    juju.run(&["config", "web", "block=true"]).ok();
    juju.wait_for_log("waiting");
    let hook = processes(|pid| cmdline(pid).starts_with("sleep 500") && juju.leftovers().contains(&pid));
    assert_eq!(hook.len(), 1);
    let unit_dir = fs::read_dir(juju.state().join("models"))
        .expect("models")
        .next()
        .expect("one")
        .expect("entry")
        .path();
    fs::write(unit_dir.join("units/web-0/go"), "").expect("a file");
    kill(juju.controller().expect("a controller"));

    let status = juju.status();
    assert_eq!(unit(&status, "web/0")["workload-status"]["message"], "up");
    wait_until("the end of the interrupted hook", || !is_alive(hook[0]));
    juju.settle();
    assert!(is_alive(workload[0]), "the workload goes on");
    let task = juju.run(&["show-task", "2", "--format", "json"]).json();
    assert_eq!(
        (&task["status"], &task["message"]),
        (&"failed".into(), &"action terminated".into()),
        "{task}"
    );
    let changes = juju.trace_of("web/0").iter().filter(|line| line.contains("config-changed")).count();
    assert_eq!(changes, 3, "the interrupted hook ran again: {:?}", juju.trace());
    juju.run(&["destroy-model", "--no-prompt", "test"]).ok();
    assert!(!is_alive(workload[0]), "the workload ends with its unit");
    assert_eq!(juju.leftovers(), Vec::<i32>::new());
}

fn cmdline(pid: i32) -> String {
    String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()).replace('\0', " ")
}

#[test]
fn destroying_by_force_does_not_wait_for_hooks() {
    let juju = Juju::new();
    let charm =
        juju.charm("web").script("hooks/install", "#!/bin/sh\njuju-log here\nexec env -i sleep 1000\n");
    juju.deploy(&charm, &[]);
    juju.wait_for_log("here");
    juju.run(&["destroy-model", "--no-prompt", "--timeout", "100ms", "test"]).fails(1, "timeout");
    juju.run(&["destroy-model", "--no-prompt", "--force", "--no-wait", "test"]).ok();
    assert_eq!(juju.leftovers(), Vec::<i32>::new());
    // The model is gone for everybody a moment before its files are.
    let models = juju.state().join("models");
    wait_until("the end of its files", || fs::read_dir(&models).expect("models").next().is_none());
}

#[test]
fn destroying_by_force_passes_over_failing_hooks() {
    let juju = Juju::new();
    let charm = juju
        .charm("web")
        .script("hooks/install", "#!/bin/sh\nexit 1\n")
        .script("hooks/stop", "#!/bin/sh\nexit 1\n");
    juju.deploy(&charm, &[]);
    juju.wait_for("web/0", "error");
    juju.run(&["destroy-model", "--no-prompt", "--destroy-storage", "--force", "test"]).ok();
}

#[test]
fn it_ends_when_nobody_needs_it() {
    let juju = Juju::bare();
    let mut command = juju.command(&["models"]);
    assert!(
        command
            .env("JUBILANT_EMBEDDED_IDLE_MS", "50")
            .stdout(Stdio::null())
            .status()
            .expect("it runs")
            .success()
    );
    wait_until("the controller's end", || {
        juju.controller().is_none() && !juju.state().join("controller.sock").exists()
    });
    juju.run(&["models"]).ok();
}

#[test]
fn a_rebuilt_program_takes_over() {
    let juju = Juju::bare();
    let build = juju.path().join("build");
    fs::create_dir(&build).expect("a directory");
    let program = build.join("jubilant-embedded");
    let run = |args: &[&str]| {
        let mut command = Command::new(&program);
        command.args(args).env("JUBILANT_EMBEDDED_DIR", juju.state()).stdin(Stdio::null());
        command.output().expect("the program starts")
    };
    // Not by this process: a child that another test starts just then holds the file open for writing, and a
    // program that is being written cannot be started.
    let copy = |to: &Path| assert!(Command::new("cp").arg(PROGRAM).arg(to).status().expect("cp").success());
    copy(&program);
    assert!(run(&["add-model", "m"]).status.success());
    let first = juju.controller().expect("a controller");
    let installed = juju.state().join("bin/jubilant-embedded");
    let inode = fs::metadata(&installed).expect("the program").ino();

    // Another executable of the same version leaves it alone.
    juju.run(&["models"]).ok();
    assert_eq!(juju.controller(), Some(first));
    // The same one, rebuilt, replaces it.
    copy(&build.join("new"));
    fs::rename(build.join("new"), &program).expect("a rename");
    let models = run(&["models", "--format", "json"]);
    assert!(String::from_utf8_lossy(&models.stdout).contains("\"short-name\":\"m\""), "{models:?}");
    assert_ne!(fs::metadata(&installed).expect("the program").ino(), inode);
    assert_ne!(juju.controller(), Some(first));
    assert!(!is_alive(first));
}

#[test]
fn long_state_paths_work() {
    let juju = Juju::bare();
    let state = juju.path().join("x".repeat(100)).join("y".repeat(100));
    let run = |args: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.args(args).env("JUBILANT_EMBEDDED_DIR", &state).current_dir(juju.path()).stdin(Stdio::null());
        command.output().expect("the program starts")
    };
    let charm = juju.charm("web").dispatch("status-set active");
    assert!(run(&["add-model", "m"]).status.success());
    assert!(run(&["deploy", charm.path()]).status.success());
    wait_until("active", || String::from_utf8_lossy(&run(&["status"]).stdout).contains("active"));
    assert!(run(&["kill-controller", "--no-prompt", "embedded"]).status.success());
}

#[test]
fn a_reader_that_leaves_is_no_disaster() {
    let juju = Juju::new();
    let mut child =
        juju.command(&["--help"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// Runs `juju` as a shell does whose descriptor 9 is `file`: inherited, and not its standard output.
fn run_holding(juju: &Juju, file: impl Into<OwnedFd>, args: &[&str]) {
    let mut command = Command::new("sh");
    command.args(["-c", r#"exec 9>&1 >/dev/null; exec "$0" "$@""#, PROGRAM]).args(args);
    command.env("JUBILANT_EMBEDDED_DIR", juju.state()).current_dir(juju.path());
    command.stdin(Stdio::null()).stdout(file.into());
    assert!(command.status().expect("sh starts").success());
}

/// The open descriptors of a process above standard error, with what they are.
fn descriptors(pid: i32) -> Vec<(u32, PathBuf)> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).expect("the process lives").flatten();
    let all = entries.filter_map(|entry| {
        Some((entry.file_name().to_str()?.parse().ok()?, fs::read_link(entry.path()).ok()?))
    });
    all.filter(|(number, _)| *number > 2).collect()
}

#[test]
fn a_pipe_ends_with_the_command_that_started_the_controller() {
    let juju = Juju::bare();
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let pipe = fs::read_link(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader)));
    run_holding(&juju, writer, &["add-model", "test"]);
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(reader.read_to_end(&mut Vec::new()).is_ok()));
    assert_eq!(ended.recv_timeout(Duration::from_secs(10)), Ok(true), "the pipe has no end");

    let controller = juju.controller().expect("the controller goes on");
    let pipe = pipe.expect("the pipe has a name");
    assert!(!descriptors(controller).iter().any(|(_, file)| *file == pipe));
}

#[test]
fn a_lock_ends_with_the_command_that_started_the_controller() {
    let juju = Juju::bare();
    let path = juju.path().join("lock");
    let file = File::create(&path).expect("a file");
    file.lock().expect("nobody else has it");
    run_holding(&juju, file, &["add-model", "test"]);
    let again = File::open(&path).expect("the file is there");
    wait_until("lock to be had", || again.try_lock().is_ok());

    let controller = juju.controller().expect("the controller goes on");
    assert!(!descriptors(controller).iter().any(|(_, file)| *file == path));
}

#[test]
fn hooks_and_what_they_leave_have_no_foreign_descriptors() {
    let juju = Juju::bare();
    run_holding(&juju, File::create(juju.path().join("file")).expect("a file"), &["add-model", "test"]);
    // No shell, which has descriptors of its own: the hook's process becomes `sleep`, as does the daemon.
    let charm = juju
        .charm("web")
        .script("hooks/install", "#!/bin/sh\nsetsid sleep 1001 &\n")
        .script("hooks/start", "#!/bin/sh\nexec sleep 1002\n");
    juju.deploy(&charm, &[]);
    for what in ["sleep 1001", "sleep 1002"] {
        let find = || processes(|pid| cmdline(pid).trim() == what && juju.leftovers().contains(&pid));
        wait_until(what, || !find().is_empty());
        assert_eq!(descriptors(find()[0]), [], "{what}");
    }
}

#[test]
fn the_controller_has_a_session_of_its_own() {
    let juju = Juju::new();
    let controller = juju.controller().expect("a controller");
    assert_eq!(session(controller), controller);
}

#[test]
fn a_controller_that_leads_a_session_already_is_content() {
    let juju = Juju::bare();
    juju.run(&["models"]).ok();
    kill(juju.controller().expect("a controller"));
    let mut by_hand = Command::new("setsid");
    by_hand.arg(juju.state().join("bin/jubilant-embedded")).arg("--embedded-controller");
    by_hand.env("JUBILANT_EMBEDDED_DIR", juju.state()).stdin(Stdio::null());
    let mut child = by_hand.spawn().expect("setsid starts");
    let pid = i32::try_from(child.id()).expect("a process ID");
    wait_until("session", || session(pid) == pid);
    wait_until("controller to answer", || juju.run(&["models"]).code == Some(0));
    assert_eq!(juju.controller(), Some(pid));
    juju.run(&["kill-controller", "--no-prompt", "embedded"]).ok();
    assert!(child.wait().expect("it ends").success());
}

fn session(pid: i32) -> i32 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process lives");
    let (_, fields) = stat.rsplit_once(')').expect("the name is in parentheses");
    fields.split_whitespace().nth(3).expect("a session").parse().expect("a number")
}

#[test]
fn what_needs_no_controller_starts_none() {
    let juju = Juju::bare();
    for args in [
        &["version"][..],
        &["--version"],
        &["version", "--all"],
        &["help"],
        &["--help"],
        &["deploy", "--help"],
        &["show-controller", "--format", "json"],
        &["show-controller", "embedded"],
        &["controllers"],
        &["whoami"],
        &["clouds"],
    ] {
        assert_ne!(juju.run(args).ok(), "");
        assert_eq!(juju.controller(), None, "{args:?}");
    }
    for (args, code, text) in [
        (&["show-controller", "other"][..], 1, "ERROR controller other not found"),
        (&["-c", "other", "models"], 1, "ERROR controller other not found"),
        (&["bootstrap"], 1, "ERROR \"bootstrap\" is not supported by the embedded Juju"),
        (&["deploi"], 2, "ERROR juju: \"deploi\" is not a juju command"),
        (&["status", "--nosuch"], 2, "ERROR option provided but not defined: --nosuch"),
        (&["version", "extra"], 2, "ERROR unrecognized args: [\"extra\"]"),
        (&["version", "--format", "xml"], 2, "ERROR invalid value \"xml\" for option --format"),
        (&["clouds", "--format", "xml"], 2, "ERROR invalid value \"xml\" for option --format"),
    ] {
        juju.run(args).fails(code, text);
        assert_eq!(juju.controller(), None, "{args:?}");
    }
}

#[test]
fn a_client_alone_knows_the_models() {
    let juju = Juju::new();
    juju.run(&["add-model", "--no-switch", "other"]).ok();
    let check = |model: Option<&str>, count: usize| {
        let all = juju.run(&["controllers", "--format", "json"]).json();
        let controller = &all["controllers"]["embedded"];
        assert_eq!(controller["model-count"], count, "{all}");
        assert_eq!(controller["current-model"].as_str(), model, "{all}");
        assert_eq!(juju.run(&["whoami", "--format", "json"]).json()["model"].as_str(), model);
    };
    check(Some("admin/test"), 2);
    kill(juju.controller().expect("a controller"));
    check(Some("admin/test"), 2);
    assert_eq!(juju.controller(), None);
    juju.run(&["destroy-model", "--no-prompt", "test"]).ok();
    check(None, 1);
}

#[test]
fn a_client_alone_writes_the_file_it_is_asked_to() {
    let juju = Juju::bare();
    let file = juju.path().join("clouds.json");
    assert_eq!(juju.run(&["clouds", "--format", "json", "-o", "clouds.json"]).ok(), "");
    assert!(fs::read_to_string(file).expect("the file is there").contains("\"localhost\""));
    juju.run(&["clouds", "-o", "nowhere/clouds"]).fails(1, "cannot write nowhere/clouds");
}
