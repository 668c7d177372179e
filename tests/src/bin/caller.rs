//! Stands for whoever starts a suite: the suite sees this process's own command line as its parent's.
//!
//! It starts the program that `CALLER_RUNS` names with the arguments in `CALLER_ARGUMENTS`.
#![forbid(unsafe_code)]

use std::io;
use std::process::{Command, ExitCode};

fn main() -> io::Result<ExitCode> {
    let variable = |name| std::env::var(name).map_err(io::Error::other);
    let status = Command::new(variable("CALLER_RUNS")?)
        .args(variable("CALLER_ARGUMENTS")?.split_whitespace())
        .status()?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
