//! Units: `add-unit`, `remove-unit`, `resolved`, `show-unit`.

use super::client::Juju;
use crate::cli::Cli;
use crate::error::Result;

/// Which units to add: for [`Juju::add_unit`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct AddUnit {
    app: String,
    count: Option<u32>,
    to: Vec<String>,
    attach_storage: Vec<String>,
}

impl AddUnit {
    /// One more unit of this application.
    pub fn new(app: impl Into<String>) -> Self {
        AddUnit { app: app.into(), count: None, to: Vec::new(), attach_storage: Vec::new() }
    }

    /// So many more units.
    pub fn count(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// Where a unit goes; call it again for further units.
    pub fn to(mut self, placement: impl Into<String>) -> Self {
        self.to.push(placement.into());
        self
    }

    /// An existing storage to attach, such as `data/0`.
    pub fn attach_storage(mut self, storage: impl Into<String>) -> Self {
        self.attach_storage.push(storage.into());
        self
    }
}

impl<S: Into<String>> From<S> for AddUnit {
    fn from(app: S) -> Self {
        AddUnit::new(app)
    }
}

/// Which units to remove: for [`Juju::remove_unit`].
///
/// On machines one names units; on Kubernetes one names the application and how many of its units go.
///
/// ```no_run
/// # use jubilant::{Juju, RemoveUnit};
/// # let juju = Juju::new();
/// juju.remove_unit("web/1")?;
/// juju.remove_unit(RemoveUnit::new("web").count(2))?;
/// # Ok::<(), jubilant::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RemoveUnit {
    units: Vec<String>,
    count: Option<u32>,
    destroy_storage: bool,
    force: bool,
    no_wait: bool,
}

impl RemoveUnit {
    /// This unit, or [`count`](Self::count) units of this application.
    pub fn new(unit: impl Into<String>) -> Self {
        RemoveUnit {
            units: vec![unit.into()],
            count: None,
            destroy_storage: false,
            force: false,
            no_wait: false,
        }
    }

    /// Another unit.
    pub fn and(mut self, unit: impl Into<String>) -> Self {
        self.units.push(unit.into());
        self
    }

    /// How many units of the application (Kubernetes only).
    pub fn count(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// Destroys their storage with them, rather than detaching it.
    pub fn destroy_storage(mut self) -> Self {
        self.destroy_storage = true;
        self
    }

    /// Goes on in spite of errors.
    pub fn force(mut self) -> Self {
        self.force = true;
        self
    }

    /// With [`force`](Self::force): goes on without waiting for each step.
    pub fn no_wait(mut self) -> Self {
        self.no_wait = true;
        self
    }
}

impl<S: Into<String>> From<S> for RemoveUnit {
    fn from(unit: S) -> Self {
        RemoveUnit::new(unit)
    }
}

impl Juju {
    /// Adds units to an application (`juju add-unit`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn add_unit(&self, add: impl Into<AddUnit>) -> Result<()> {
        let add = add.into();
        let joined = |list: Vec<String>| (!list.is_empty()).then(|| list.join(","));
        self.done(
            Cli::new(["add-unit"])
                .arg(add.app)
                .option("--num-units", add.count)
                .option("--to", joined(add.to))
                .option("--attach-storage", joined(add.attach_storage)),
        )
    }

    /// Removes units (`juju remove-unit --no-prompt`). Juju removes them in the background: see
    /// [`gone`](crate::gone).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn remove_unit(&self, remove: impl Into<RemoveUnit>) -> Result<()> {
        let remove = remove.into();
        self.done(
            Cli::new(["remove-unit", "--no-prompt"])
                .args(remove.units)
                .option("--num-units", remove.count)
                .flag("--destroy-storage", remove.destroy_storage)
                .flag("--force", remove.force)
                .flag("--no-wait", remove.no_wait),
        )
    }

    /// Retries a unit's failed hook now (`juju resolved`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn resolved(&self, unit: &str) -> Result<()> {
        self.done(Cli::new(["resolved", unit]))
    }

    /// What Juju knows of one unit, relation data included (`juju show-unit`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn show_unit(&self, unit: &str) -> Result<serde_json::Value> {
        let output = self.output(Cli::new(["show-unit", unit, "--format", "json"]))?;
        let unknown = output.unreadable(&format!("it says nothing of {unit}"));
        let units: serde_json::Map<String, serde_json::Value> = output.json()?;
        units.into_iter().next().map(|(_, unit)| unit).ok_or_else(|| unknown.into())
    }
}
