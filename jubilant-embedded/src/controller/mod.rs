//! The background process: it answers commands and runs one agent per unit.

mod agents;
mod burial;
mod descriptors;
mod peer;
mod process;
mod server;
mod start;

pub(crate) use start::{ROLE, main};
