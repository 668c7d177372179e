//! What Python parts are built with, found when the first of them asks.

use std::path::PathBuf;
use std::sync::OnceLock;

use anyhow::{Result, anyhow};

use super::interpreter::Interpreter;
use super::uv::Uv;

/// The interpreter and uv, the same for all charms.
#[derive(Debug, Default)]
pub(in crate::pack) struct Tools {
    asked: Option<PathBuf>,
    interpreter: OnceLock<Interpreter>,
    uv: OnceLock<Uv>,
}

impl Tools {
    /// `asked` is what `--python` says.
    pub(in crate::pack) fn new(asked: Option<PathBuf>) -> Tools {
        Tools { asked, ..Tools::default() }
    }

    pub(in crate::pack) fn interpreter(&self) -> Result<&Interpreter> {
        if self.interpreter.get().is_none() {
            let _ = self.interpreter.set(Interpreter::choose(self.asked.as_deref())?);
        }
        // It was just set, here or by another charm's thread.
        self.interpreter.get().ok_or_else(|| anyhow!("there is no interpreter"))
    }

    /// Where uv is or will be; it is not started.
    pub(in crate::pack) fn uv(&self) -> &Uv {
        self.uv.get_or_init(Uv::locate)
    }
}
