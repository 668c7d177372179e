//! How a unit's processes are told from everybody else's.
//!
//! A process can empty its environment, change its directory, leave its session and outlive its parent and the
//! controller. What it inherits all the same, and has no reason to change, is a resource limit: that on the CPU time of
//! real-time threads gets a value that limits nothing and names the unit.

use std::fs;
use std::os::unix::ffi::OsStrExt;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::ground::paths::UnitDir;

/// 73,000 years of microseconds, and a pattern that nobody sets by chance; the unit's part is below.
const PATTERN: u64 = 0x2075_6A75 << 32;
const UNIT: u64 = u32::MAX as u64;

/// The limit that the processes of a unit have.
fn of_unit(dir: &UnitDir) -> u64 {
    let bytes = dir.path().as_os_str().as_bytes().iter();
    // FNV-1a: the same in every build, which the standard library's hasher is not.
    let hash = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    });
    PATTERN | (hash & UNIT)
}

/// Brands this process and all that it will start. See [`is_possible`].
pub(super) fn brand(dir: &UnitDir) {
    let limit = Rlimit { current: Some(of_unit(dir)), ..getrlimit(Resource::Rttime) };
    let _ = setrlimit(Resource::Rttime, limit);
}

fn of_process(pid: i32) -> Option<u64> {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max realtime timeout"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Whether a process belongs to this unit.
pub(super) fn has(pid: i32, dir: &UnitDir) -> bool {
    of_process(pid) == Some(of_unit(dir))
}

/// Whether processes can be branded: the system may have a limit of its own, which is lower.
pub(super) fn is_possible() -> bool {
    getrlimit(Resource::Rttime).maximum.is_none()
}

/// Whether a process belongs to any unit of any embedded Juju.
pub(crate) fn is_of_unit(pid: i32) -> bool {
    of_process(pid).is_some_and(|limit| limit & !UNIT == PATTERN)
}
