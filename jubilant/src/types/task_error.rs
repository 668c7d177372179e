//! A [`Task`] that failed.

use std::fmt;

use super::task::Task;
use crate::shown;

/// An action or executed command that failed on at least one unit.
#[derive(Debug)]
#[non_exhaustive]
pub struct TaskError {
    command: String,
    tasks: Vec<Task>,
    shown: String,
}

impl TaskError {
    /// `redact` hides the secrets in what is shown.
    pub(crate) fn new(command: String, tasks: Vec<Task>, redact: impl Fn(&str) -> String) -> Self {
        let shown = tasks.iter().filter(|task| !task.succeeded()).map(ShownTask);
        let shown = shown.map(|task| redact(&task.to_string())).collect();
        TaskError { command, tasks, shown }
    }

    /// The command line, for reading.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.command
    }

    /// Every task, the successful ones too.
    #[must_use]
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` failed{}", self.command, self.shown)
    }
}

/// A failed task as an error shows it.
struct ShownTask<'t>(&'t Task);

impl fmt::Display for ShownTask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let task = self.0;
        write!(f, "\n{}: task {} {}", task.unit, task.id, task.status)?;
        if let Some(code) = task.return_code().filter(|code| *code != 0) {
            write!(f, " with return code {code}")?;
        }
        if !task.message.is_empty() {
            write!(f, ": {}", task.message)?;
        }
        shown::stream(f, "log", &task.log.join("\n"))?;
        shown::stream(f, "stdout", task.stdout())?;
        shown::stream(f, "stderr", task.stderr())
    }
}
