//! Who is at the other end of the command socket.

use std::collections::HashSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process;

use rustix::net::sockopt::socket_peercred;

use crate::ground::paths::StateDir;

/// Whether the peer is a process of some unit: one that descends from this controller, which starts nothing but
/// hooks, or whose environment (or that of a process it descends from) says which charm it belongs to.
pub(super) fn is_of_unit(stream: &UnixStream, dir: &StateDir) -> bool {
    let Ok(peer) = socket_peercred(stream) else { return true };
    let mut pid = peer.pid.as_raw_pid();
    let mut seen = HashSet::new();
    while pid > 1 && seen.insert(pid) {
        if pid == process::id().cast_signed() || has_charm(pid, dir) {
            return true;
        }
        let Some(parent) = parent_of(pid) else { return false };
        pid = parent;
    }
    false
}

fn has_charm(pid: i32, dir: &StateDir) -> bool {
    let mut mark = b"JUJU_CHARM_DIR=".to_vec();
    mark.extend_from_slice(dir.models().as_os_str().as_bytes());
    let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environ.split(|byte| *byte == 0).any(|entry| entry.starts_with(&mark))
}

fn parent_of(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
