//! The `juju` command: what it cannot answer itself goes to the controller, which it starts if there is none.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::conversation::{Outcome, converse, print, stdin_for, texts};
use crate::ground::failure;
use crate::ground::paths::StateDir;
use crate::ground::protocol::{self, Kind, Request};
use crate::ground::socket;
use crate::program::install;
use crate::{commands, controller, python};

/// How long a controller may take to listen; a predecessor may have to end first.
const START: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(10);

/// Runs a command and returns its exit code.
pub(crate) fn main(args: &[OsString]) -> i32 {
    match run(args) {
        Ok(code) => code,
        // Whoever read our output has gone; there is nobody to tell.
        Err(Failure::Output) => 1,
        Err(Failure::Said(failure)) => {
            eprintln!("ERROR {}", failure.text);
            failure.code
        }
    }
}

enum Failure {
    Output,
    Said(failure::Failure),
}

impl From<failure::Failure> for Failure {
    fn from(failure: failure::Failure) -> Self {
        Self::Said(failure)
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        failure::Failure::new(text).into()
    }
}

fn run(args: &[OsString]) -> Result<i32, Failure> {
    let args = texts(args)?;
    let dir = StateDir::from_env().map_err(|error| error.to_string())?;
    if let Some(text) = commands::answer_alone(&dir, &args)? {
        print(&mut io::stdout(), &text).map_err(|_| Failure::Output)?;
        return Ok(0);
    }
    install::install_into(&dir).map_err(|error| error.to_string())?;
    let stdin = stdin_for(&args, &["--file", "--params", "--config"])
        .map_err(|error| format!("cannot read standard input: {error}"))?;
    let request = Request {
        kind: Kind::Cli,
        args,
        cwd: env::current_dir().map_err(|error| format!("no working directory: {error}"))?,
        stdin,
        identity: protocol::identity(&dir),
        terminal: io::stdout().is_terminal(),
        env: variables(),
    };
    let deadline = Instant::now() + START;
    loop {
        let stream = match socket::connect(&dir.socket()) {
            Ok(stream) => stream,
            Err(_) => start(&dir, deadline)?,
        };
        match converse(stream, &request).map_err(|_| Failure::Output)? {
            Outcome::Code(code) => return Ok(code),
            Outcome::Superseded => end_predecessor(&dir, &request),
            Outcome::NoAnswer => {}
        }
        if Instant::now() > deadline {
            return Err(
                format!("the controller does not answer: see {}", dir.controller_log().display()).into()
            );
        }
        thread::sleep(POLL);
    }
}

/// The part of the environment that the controller is told: its own may be another command's.
fn variables() -> BTreeMap<String, String> {
    let value = |name: &str| Some((name.to_owned(), env::var_os(name)?.to_string_lossy().into_owned()));
    ["JUJU_MODEL"].into_iter().chain(python::VARIABLES).filter_map(value).collect()
}

/// Asks a controller of another build to end. It removes its socket when it has.
fn end_predecessor(dir: &StateDir, request: &Request) {
    let end = Request { kind: Kind::End, args: Vec::new(), stdin: None, ..request.clone() };
    if let Ok(stream) = socket::connect(&dir.socket()) {
        let _ = converse(stream, &end);
    }
}

/// Starts a controller, unless another command is doing so, and connects to it.
fn start(dir: &StateDir, deadline: Instant) -> Result<std::os::unix::net::UnixStream, String> {
    let said = |error: io::Error| format!("cannot start the embedded controller: {error}");
    let lock =
        OpenOptions::new().create(true).append(true).mode(0o600).open(dir.start_lock()).map_err(said)?;
    lock.lock().map_err(said)?;
    if let Ok(stream) = socket::connect(&dir.socket()) {
        return Ok(stream); // another command was faster
    }
    let mut controller = spawn(dir).map_err(said)?;
    loop {
        if let Ok(stream) = socket::connect(&dir.socket()) {
            return Ok(stream);
        }
        if let Ok(Some(status)) = controller.try_wait() {
            return Err(format!("the controller ended ({status}): see {}", dir.controller_log().display()));
        }
        if Instant::now() > deadline {
            return Err(format!("the controller does not start: see {}", dir.controller_log().display()));
        }
        thread::sleep(POLL);
    }
}

fn spawn(dir: &StateDir) -> io::Result<std::process::Child> {
    let log: File = OpenOptions::new().create(true).append(true).mode(0o600).open(dir.controller_log())?;
    Command::new(dir.program())
        .arg(controller::ROLE)
        .env("JUBILANT_EMBEDDED_DIR", dir.path())
        // Not to keep anybody's directory busy.
        .current_dir(dir.path())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
}
