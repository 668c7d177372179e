//! What `/proc` says about a process.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part")]

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{is_alive, wait_until};

/// Processor time that a process has used, in hundredths of a second.
pub fn ticks(pid: i32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process lives");
    let (_, fields) = stat.rsplit_once(')').expect("the name is in parentheses");
    let numbers = fields.split_whitespace().skip(11).take(2);
    numbers.map(|field| field.parse::<u64>().expect("a number")).sum()
}

/// The most memory that a process has ever used, in bytes.
pub fn peak_memory(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process lives");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

/// Waits until a process does nothing: a busy loop never lets half a second go by with less than a twentieth of it.
#[track_caller]
pub fn await_calm(pid: i32) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let before = ticks(pid);
        thread::sleep(Duration::from_millis(500));
        let used = ticks(pid) - before;
        if used <= 2 {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "process {pid} is busy with nothing: {used} ticks in half a second"
        );
    }
}

/// Kills a process and waits for its end.
pub fn kill(pid: i32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill runs").success());
    wait_until("the end of the process", || !is_alive(pid));
}

/// A process's command line with blanks between the arguments.
pub fn cmdline(pid: i32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).replace('\0', " ").trim_end().to_owned()
}
