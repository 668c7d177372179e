//! What cargo says of the workspace.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// Where cargo says the workspace and its build directory are.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    #[serde(rename = "workspace_root")]
    pub(crate) root: PathBuf,
    #[serde(rename = "target_directory")]
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// The workspace, or, where the program belongs to none, the current directory and a place in the user's cache.
    pub(crate) fn or_here(manifest: &Path) -> Result<Workspace> {
        let root = env::current_dir().context("cannot tell the current directory")?;
        let belongs = manifest.is_absolute() || root.ancestors().any(|dir| dir.join("Cargo.toml").is_file());
        if belongs { Workspace::of(manifest) } else { Ok(Workspace { root, target: cache()? }) }
    }

    pub(crate) fn of(manifest: &Path) -> Result<Workspace> {
        let mut command = Command::new(cargo());
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        // Without a manifest named, cargo looks for one upwards from the current directory.
        if manifest.is_absolute() {
            command.arg("--manifest-path").arg(manifest);
        }
        let output = command.output().context("cannot run cargo")?;
        if !output.status.success() {
            bail!("cargo cannot tell the workspace: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        serde_json::from_slice(&output.stdout).context("cannot read what cargo metadata printed")
    }
}

/// `$XDG_CACHE_HOME/jubilant`, else `~/.cache/jubilant`; what is no absolute path counts as not set.
pub(crate) fn cache() -> Result<PathBuf> {
    let variable = |name| env::var_os(name).map(PathBuf::from).filter(|dir| dir.is_absolute());
    let cache = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    Ok(cache.context("there is no place for what is built: set HOME or XDG_CACHE_HOME")?.join("jubilant"))
}

/// The cargo that runs this program, so that the toolchain stays the same.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
