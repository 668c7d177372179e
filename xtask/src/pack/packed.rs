//! The packed charm that is there, and whether it is up to date.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};

use super::charm::Charm;
use super::{archive, platform};

/// charmcraft's own file, if no source is newer. The local packer needs no such look: it compares contents.
pub(super) fn up_to_date(charm: &Charm) -> Result<Option<PathBuf>> {
    let Some((path, packed)) = newest_packed(charm)? else { return Ok(None) };
    let current = !archive::is_local(&path) && newest_source(&charm.dir)? <= packed;
    Ok(current.then_some(path))
}

/// The newest `<name>_*.charm` in the charm's directory, preferably the one for this machine.
pub(super) fn newest_packed(charm: &Charm) -> Result<Option<(PathBuf, SystemTime)>> {
    let prefix = format!("{}_", charm.name()?);
    let here = platform::host_architecture().map(|arch| format!("{arch}.charm"));
    let mut found = Vec::new();
    for entry in fs::read_dir(&charm.dir).with_context(|| format!("cannot read {}", charm.dir.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&prefix) && name.ends_with(".charm") {
            let ours = here.as_ref().is_some_and(|here| name.ends_with(here));
            found.push((ours, entry.metadata()?.modified()?, entry.path()));
        }
    }
    Ok(found.into_iter().max().map(|(_, time, path)| (path, time)))
}

/// When a source of the charm was last changed. What is hidden, built, or a test is none: editing a test must not
/// cost a pack.
fn newest_source(dir: &Path) -> Result<SystemTime> {
    const NOT_SOURCES: [&str; 6] = ["target", "tests", "xtask", "__pycache__", "venv", "node_modules"];
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name.ends_with(".charm") || NOT_SOURCES.contains(&name.as_str()) {
            continue;
        }
        let time = if entry.file_type()?.is_dir() {
            // A directory's own time tells of removed files.
            newest_source(&entry.path())?.max(entry.metadata()?.modified()?)
        } else {
            entry.metadata()?.modified()?
        };
        newest = newest.max(time);
    }
    Ok(newest)
}
