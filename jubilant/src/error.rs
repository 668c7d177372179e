//! The one error type of this crate, which gathers those of its parts.

use std::fmt;

pub use crate::cli::{AnswerError, CommandError, Exit, FileError, StartError};
use crate::cli::{FilesError, OutputError};
pub use crate::types::task::TaskResultError;
pub use crate::types::task_error::TaskError;
use crate::types::{Status, Task};
use crate::wait::{Ending, WaitError};

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed. The kinds are few; the getters reach what each of them holds.
///
/// ```no_run
/// # let juju = jubilant::Juju::new();
/// match juju.run("web/0", "backup") {
///     Err(error) if error.task().is_some_and(|task| task.message.contains("no space")) => {}
///     other => { other?; }
/// }
/// # Ok::<(), jubilant::Error>(())
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The `juju` program could not be started.
    #[error("{0}")]
    Start(Box<StartError>),
    /// `juju` failed.
    #[error("{0}")]
    Command(Box<CommandError>),
    /// `juju` gave no answer in time, or says itself that it waited in vain.
    #[error("{0}")]
    Timeout(Box<CommandError>),
    /// An action or an executed command failed on its unit.
    #[error("{0}")]
    Task(Box<TaskError>),
    /// A [`Task`] has no such result, or one of another type.
    #[error("{0}")]
    TaskResult(Box<TaskResultError>),
    /// A wait ended without its condition being met in time.
    #[error("{0}")]
    WaitTimeout(Box<WaitError>),
    /// A wait was ended by its `fail_on` condition, or because `juju status` kept failing.
    #[error("{0}")]
    WaitFailed(Box<WaitError>),
    /// The charm under test could not be found or read.
    #[error("{0}")]
    Charm(Box<str>),
    /// `juju` printed something else than expected.
    #[error("{0}")]
    Answer(Box<AnswerError>),
    /// A file meant for `juju` could not be read or written.
    #[error("{0}")]
    File(Box<FileError>),
    /// The call itself makes no sense.
    #[error("{0}")]
    Usage(Box<str>),
}

impl Error {
    /// The `juju` command that failed or gave no answer.
    #[must_use]
    pub fn command(&self) -> Option<&CommandError> {
        match self {
            Error::Command(error) | Error::Timeout(error) => Some(error),
            Error::WaitFailed(error) | Error::WaitTimeout(error) => error.last_error()?.command(),
            _ => None,
        }
    }

    /// The (first) task that failed.
    #[must_use]
    pub fn task(&self) -> Option<&Task> {
        self.tasks().iter().find(|task| !task.succeeded())
    }

    /// All tasks of an action of which at least one failed.
    #[must_use]
    pub fn tasks(&self) -> &[Task] {
        match self {
            Error::Task(error) => error.tasks(),
            _ => &[],
        }
    }

    /// How a wait ended.
    #[must_use]
    pub fn wait(&self) -> Option<&WaitError> {
        match self {
            Error::WaitFailed(error) | Error::WaitTimeout(error) => Some(error),
            _ => None,
        }
    }

    /// The last status that a wait saw.
    #[must_use]
    pub fn last_status(&self) -> Option<&Status> {
        self.wait()?.status()
    }

    /// Whether time ran out, of a command or of a wait.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self, Error::Timeout(_) | Error::WaitTimeout(_))
    }

    pub(crate) fn charm(text: impl Into<Box<str>>) -> Self {
        Error::Charm(text.into())
    }

    pub(crate) fn usage(text: impl Into<Box<str>>) -> Self {
        Error::Usage(text.into())
    }
}

/// As for people, because `unwrap` prints this: a whole status in it would bury the cause.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl WaitError {
    /// Why the last `juju status` failed, if it did.
    #[must_use]
    pub fn last_error(&self) -> Option<&Error> {
        self.failure()
    }
}

impl From<StartError> for Error {
    fn from(error: StartError) -> Self {
        Error::Start(Box::new(error))
    }
}

impl From<OutputError> for Error {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Failed(error) => Error::Command(Box::new(error)),
            OutputError::InVain(error) => Error::Timeout(Box::new(error)),
            OutputError::Unreadable(error) => Error::Answer(Box::new(error)),
        }
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        Error::File(Box::new(error))
    }
}

impl From<FilesError> for Error {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::File(error) => error.into(),
            FilesError::Usage(text) => Error::usage(text),
        }
    }
}

impl From<TaskError> for Error {
    fn from(error: TaskError) -> Self {
        Error::Task(Box::new(error))
    }
}

impl From<TaskResultError> for Error {
    fn from(error: TaskResultError) -> Self {
        Error::TaskResult(Box::new(error))
    }
}

impl From<Ending<Error>> for Error {
    fn from(ending: Ending<Error>) -> Self {
        match ending {
            Ending::TimedOut(error) => Error::WaitTimeout(error),
            Ending::Failed(error) => Error::WaitFailed(error),
            Ending::Hopeless(error) => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_small_and_can_cross_threads() {
        fn crosses<T: Send + Sync + 'static>() {}
        crosses::<Error>();
        assert!(size_of::<Error>() <= 24, "{}", size_of::<Error>());
    }
}
