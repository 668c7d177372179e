//! Where there is no Linux there is no embedded Juju: it needs `/proc`.

use std::path::PathBuf;

use crate::error::Error;

/// The directory that would hold the embedded Juju's state.
///
/// # Errors
/// Always: the embedded Juju needs Linux.
pub fn state_dir() -> Result<PathBuf, Error> {
    Err(Error::NeedsLinux)
}

/// Installs nothing here.
///
/// # Errors
/// Always: the embedded Juju needs Linux.
pub fn install() -> Result<PathBuf, Error> {
    Err(Error::NeedsLinux)
}

/// Does nothing here: the program cannot have been installed.
pub fn run_if_called() {}

/// Says that the embedded Juju needs Linux and exits with 1.
pub fn main() {
    eprintln!("ERROR {}", Error::NeedsLinux);
    std::process::exit(1);
}
