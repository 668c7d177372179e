//! Which program `juju` is, with which environment it runs, and whether it is a snap.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The `juju` program and the environment that is set for it.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) env: Vec<(OsString, OsString)>,
}

impl Program {
    /// The command to add arguments to.
    pub(crate) fn command(&self) -> Result<Command, StartError> {
        let mut command = Command::new(self.resolve()?);
        command.envs(self.env.iter().map(|(key, value)| (key, value)));
        Ok(command)
    }

    /// The program's file: a bare name is looked for in PATH.
    pub(crate) fn resolve(&self) -> Result<PathBuf, StartError> {
        let is_bare = self.path.components().count() == 1 && !self.path.is_absolute();
        let found = if is_bare {
            let path = self.var("PATH").unwrap_or_default();
            std::env::split_paths(&path).map(|dir| dir.join(&self.path)).find(|file| is_executable(file))
        } else {
            Some(self.path.clone()).filter(|file| file.exists())
        };
        found.ok_or_else(|| self.start_error("there is no such program", true))
    }

    pub(crate) fn start_error(&self, problem: &str, missing: bool) -> StartError {
        StartError { program: self.path.clone(), problem: problem.into(), missing }
    }

    /// A variable as the program will see it.
    pub(crate) fn var(&self, key: &str) -> Option<OsString> {
        let own = self.env.iter().rev().find(|(name, _)| name == OsStr::new(key));
        own.map(|(_, value)| value.clone()).or_else(|| std::env::var_os(key))
    }

    /// Where files for a snapped Juju must lie; `None` if it is no snap.
    ///
    /// Snap's confinement hides `/tmp` and the hidden directories of the home from it.
    pub(crate) fn snap_files(&self) -> Option<PathBuf> {
        let is_snap = links(self.resolve().ok()?).any(|path| path.to_string_lossy().contains("/snap/"));
        is_snap.then(|| Path::new(&self.var("HOME").unwrap_or_default()).join("snap/juju/common"))
    }
}

/// The `juju` program could not be started.
#[derive(Debug)]
#[non_exhaustive]
pub struct StartError {
    program: PathBuf,
    problem: String,
    missing: bool,
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

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// The path and each symbolic link on its way: `/snap/bin/juju` itself is a link to `/usr/bin/snap`.
fn links(path: PathBuf) -> impl Iterator<Item = PathBuf> {
    const MANY: usize = 16;
    std::iter::successors(Some(path), |path| {
        let target = std::fs::read_link(path).ok()?;
        Some(path.parent().unwrap_or(Path::new("/")).join(target))
    })
    .take(MANY)
}
