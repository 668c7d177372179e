//! What a finished `juju` process left, and how it becomes an answer or an error.

use serde::de::DeserializeOwned;

use super::Cli;
use crate::error::{AnswerError, CommandError, Error, Exit, Result};

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
    pub(crate) fn text(self) -> Result<String> {
        if self.succeeded() { Ok(self.stdout) } else { Err(self.error()) }
    }

    /// The JSON answer of a successful command.
    pub(crate) fn json<T: DeserializeOwned>(self) -> Result<T> {
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

    pub(crate) fn unreadable(&self, problem: &str) -> Error {
        Error::Answer(Box::new(AnswerError { command: self.command.clone(), problem: problem.into() }))
    }

    /// The failure that this output describes.
    pub(crate) fn error(self) -> Error {
        let in_vain = matches!(self.exit, Exit::NoAnswer(_)) || self.stderr.contains("timed out waiting for");
        let error = Box::new(CommandError {
            stdout: self.cli.redact(&self.stdout),
            stderr: self.cli.redact(&self.stderr),
            command: self.command,
            exit: self.exit,
        });
        if in_vain { Error::Timeout(error) } else { Error::Command(error) }
    }
}
