//! The one error type of this crate.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::Cli;
use crate::types::{Status, Task};
use crate::wait::WaitError;

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
    #[error("result {:?} of task {} on {}: {}", .0.key, .0.id, .0.unit, .0.problem)]
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
    #[error("cannot read what `{}` printed: {}", .0.command, .0.problem)]
    Answer(Box<AnswerError>),
    /// A file meant for `juju` could not be read or written.
    #[error("cannot {} {}: {}", .0.action, .0.path.display(), .0.source)]
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
            Error::Task(error) => &error.tasks,
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

    pub(crate) fn task_result(task: &Task, key: &str, problem: String) -> Self {
        let (id, unit) = (task.id.clone(), task.unit.clone());
        Error::TaskResult(Box::new(TaskResultError { id, unit, key: key.into(), problem }))
    }

    pub(crate) fn charm(text: impl Into<Box<str>>) -> Self {
        Error::Charm(text.into())
    }

    pub(crate) fn usage(text: impl Into<Box<str>>) -> Self {
        Error::Usage(text.into())
    }

    pub(crate) fn file(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Error::File(Box::new(FileError { action, path: path.into(), source }))
    }
}

/// As for people, because `unwrap` prints this: a whole status in it would bury the cause.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The `juju` program could not be started.
#[derive(Debug)]
#[non_exhaustive]
pub struct StartError {
    pub(crate) program: PathBuf,
    pub(crate) problem: String,
    pub(crate) missing: bool,
}

impl StartError {
    /// The program looked for.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Whether there is no such program.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.missing
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot start `{}`: {}", self.program.display(), self.problem)?;
        if self.missing {
            f.write_str(
                "; install it with `sudo snap install juju`, or use the embedded Juju with `--backend embedded` \
                 or JUBILANT_BACKEND=embedded",
            )?;
        }
        Ok(())
    }
}

/// How a `juju` process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// It was ended after this time without an answer.
    NoAnswer(Duration),
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Code(0) => f.write_str("failed, though with exit code 0"),
            Exit::Code(code) => write!(f, "failed with exit code {code}"),
            Exit::Signal(signal) => write!(f, "was ended by signal {signal}"),
            Exit::NoAnswer(limit) if limit.subsec_nanos() == 0 => {
                write!(f, "gave no answer within {} s", limit.as_secs())
            }
            Exit::NoAnswer(limit) => write!(f, "gave no answer within {:.1} s", limit.as_secs_f32()),
        }
    }
}

/// A `juju` command that failed. Secret values are hidden in everything it holds.
#[derive(Debug)]
#[non_exhaustive]
pub struct CommandError {
    pub(crate) command: String,
    pub(crate) exit: Exit,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl CommandError {
    /// The command line, for reading.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.command
    }

    /// How it ended.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// What it printed.
    #[must_use]
    pub fn stdout(&self) -> &str {
        &self.stdout
    }

    /// What it printed to its standard error.
    #[must_use]
    pub fn stderr(&self) -> &str {
        &self.stderr
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.command, self.exit)?;
        write_stream(f, "stdout", &self.stdout)?;
        write_stream(f, "stderr", &self.stderr)
    }
}

/// Enough for an error's cause, not for a whole status; the getters have everything.
const SHOWN_LINES: usize = 20;

fn write_stream(f: &mut fmt::Formatter<'_>, name: &str, text: &str) -> fmt::Result {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    if lines.is_empty() {
        return Ok(());
    }
    let left_out = lines.len().saturating_sub(SHOWN_LINES);
    match left_out {
        0 => write!(f, "\n{name}:")?,
        count => write!(f, "\n{name} (without its first {count} lines):")?,
    }
    lines[left_out..].iter().try_for_each(|line| write!(f, "\n  {line}"))
}

/// An action or executed command that failed on at least one unit.
#[derive(Debug)]
#[non_exhaustive]
pub struct TaskError {
    command: String,
    tasks: Vec<Task>,
    shown: String,
}

impl TaskError {
    pub(crate) fn new(cli: &Cli, command: String, tasks: Vec<Task>) -> Self {
        let shown = tasks.iter().filter(|task| !task.succeeded()).map(ShownTask);
        let shown = shown.map(|task| cli.redact(&task.to_string())).collect();
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
        write_stream(f, "log", &task.log.join("\n"))?;
        write_stream(f, "stdout", task.stdout())?;
        write_stream(f, "stderr", task.stderr())
    }
}

/// A [`Task`] has no such result.
#[derive(Debug)]
#[non_exhaustive]
pub struct TaskResultError {
    pub(crate) id: String,
    pub(crate) unit: String,
    pub(crate) key: String,
    pub(crate) problem: String,
}

/// `juju` printed something else than expected.
#[derive(Debug)]
#[non_exhaustive]
pub struct AnswerError {
    pub(crate) command: String,
    pub(crate) problem: String,
}

/// A file meant for `juju` could not be read or written.
#[derive(Debug)]
#[non_exhaustive]
pub struct FileError {
    pub(crate) action: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) source: std::io::Error,
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
