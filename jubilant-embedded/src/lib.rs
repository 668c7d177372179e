//! An embedded Juju that really runs a local charm's hooks.
//!
//! It speaks the `juju` command line and runs hooks as a unit agent does, on machines without a controller.
//! Whatever it cannot do it refuses in words; it never answers for a charm.
//!
//! The program is linked into its caller: [`install`] links the running executable into the state directory
//! under the name `jubilant-embedded`, and [`run_if_called`], called at the start of that executable, acts when
//! it was started by that name.

#[cfg(target_os = "linux")]
mod agent;
#[cfg(target_os = "linux")]
mod args;
#[cfg(target_os = "linux")]
mod client;
#[cfg(target_os = "linux")]
mod commands;
#[cfg(target_os = "linux")]
mod controller;
mod error;
#[cfg(target_os = "linux")]
mod model;
#[cfg(target_os = "linux")]
mod paths;
#[cfg(target_os = "linux")]
mod program;
#[cfg(target_os = "linux")]
mod protocol;
#[cfg(target_os = "linux")]
mod tools;
#[cfg(target_os = "linux")]
mod yaml;

#[cfg(not(target_os = "linux"))]
#[path = "program_elsewhere.rs"]
mod program;

pub use error::Error;
pub use program::{install, main, run_if_called, state_dir};
