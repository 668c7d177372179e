//! `juju status`, `juju version`, and waiting for a status.

use std::time::Duration;

use super::client::Juju;
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::types::{Status, Version};
use crate::wait::{self, Look, Wait};

impl Juju {
    /// The model's status (`juju status`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn status(&self) -> Result<Status> {
        Ok(self.output(status())?.json()?)
    }

    /// The model's status as a table for people, with relations and storage.
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn status_table(&self) -> Result<String> {
        self.cli(["status", "--relations", "--storage"])
    }

    /// Waits until a condition holds, and returns the status in which it did.
    ///
    /// Any [`Condition`](crate::Condition) will do, a closure too; [`Wait`] has the options. A `juju status` that
    /// fails now and then is tolerated.
    ///
    /// ```no_run
    /// use jubilant::{Condition, Juju, Status, all_active, any_error, app, minutes};
    ///
    /// # let juju = Juju::new();
    /// juju.wait(all_active().within(minutes(10)).fail_on(any_error()))?;
    /// juju.wait(app("web").status("blocked").message("needs a database"))?;
    /// juju.wait(|status: &Status| status.apps.len() > 2)?;
    /// # Ok::<(), jubilant::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::WaitTimeout`](crate::Error::WaitTimeout) if the condition does not hold in time,
    /// [`Error::WaitFailed`](crate::Error::WaitFailed) if the `fail_on` condition holds or `juju status` keeps
    /// failing; both explain what was unmet and since when.
    pub fn wait(&self, wait: impl Into<Wait>) -> Result<Status> {
        let look = |left| {
            self.status_within(left).map_err(|error| match error {
                Error::Start(_) => Look::Hopeless(error),
                error => Look::Failed(error),
            })
        };
        Ok(wait::run(&wait.into(), self.model(), look, |activity| self.tell(activity))?)
    }

    /// A status for the wait: not worth a line in the log, and no longer than the wait has left.
    fn status_within(&self, left: Duration) -> Result<Status> {
        let cli = status().quiet();
        let limit = self.limit(&cli).min(left);
        Ok(self.output(cli.timeout(limit))?.json()?)
    }

    /// The version of the `juju` program (`juju version --all`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn version(&self) -> Result<Version> {
        Ok(self.output(Cli::new(["version", "--all", "--format", "json"]))?.json()?)
    }
}

fn status() -> Cli {
    Cli::new(["status", "--format", "json"])
}
