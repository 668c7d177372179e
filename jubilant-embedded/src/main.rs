//! The embedded Juju as a program of its own.
fn main() {}
