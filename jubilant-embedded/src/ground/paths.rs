//! Where everything lies in the state directory.

use std::env;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::name::UnitName;
use crate::error::Error;

/// File name of the installed program; [`crate::run_if_called`] acts on it.
pub(crate) const PROGRAM: &str = "jubilant-embedded";

/// The state directory's layout.
#[derive(Debug, Clone)]
pub(crate) struct StateDir(PathBuf);

impl StateDir {
    /// From `JUBILANT_EMBEDDED_DIR`, `XDG_STATE_HOME` or `HOME`.
    pub(crate) fn from_env() -> Result<Self, Error> {
        let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let path = variable("JUBILANT_EMBEDDED_DIR")
            .or_else(|| variable("XDG_STATE_HOME").map(|state| state.join("jubilant/embedded")))
            .or_else(|| variable("HOME").map(|home| home.join(".local/state/jubilant/embedded")))
            .ok_or(Error::NoStateDir)?;
        // Absolute, because the controller and hooks have other working directories.
        std::path::absolute(&path).map(Self).map_err(|source| Error::Install { path, source })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn bin(&self) -> PathBuf {
        self.0.join("bin")
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.bin().join(PROGRAM)
    }

    pub(crate) fn juju(&self) -> PathBuf {
        self.bin().join("juju")
    }

    pub(crate) fn tools(&self) -> PathBuf {
        self.0.join("tools")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.0.join("controller.sock")
    }

    /// Held by the client that starts a controller.
    pub(crate) fn start_lock(&self) -> PathBuf {
        self.0.join("start.lock")
    }

    /// Held by the controller for as long as it lives.
    pub(crate) fn controller_lock(&self) -> PathBuf {
        self.0.join("controller.lock")
    }

    pub(crate) fn controller_log(&self) -> PathBuf {
        self.0.join("controller.log")
    }

    pub(crate) fn controller_file(&self) -> PathBuf {
        self.0.join("controller.json")
    }

    pub(crate) fn models(&self) -> PathBuf {
        self.0.join("models")
    }

    pub(crate) fn model(&self, uuid: &str) -> ModelDir {
        ModelDir(self.models().join(uuid))
    }

    /// Makes the directory, private to the user.
    pub(crate) fn create(&self) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        fs::set_permissions(&self.0, fs::Permissions::from_mode(0o700))
    }
}

/// One model's directory.
#[derive(Debug, Clone)]
pub(crate) struct ModelDir(PathBuf);

impl ModelDir {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// How names of directories begin that are in the making.
    pub(crate) const STAGING: &'static str = "staging-";

    pub(crate) fn state(&self) -> PathBuf {
        self.0.join("model.jsonl")
    }

    /// Where builds before formats were numbered kept the state.
    pub(crate) fn first_state(&self) -> PathBuf {
        self.0.join("model.json")
    }

    pub(crate) fn task(&self, id: u32) -> PathBuf {
        self.0.join("tasks").join(id.to_string())
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.0.join("log.jsonl")
    }

    /// Lines too long for the log, a file each.
    pub(crate) fn long_lines(&self) -> PathBuf {
        self.0.join("long-lines")
    }

    pub(crate) fn history(&self) -> PathBuf {
        self.0.join("history.jsonl")
    }

    /// The unpacked charm that units copy: `charms/<app>-<revision>`.
    pub(crate) fn charm(&self, app: &str, revision: u32) -> PathBuf {
        self.0.join("charms").join(format!("{app}-{revision}"))
    }

    /// What comes first in the PATH of hooks of this revision: the Python that was chosen for it, if any.
    pub(crate) fn python(&self, app: &str, revision: u32) -> PathBuf {
        self.0.join("pythons").join(format!("{app}-{revision}"))
    }

    pub(crate) fn resource(&self, app: &str, name: &str, revision: u32) -> PathBuf {
        self.0.join("resources").join(app).join(name).join(revision.to_string())
    }

    pub(crate) fn units(&self) -> PathBuf {
        self.0.join("units")
    }

    pub(crate) fn unit(&self, unit: &UnitName) -> UnitDir {
        UnitDir(self.units().join(format!("{}-{}", unit.app, unit.number)))
    }
}

/// One unit's directory: all that its hooks may write to.
#[derive(Debug, Clone)]
pub(crate) struct UnitDir(PathBuf);

impl UnitDir {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn charm(&self) -> PathBuf {
        self.0.join("charm")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.0.join("home")
    }

    pub(crate) fn tmp(&self) -> PathBuf {
        self.0.join("tmp")
    }

    pub(crate) fn resources(&self) -> PathBuf {
        self.0.join("resources")
    }

    /// Where the tools of the running hook connect.
    pub(crate) fn tool_socket(&self) -> PathBuf {
        self.0.join("agent.sock")
    }
}
