//! `juju ssh`.

use super::client::Juju;
use crate::cli::Cli;
use crate::error::Result;

/// A command to run over ssh: for [`Juju::ssh`]. Its words are joined by spaces and read by the remote shell.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Ssh {
    words: Vec<String>,
    container: Option<String>,
}

impl Ssh {
    /// A command.
    pub fn new<S: Into<String>>(words: impl IntoIterator<Item = S>) -> Self {
        Ssh { words: words.into_iter().map(Into::into).collect(), container: None }
    }

    /// In this container of the unit instead of the charm's (Kubernetes only).
    pub fn container(mut self, name: impl Into<String>) -> Self {
        self.container = Some(name.into());
        self
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Ssh {
    fn from(words: [S; N]) -> Self {
        Ssh::new(words)
    }
}

impl<S: Into<String>> From<Vec<S>> for Ssh {
    fn from(words: Vec<S>) -> Self {
        Ssh::new(words)
    }
}

impl From<&str> for Ssh {
    fn from(line: &str) -> Self {
        Ssh::new([line])
    }
}

impl Juju {
    /// Runs a command on a unit or machine over ssh and returns what it printed (`juju ssh`).
    ///
    /// Unlike [`exec`](Self::exec) it needs no idle agent, runs as the `ubuntu` user, and reaches workload containers.
    ///
    /// ```no_run
    /// # use jubilant::{Juju, Ssh};
    /// # let juju = Juju::new();
    /// let hosts = juju.ssh("web/0", ["cat", "/etc/hosts"])?;
    /// let plan = juju.ssh("web/0", Ssh::new(["pebble", "plan"]).container("workload"))?;
    /// # Ok::<(), jubilant::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn ssh(&self, target: &str, command: impl Into<Ssh>) -> Result<String> {
        let Ssh { words, container } = command.into();
        self.cli(Cli::new(["ssh"]).option("--container", container).arg(target).args(words))
    }
}
