//! Tests of the `xtask` program as a whole: real charms, real archives, real cargo. Only charmcraft is a stand-in, as
//! the real one needs Ubuntu and LXD.

// Helpers of tests may unwrap as tests do.
#![allow(clippy::unwrap_used)]

mod again;
mod charmcraft;
mod handover;
mod installed;
mod integration;
mod local;
mod platform;
mod python;
mod refusals;
mod script;
mod select;
mod suite;
mod support;
mod sweep_and_report;
mod yaml;
