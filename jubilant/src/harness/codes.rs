//! The exit codes of a run.

/// Tests have failed: libtest's own code.
pub(crate) const FAILED: u8 = 101;
/// A command line that cannot be obeyed.
pub(crate) const USAGE: u8 = 2;
/// pytest's codes.
pub(crate) const NAMES_NOTHING: u8 = 4;
pub(crate) const NOTHING_RAN: u8 = 5;
/// As shells say it of SIGINT.
pub(crate) const INTERRUPTED: u8 = 130;
