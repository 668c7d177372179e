//! A private embedded Juju and small shell charms for it.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_jubilant-embedded");
const LIMIT: Duration = Duration::from_secs(20);

/// An embedded Juju of the test's own; dropping it ends the controller and all that it ran.
pub struct Juju {
    dir: tempfile::TempDir,
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

impl Answer {
    pub fn new(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is UTF-8");
        Self { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code() }
    }

    /// Asserts success and returns standard output.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.stdout
    }

    /// Asserts a failure with this code and this text on standard error.
    #[track_caller]
    pub fn fails(self, code: i32, text: &str) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert!(self.stderr.contains(text), "{text:?} is missing in {self:#?}");
        self
    }

    #[track_caller]
    pub fn json(self) -> Value {
        serde_json::from_str(&self.ok()).expect("the output is JSON")
    }
}

impl Juju {
    /// Without a model.
    pub fn bare() -> Self {
        Self { dir: tempfile::Builder::new().prefix("embedded-").tempdir().expect("a temporary directory") }
    }

    /// With a model `test`.
    pub fn new() -> Self {
        let juju = Self::bare();
        juju.run(&["add-model", "test"]).ok();
        juju
    }

    pub fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(args).env("JUBILANT_EMBEDDED_DIR", self.state()).env_remove("JUJU_MODEL");
        command.current_dir(self.dir.path()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Answer {
        Answer::new(self.command(args).output().expect("the program starts"))
    }

    /// A new charm in a directory of its own.
    pub fn charm(&self, name: &str) -> Charm {
        let dir = self.dir.path().join("charms").join(name);
        fs::create_dir_all(&dir).expect("a charm directory");
        Charm { dir, name: name.into() }.file("metadata.yaml", &format!("name: {name}\n"))
    }

    pub fn deploy(&self, charm: &Charm, more: &[&str]) {
        let mut args = vec!["deploy", charm.path()];
        args.extend(more);
        self.run(&args).ok();
    }

    pub fn status(&self) -> Value {
        self.run(&["status", "--format", "json"]).json()
    }

    /// Waits for a condition on the status.
    #[track_caller]
    pub fn wait(&self, what: &str, condition: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + LIMIT;
        loop {
            let status = self.status();
            if condition(&status) {
                return status;
            }
            if Instant::now() > deadline {
                panic!("no {what} in time: {status:#}\n{}", self.run(&["debug-log", "--replay"]).stdout);
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until a unit's workload has a status.
    #[track_caller]
    pub fn wait_for(&self, unit: &str, status: &str) -> Value {
        self.wait(&format!("{unit} {status}"), |all| {
            self::unit(all, unit)["workload-status"]["current"] == status
        })
    }

    /// Waits until every agent is idle and stays so: the conditions that a test has set off have all been met.
    #[track_caller]
    pub fn settle(&self) {
        let deadline = Instant::now() + LIMIT;
        let mut calm = 0;
        // Several times in a row, because a unit may be between seeing a change and acting on it.
        while calm < 5 {
            let status = self.status();
            assert!(Instant::now() < deadline, "the units do not settle: {status:#}\n{}", self.log());
            let idle = units(&status).iter().all(|(_, unit)| unit["juju-status"]["current"] == "idle");
            calm = if idle { calm + 1 } else { 0 };
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn log(&self) -> String {
        self.run(&["debug-log", "--replay", "--no-tail"]).ok()
    }

    /// What the tracing charms logged: `(unit, text)` in order.
    pub fn trace(&self) -> Vec<(String, String)> {
        let log = self.log();
        let entry = |line: &str| {
            let (head, text) = line.split_once("T> ")?;
            let unit = head.strip_prefix("unit-")?.split(": ").next()?;
            let (app, number) = unit.rsplit_once('-')?;
            Some((format!("{app}/{number}"), text.trim_end().to_owned()))
        };
        log.lines().filter_map(entry).collect()
    }

    /// The same for one unit.
    pub fn trace_of(&self, unit: &str) -> Vec<String> {
        self.trace().into_iter().filter(|(name, _)| name == unit).map(|(_, text)| text).collect()
    }

    #[track_caller]
    pub fn wait_for_log(&self, text: &str) {
        wait_until(&format!("{text:?} in the log"), || self.log().contains(text));
    }

    /// The process ID of the controller.
    pub fn controller(&self) -> Option<i32> {
        processes(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            line.contains("--embedded-controller") && line.contains(&*self.state().to_string_lossy())
        })
        .first()
        .copied()
    }

    /// Processes that live in the state directory or were started by its hooks.
    pub fn leftovers(&self) -> Vec<i32> {
        let state = self.state();
        let text = state.to_string_lossy().into_owned();
        processes(|pid| {
            let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            String::from_utf8_lossy(&environ).contains(&format!("JUJU_CHARM_DIR={text}"))
                || fs::read_link(format!("/proc/{pid}/cwd"))
                    .is_ok_and(|cwd| cwd.starts_with(state.join("models")))
        })
    }
}

impl Drop for Juju {
    fn drop(&mut self) {
        let _ = self.command(&["kill-controller", "--no-prompt", "embedded"]).output();
    }
}

/// Live processes that fit.
pub fn processes(fits: impl Fn(i32) -> bool) -> Vec<i32> {
    let entries = fs::read_dir("/proc").expect("/proc is there").flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| is_alive(*pid) && fits(*pid)).collect()
}

pub fn is_alive(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

#[track_caller]
pub fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < deadline, "no {what} in time");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A unit in a status.
pub fn unit<'a>(status: &'a Value, name: &str) -> &'a Value {
    let app = name.split('/').next().unwrap_or(name);
    &status["applications"][app]["units"][name]
}

/// All units of a status.
pub fn units(status: &Value) -> Vec<(String, Value)> {
    let apps = status["applications"].as_object().into_iter().flat_map(|apps| apps.values());
    let units = apps.filter_map(|app| app["units"].as_object()).flatten();
    units.map(|(name, unit)| (name.clone(), unit.clone())).collect()
}

/// A shell charm.
pub struct Charm {
    dir: PathBuf,
    name: String,
}

/// Logs every call with what it is about, then runs the charm's own part.
const TRACING: &str = r#"#!/bin/sh
set -e
juju-log "T> $JUJU_DISPATCH_PATH|$JUJU_RELATION_ID|$JUJU_REMOTE_UNIT|$JUJU_REMOTE_APP|$JUJU_DEPARTING_UNIT"
"#;

impl Charm {
    pub fn path(&self) -> &str {
        self.dir.to_str().expect("the path is UTF-8")
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn file(self, path: &str, content: &str) -> Self {
        let path = self.dir.join(path);
        fs::create_dir_all(path.parent().expect("a file has a directory")).expect("a directory");
        fs::write(path, content).expect("a file");
        self
    }

    pub fn metadata(self, more: &str) -> Self {
        let text = format!("name: {}\n{more}", self.name);
        self.file("metadata.yaml", &text)
    }

    /// An executable script.
    pub fn script(self, path: &str, content: &str) -> Self {
        let file = self.dir.join(path);
        let charm = self.file(path, content);
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("a mode");
        charm
    }

    /// A `dispatch` that traces and then runs `body`.
    pub fn dispatch(self, body: &str) -> Self {
        self.script("dispatch", &format!("{TRACING}{body}\n"))
    }
}
