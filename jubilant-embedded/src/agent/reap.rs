//! Ending the processes of a unit, found by their brand.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::brand;
use super::launch::PID_FILE;
use crate::ground::paths::UnitDir;

/// How long processes may take to end when asked.
const POLITE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(10);

/// Ends all that the unit left behind: first politely, then by force.
pub(crate) fn end_everything(dir: &UnitDir) {
    let deadline = Instant::now() + POLITE;
    let mut signal = Signal::TERM;
    loop {
        let found = signal_all(signal, |pid| belongs(pid, dir));
        if found == 0 {
            return;
        }
        signal = if Instant::now() < deadline { Signal::CONT } else { Signal::KILL };
        thread::sleep(POLL);
    }
}

/// Ends the processes of an interrupted hook, and not the daemons it started.
pub(crate) fn end_hooks(dir: &UnitDir) {
    let file = dir.path().join(PID_FILE);
    let Ok(text) = fs::read_to_string(&file) else { return };
    if let Ok(session) = text.trim().parse::<i32>() {
        // Its number may have been given to another process since: the brand tells.
        while signal_all(Signal::KILL, |pid| session_of(pid) == Some(session) && belongs(pid, dir)) > 0 {
            thread::sleep(POLL);
        }
    }
    let _ = fs::remove_file(&file);
}

/// Signals every process that `wanted` picks and returns how many there were.
fn signal_all(signal: Signal, wanted: impl Fn(i32) -> bool) -> usize {
    let Ok(entries) = fs::read_dir("/proc") else { return 0 };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let mut found = 0;
    for pid in pids.filter(|pid| wanted(*pid)) {
        // The descriptor pins the process; only then is it certain which one was looked at.
        let Some(fd) = Pid::from_raw(pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()) else {
            continue;
        };
        if wanted(pid) && pidfd_send_signal(&fd, signal).is_ok() {
            found += 1;
        }
    }
    found
}

/// Whether a live process was started by the unit's hooks.
fn belongs(pid: i32, dir: &UnitDir) -> bool {
    let proc = Path::new("/proc").join(pid.to_string());
    let is_own = brand::has(pid, dir) || (!brand::is_possible() && is_marked(&proc, dir));
    is_own && !is_zombie(&proc)
}

/// What is left where nothing can be branded: the environment that the agent gave to the hook.
fn is_marked(proc: &Path, dir: &UnitDir) -> bool {
    let mut mark = b"JUJU_CHARM_DIR=".to_vec();
    mark.extend_from_slice(dir.charm().as_os_str().as_bytes());
    let environ = fs::read(proc.join("environ")).unwrap_or_default();
    environ.split(|byte| *byte == 0).any(|entry| entry == mark)
}

/// The state and the numbers behind the parenthesised name in `/proc/PID/stat`.
fn stat(proc: &Path) -> Option<Vec<String>> {
    let text = fs::read_to_string(proc.join("stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

fn is_zombie(proc: &Path) -> bool {
    stat(proc).is_none_or(|fields| matches!(fields.first().map(String::as_str), Some("Z" | "X")))
}

fn session_of(pid: i32) -> Option<i32> {
    stat(&Path::new("/proc").join(pid.to_string()))?.get(3)?.parse().ok()
}
