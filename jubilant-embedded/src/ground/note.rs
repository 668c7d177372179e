//! What the controller has to say to nobody in particular: it goes to its log.

use std::fmt::Display;
use std::io::{self, Write};

/// Says it on standard error. Unlike `eprintln!` it does not panic where the disk is full.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}
