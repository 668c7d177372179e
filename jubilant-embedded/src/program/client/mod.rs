//! The side that people and hooks call: it sends the command to the controller and prints the reply.

pub(super) mod cli;
mod conversation;
pub(super) mod tool;
