//! Suites that the end-to-end tests run as child processes. Some of their tests must fail.
//!
//! What happened is written to the file that `SUITE_TRACE` names, one word per line, so that order, scope and
//! teardown can be checked from outside.
#![forbid(unsafe_code)]

use std::fs::OpenOptions;
use std::io::Write;

mod asks_last;
mod attributes;
mod deploys;
mod dies;
mod ends_late;
mod fixtures;
mod lingers;
mod names;
mod noise;
mod order;
mod recorded;
mod scope_one;
mod scope_two;
mod setup_fails;
mod shapes;
mod stays;
mod waits;

jubilant::main!();

/// Adds a line to the trace.
fn trace(line: &str) {
    let path = std::env::var_os("SUITE_TRACE").expect("these suites are run by the end-to-end tests");
    let mut file = OpenOptions::new().append(true).create(true).open(path).expect("the trace can be opened");
    // At once: other modules write to it, too.
    file.write_all(format!("{line}\n").as_bytes()).expect("the trace can be written");
}

/// What the end-to-end test has set for this run; empty if nothing.
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}
