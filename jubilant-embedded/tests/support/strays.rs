//! Processes that a test knows by their command line alone, and that do not outlive it.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part")]

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::probe::{cmdline, kill};
use crate::support::{is_alive, processes, wait_until};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A `sleep` that nobody else has started.
pub struct Stray {
    pub command: String,
}

impl Stray {
    pub fn new() -> Self {
        let number = u64::from(process::id()) * 1000 + u64::from(NEXT.fetch_add(1, Ordering::Relaxed));
        Self { command: format!("sleep {number}") }
    }

    /// The process, if it lives.
    pub fn pid(&self) -> Option<i32> {
        processes(|pid| cmdline(pid) == self.command).first().copied()
    }

    #[track_caller]
    pub fn await_start(&self) -> i32 {
        wait_until(&self.command, || self.pid().is_some());
        self.pid().expect("it was there")
    }
}

impl Drop for Stray {
    fn drop(&mut self) {
        processes(|pid| cmdline(pid) == self.command).into_iter().filter(|pid| is_alive(*pid)).for_each(kill);
    }
}
