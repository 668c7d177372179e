//! The server as a process: started detached, known by its pid file, ended by its pid.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::state::State;

/// How long the server may take to end once asked to.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// What the server says on its stdout once it listens.
pub const READY: &str = "listening";

pub struct Address {
    pub host: String,
    pub port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An IPv6 address holds colons itself.
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Sees to it that the server runs at `address`; the inner error is why it cannot.
pub fn run_at(state: &State, address: &Address) -> Result<std::result::Result<(), String>> {
    let wanted = address.to_string();
    if running(state)?.is_some() {
        if state.read("address")?.as_deref() == Some(&wanted) {
            return Ok(Ok(()));
        }
        stop(state)?;
    }
    start(state, &wanted)
}

fn start(state: &State, address: &str) -> Result<std::result::Result<(), String>> {
    let log_path = state.path("server.log");
    let log = fs::OpenOptions::new().create(true).append(true).open(&log_path)?;
    let mut child = Command::new(std::env::current_exe()?)
        .args(["serve", address])
        .arg(state.dir())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        // Its own group: what is sent to the hook's group is not for the server.
        .process_group(0)
        .spawn()?;
    state.write("pid", &child.id().to_string())?;
    state.write("address", address)?;

    // The server either says that it listens or ends, which closes the pipe.
    let mut answer = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut answer)?;
    }
    if answer.trim_end() == READY {
        return Ok(Ok(()));
    }
    child.wait()?;
    state.remove("pid")?;
    let log = fs::read_to_string(&log_path)?;
    Ok(Err(log.lines().last().unwrap_or("the server ended at once").to_owned()))
}

/// Ends the server, if it runs, and waits for its end.
pub fn stop(state: &State) -> Result<()> {
    if let Some(pid) = running(state)? {
        // std cannot send a signal; every shell can.
        let status = Command::new("sh").args(["-c", "kill -TERM \"$1\"", "sh", &pid]).status()?;
        let limit = Instant::now() + STOP_LIMIT;
        while running(state)?.is_some() {
            if Instant::now() > limit {
                return Err(format!(
                    "the server, pid {pid}, did not end within {STOP_LIMIT:?} (kill: {status})"
                )
                .into());
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
    state.remove("pid")
}

/// The server's pid while it runs. A pid is used again after a while, hence the look at the command line, which
/// names this unit's state directory.
fn running(state: &State) -> Result<Option<String>> {
    let Some(pid) = state.read("pid")? else { return Ok(None) };
    let command = fs::read(Path::new("/proc").join(&pid).join("cmdline")).unwrap_or_default();
    let mut args = command.split(|byte| *byte == 0);
    let ours =
        args.any(|arg| arg == b"serve") && args.any(|arg| arg == state.dir().as_os_str().as_encoded_bytes());
    Ok(ours.then_some(pid))
}
