//! Python for the plugins that need it: the interpreter, uv, and the directories that they fill.

mod built;
mod interpreter;
mod locals;
mod process;
mod requires;
mod tree;
mod uv;
mod venv;

use std::cell::OnceCell;
use std::path::PathBuf;

use anyhow::Result;

pub(super) use built::{Built, Key};
pub(crate) use interpreter::{Interpreter, VARIABLE};
pub(super) use locals::{inside, of_lock, of_requirements, of_sources};
pub(super) use requires::refuse_unmet;
pub(super) use tree::{add_file, add_tree, copy};
pub(super) use uv::Uv;
pub(super) use venv::{Bins, Venv, tidy};

/// What Python parts are built with, found when the first of them asks.
#[derive(Debug, Default)]
pub(super) struct Tools {
    asked: Option<PathBuf>,
    interpreter: OnceCell<Interpreter>,
    uv: OnceCell<Uv>,
}

impl Tools {
    /// `asked` is what `--python` says.
    pub(super) fn new(asked: Option<PathBuf>) -> Tools {
        Tools { asked, ..Tools::default() }
    }

    pub(super) fn interpreter(&self) -> Result<&Interpreter> {
        if self.interpreter.get().is_none() {
            let _ = self.interpreter.set(Interpreter::choose(self.asked.as_deref())?);
        }
        // It was just set.
        self.interpreter.get().ok_or_else(|| anyhow::anyhow!("there is no interpreter"))
    }

    /// The interpreter, if any part asked for it.
    pub(super) fn used(&self) -> Option<&Interpreter> {
        self.interpreter.get()
    }

    /// Where uv is or will be; it is not started.
    pub(super) fn uv(&self) -> &Uv {
        self.uv.get_or_init(Uv::locate)
    }
}
