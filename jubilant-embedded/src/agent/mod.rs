//! One unit agent: it finds the next thing to do, does it, and brings back what came of it.

mod brand;
mod confine;
mod env;
mod life;
mod python;
mod reap;
mod run;
mod step;
mod tool_socket;

pub(crate) use brand::is_of_unit;
pub(crate) use confine::{ROLE as CONFINE_ROLE, main as confine};
pub(crate) use life::run;
pub(crate) use reap::{end_everything, end_hooks};
