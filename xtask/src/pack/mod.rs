//! `cargo xtask pack`: which packer packs a charm, and whether it has to.

mod archive;
mod charmcraft;
mod filter;
mod local;
mod metadata;
mod parts;
mod platform;
mod plugins;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::options::{PackOptions, Packer};
use crate::project::{Workspace, shown};
use charmcraft::Outcome;
pub(crate) use metadata::Charm;

/// Packs the charm in `dir`, if it has to be, and returns the absolute path of the `.charm` file.
pub(crate) fn pack(dir: &Path, workspace: &Workspace, options: &PackOptions) -> Result<PathBuf> {
    let charm = Charm::read(dir)?;
    if options.packer == Packer::Local {
        return local::pack(&charm, workspace, "asked for");
    }
    if let Some(path) = up_to_date(&charm)? {
        eprintln!("{}: {} is up to date (packed by charmcraft)", charm.name()?, shown(&path));
        return Ok(path);
    }
    match (charmcraft::find(), options.packer) {
        (None, Packer::Charmcraft) => {
            bail!(
                "charmcraft is not installed: sudo snap install charmcraft --classic, or use --packer local"
            )
        }
        (None, _) => local::pack(&charm, workspace, "charmcraft is not installed"),
        (Some(program), packer) => match charmcraft::pack(&program, &charm, &options.charmcraft_args)? {
            Outcome::Packed(path) => {
                eprintln!("{}: packed {} (charmcraft)", charm.name()?, shown(&path));
                Ok(path)
            }
            Outcome::NowhereToBuild if packer == Packer::Auto => {
                eprintln!(
                    "warning: charmcraft has nowhere to build (see above); the local packer takes its place"
                );
                local::pack(&charm, workspace, "charmcraft cannot build on this machine")
            }
            Outcome::NowhereToBuild => {
                bail!("charmcraft has nowhere to build (see above): set up LXD, or use --packer local")
            }
        },
    }
}

/// charmcraft's own file, if no source is newer. The local packer needs no such look: it compares contents.
fn up_to_date(charm: &Charm) -> Result<Option<PathBuf>> {
    let Some((path, packed)) = newest_packed(charm)? else { return Ok(None) };
    let current = !archive::is_local(&path) && newest_source(&charm.dir)? <= packed;
    Ok(current.then_some(path))
}

/// The newest `<name>_*.charm` in the charm's directory, preferably the one for this machine.
fn newest_packed(charm: &Charm) -> Result<Option<(PathBuf, SystemTime)>> {
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
