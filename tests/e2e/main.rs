//! The harness end to end: real suites as child processes, on the embedded Juju.
#![forbid(unsafe_code)]

mod bad_input;
mod failures;
mod kills;
mod options;
mod order_and_scope;
