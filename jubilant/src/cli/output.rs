//! What a finished `juju` process left, and how it becomes an answer or an error.

use std::fmt;

use serde::de::DeserializeOwned;

use super::command_line::Cli;
use super::process::Exit;
use crate::shown;

/// A finished command. Its streams are whole; an error made of it is redacted.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) cli: Cli,
    pub(crate) command: String,
    pub(crate) exit: Exit,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    pub(crate) fn succeeded(&self) -> bool {
        self.exit == Exit::Code(0)
    }

    /// The standard output of a successful command.
    pub(crate) fn text(self) -> Result<String, OutputError> {
        if self.succeeded() { Ok(self.stdout) } else { Err(self.error()) }
    }

    /// The JSON answer of a successful command.
    pub(crate) fn json<T: DeserializeOwned>(self) -> Result<T, OutputError> {
        // Some of Juju's failures give exit code 0, and then nothing but a word on the standard error.
        if !self.succeeded() || self.stdout.trim().is_empty() {
            return Err(self.error());
        }
        match serde_json::from_str(&self.stdout) {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.unreadable(&format!("{error}; it begins with {}", self.beginning()))),
        }
    }

    fn beginning(&self) -> String {
        format!("{:?}", self.cli.redact(&self.stdout).chars().take(80).collect::<String>())
    }

    pub(crate) fn unreadable(&self, problem: &str) -> OutputError {
        OutputError::Unreadable(AnswerError { command: self.command.clone(), problem: problem.into() })
    }

    /// The failure that this output describes.
    pub(crate) fn error(self) -> OutputError {
        let in_vain = matches!(self.exit, Exit::NoAnswer(_)) || self.stderr.contains("timed out waiting for");
        let error = CommandError {
            stdout: self.cli.redact(&self.stdout),
            stderr: self.cli.redact(&self.stderr),
            command: self.command,
            exit: self.exit,
        };
        if in_vain { OutputError::InVain(error) } else { OutputError::Failed(error) }
    }
}

/// Why an output is no answer.
#[derive(Debug)]
pub(crate) enum OutputError {
    /// The command failed.
    Failed(CommandError),
    /// It gave no answer in time, or says itself that it waited in vain.
    InVain(CommandError),
    /// It printed something else than expected.
    Unreadable(AnswerError),
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
        shown::stream(f, "stdout", &self.stdout)?;
        shown::stream(f, "stderr", &self.stderr)
    }
}

/// `juju` printed something else than expected.
#[derive(Debug)]
#[non_exhaustive]
pub struct AnswerError {
    command: String,
    problem: String,
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read what `{}` printed: {}", self.command, self.problem)
    }
}
