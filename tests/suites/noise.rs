//! Tests that share their output with programs which go on using it, or that do without it. The last one fails.

use std::fs::File;
use std::io::Write;
use std::process::Command;

use jubilant::prelude::*;

use crate::{trace, variable};

/// First, since a helper may make the output one that a test cannot print to.
#[juju_test]
fn prints_what_looks_like_marks() -> TestResult {
    let mut stdout = std::io::stdout().lock();
    for mark in ["\x1e0\x1e\n", "\x1e0123456789abcdef:1\x1e\n", "\x1e\x1e:0\x1e", "\x1e0123456789abcdef:"] {
        stdout.write_all(mark.as_bytes())?;
    }
    Ok(stdout.flush()?)
}

/// Starts a program that stays. Whoever runs this suite ends it.
#[juju_test]
fn starts_a_helper() -> TestResult {
    // Not waited for: it is to outlive this process.
    #[expect(clippy::zombie_processes)]
    let helper =
        Command::new(env!("CARGO_BIN_EXE_noise")).args(variable("SUITE_NOISE").split_whitespace()).spawn()?;
    trace(&format!("helper {}", helper.id()));
    Ok(())
}

#[juju_test]
fn takes_its_output_away() -> TestResult {
    match variable("SUITE_OUTPUT").as_str() {
        "file" => {
            let file = File::create(format!("{}.output", variable("SUITE_TRACE")))?;
            rustix::stdio::dup2_stdout(&file)?;
            rustix::stdio::dup2_stderr(&file)?;
        }
        "closed" => {
            let (_, input) = std::io::pipe()?;
            rustix::stdio::dup2_stdout(&input)?;
            rustix::stdio::dup2_stderr(&input)?;
        }
        _ => {}
    }
    Ok(())
}

/// Ends as it is told, with a message of a given length.
#[juju_test]
fn fails() {
    match variable("SUITE_DEATH").as_str() {
        "abort" => std::process::abort(),
        "exit" => std::process::exit(0),
        _ => {
            let size: usize = variable("SUITE_MESSAGE").parse().expect("the length of the message");
            panic!("{}", jubilant_tests::message(size));
        }
    }
}
