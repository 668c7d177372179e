//! Python for the plugins that need it: the interpreter, uv, and the directories that they fill.

mod built;
mod interpreter;
mod locals;
mod process;
mod read_toml;
mod requires;
mod sources;
mod tools;
mod uv;
mod venv;

pub(super) use built::{Built, Key};
pub(crate) use interpreter::{Interpreter, VARIABLE};
pub(super) use locals::{inside, of_lock, of_requirements, of_sources};
pub(super) use process::choices;
pub(super) use read_toml::read_toml;
pub(super) use requires::refuse_unmet;
pub(super) use sources::copy;
pub(super) use tools::Tools;
pub(super) use venv::{Bins, Venv, bins, tidy};
