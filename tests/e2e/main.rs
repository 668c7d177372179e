//! The harness end to end: real suites as child processes, on the embedded Juju.
#![forbid(unsafe_code)]

mod background;
mod bad_input;
mod failures;
mod kills;
mod names;
mod options;
mod order_and_scope;
mod ownership;
mod record;
mod selection;
mod sweep;
mod teardown;
mod verdicts;
