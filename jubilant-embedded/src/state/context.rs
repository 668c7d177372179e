//! A running hook, as its tools see it.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::output::{BATCHES, Output, Text};
use super::world::State;
use crate::ground::name::UnitName;
use crate::model::changes::Changes;
use crate::model::hook::Hook;
use crate::model::log::Level;

/// What one hook, action or command runs in.
pub(crate) struct HookContext {
    /// `JUJU_CONTEXT_ID`. It is also the secret: who does not know it is not of this context.
    pub(crate) id: String,
    /// The model's UUID.
    pub(crate) model: String,
    pub(crate) unit: UnitName,
    /// What is running.
    pub(crate) what: What,
    progress: Mutex<Progress>,
    output: Mutex<Option<Output>>,
}

/// What runs in a context.
#[derive(Debug, Clone)]
pub(crate) enum What {
    Hook { hook: Hook, name: String },
    Action { task: u32, name: String, params: Map<String, Value> },
    Exec { task: u32 },
}

impl What {
    /// As it appears in log modules and statuses.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Hook { name, .. } | Self::Action { name, .. } => name,
            Self::Exec { .. } => "juju-exec",
        }
    }
}

/// What the run has brought so far.
#[derive(Default)]
pub(crate) struct Progress {
    pub(crate) changes: Changes,
    pub(crate) results: Map<String, Value>,
    /// `action-fail` was called, with this message.
    pub(crate) failed: Option<String>,
}

impl HookContext {
    pub(crate) fn new(model: &str, unit: &UnitName, what: What) -> Self {
        let id = format!("{unit}-{}-{}", what.name(), uuid::Uuid::new_v4().simple());
        Self {
            id,
            model: model.into(),
            unit: unit.clone(),
            what,
            progress: Mutex::default(),
            output: Mutex::default(),
        }
    }

    pub(crate) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn output(&self) -> MutexGuard<'_, Option<Output>> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The hook, if one is running.
    pub(crate) fn hook(&self) -> Option<&Hook> {
        match &self.what {
            What::Hook { hook, .. } => Some(hook),
            _ => None,
        }
    }

    pub(crate) fn task(&self) -> Option<u32> {
        match self.what {
            What::Action { task, .. } | What::Exec { task } => Some(task),
            What::Hook { .. } => None,
        }
    }

    /// Opens the pipes that the process is to write to, and gives their reading ends to wait on; a task's output is
    /// copied to its files.
    pub(crate) fn open_output(
        &self,
        state: &State,
        copies: Option<(File, File)>,
    ) -> io::Result<([PipeReader; 2], [PipeWriter; 2])> {
        let (output, writers) = Output::new(state.dir.model(&self.model).long_lines(), copies)?;
        let readers = output.readers()?;
        *self.output() = Some(output);
        Ok((readers, writers))
    }

    /// Logs what the process has written so far. Tools call it first, so that the log keeps the order in which
    /// a hook wrote and called.
    pub(crate) fn drain(&self, state: &State) {
        let mut output = self.output();
        let Some(output) = output.as_mut() else { return };
        let module = self.module();
        let logged =
            |level| state.look(&self.model, |model| Ok(model.is_logged(&module, level))).unwrap_or(false);
        (output.out.unwanted, output.err.unwanted) = (!logged(Level::Debug), !logged(Level::Warning));
        for _ in 0..=BATCHES {
            match (output.out.read(), output.err.read()) {
                (None, None) => return,
                (out, err) => {
                    self.log_lines(state, &module, out.into_iter().flatten(), err.into_iter().flatten());
                }
            }
        }
    }

    /// Logs the rest and closes the pipes. What the process has written is all read at once: a daemon that goes on
    /// writing is not waited for.
    pub(crate) fn close_output(&self, state: &State) {
        self.drain(state);
        if let Some(mut output) = self.output().take() {
            let (out, err) = (output.out.last(), output.err.last());
            self.log_lines(state, &self.module(), out, err);
        }
    }

    fn module(&self) -> String {
        format!("unit.{}.{}", self.unit, self.what.name())
    }

    fn log_lines(
        &self,
        state: &State,
        module: &str,
        out: impl IntoIterator<Item = Text>,
        err: impl IntoIterator<Item = Text>,
    ) {
        let out = out.into_iter().map(|line| (Level::Debug, line));
        let lines: Vec<_> = out.chain(err.into_iter().map(|line| (Level::Warning, line))).collect();
        if lines.is_empty() {
            return;
        }
        state.log(&self.model, |model| {
            for (level, line) in lines {
                match line {
                    Text::Short(text) => model.log(&self.unit, level, module, text),
                    Text::Long(file) => model.log_file(&self.unit, level, module, file),
                }
            }
        });
    }
}
