//! `juju debug-log` and `juju show-status-log`.

use super::client::Juju;
use crate::cli::Cli;
use crate::error::Result;

/// Which log lines to get: for [`Juju::debug_log`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct DebugLog {
    limit: Option<u32>,
    level: Option<String>,
    include: Vec<String>,
    include_modules: Vec<String>,
}

impl DebugLog {
    /// The whole log.
    pub fn all() -> Self {
        DebugLog::default()
    }

    /// The last so many lines.
    pub fn last(lines: u32) -> Self {
        DebugLog { limit: Some(lines), ..DebugLog::default() }
    }

    /// Only lines of this level or above: `TRACE`, `DEBUG`, `INFO`, `WARNING`, `ERROR`.
    pub fn level(mut self, level: impl Into<String>) -> Self {
        self.level = Some(level.into());
        self
    }

    /// Only lines of this unit, application or machine (`web/0`, `unit-web-*`); call it again for more.
    pub fn include(mut self, entity: impl Into<String>) -> Self {
        self.include.push(entity.into());
        self
    }

    /// Only lines of this module, such as `unit.web/0.juju-log`; call it again for more.
    pub fn include_module(mut self, module: impl Into<String>) -> Self {
        self.include_modules.push(module.into());
        self
    }
}

impl Juju {
    /// The model's log; it never follows new lines (`juju debug-log --no-tail`).
    ///
    /// ```no_run
    /// # use jubilant::{DebugLog, Juju};
    /// # let juju = Juju::new();
    /// let errors = juju.debug_log(DebugLog::last(200).level("ERROR").include("web/0"))?;
    /// # Ok::<(), jubilant::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn debug_log(&self, log: impl Into<DebugLog>) -> Result<String> {
        let log = log.into();
        // `--replay` begins at the log's start, so it and `--limit` would give the first lines rather than the last.
        let mut cli = Cli::new(["debug-log", "--no-tail"])
            .flag("--replay", log.limit.is_none())
            .option("--limit", log.limit)
            .option("--level", log.level);
        for entity in log.include {
            cli = cli.arg("--include").arg(entity);
        }
        for module in log.include_modules {
            cli = cli.arg("--include-module").arg(module);
        }
        self.cli(cli)
    }

    /// The past statuses of a unit, as a table (`juju show-status-log`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn show_status_log(&self, unit: &str) -> Result<String> {
        self.cli(["show-status-log", unit, "-n", "100"])
    }
}
