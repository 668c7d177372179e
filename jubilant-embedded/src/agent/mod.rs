//! One unit agent: it finds the next thing to do, does it, and brings back what came of it.

mod brand;
mod confine;
mod env;
mod keeper;
mod launch;
mod life;
mod order;
mod python;
mod reap;
mod run;
mod step;
mod tool_socket;

pub(crate) use brand::is_of_unit;
pub(crate) use keeper::{ROLE as KEEPER_ROLE, main as keep};
pub(crate) use launch::{ROLE as LAUNCH_ROLE, main as launch};
pub(crate) use life::run;
pub(crate) use reap::{end_everything, end_hooks};
