//! Directories of Python sources: copied aside for a build, and read into a charm.

use std::fs::{self, FileType};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use super::super::files::{Entry, Files};
use crate::shown::shown;

/// No charm is so deep; links that lead to one another are.
const DEEPEST: usize = 64;

/// Something in a directory, by its name.
pub(in crate::pack) struct Found {
    pub(in crate::pack) name: String,
    pub(in crate::pack) path: PathBuf,
    pub(in crate::pack) kind: FileType,
}

/// What a directory holds, sorted by name, without what Python compiled.
pub(in crate::pack) fn list(dir: &Path) -> Result<Vec<Found>> {
    let reading = || format!("cannot read {}", shown(dir));
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).with_context(reading)? {
        let entry = entry.with_context(reading)?;
        let name = entry.file_name().into_string();
        let name = name.map_err(|name| anyhow!("{} is not UTF-8", dir.join(name).display()))?;
        if name != "__pycache__" {
            all.push(Found { name, path: entry.path(), kind: entry.file_type()? });
        }
    }
    all.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(all)
}

/// Sources without what is made of them: version control, caches and builds by their tag, environments, packed charms.
pub(super) fn sources(dir: &Path) -> Result<Vec<Found>> {
    const NONE: [&str; 6] = [".git", ".tox", ".nox", "node_modules", ".craft", ".venv"];
    let mut all = list(dir)?;
    all.retain(|found| {
        let made = found.kind.is_dir()
            && ["CACHEDIR.TAG", "pyvenv.cfg"].iter().any(|tag| found.path.join(tag).exists());
        !made && !NONE.contains(&found.name.as_str()) && !found.name.ends_with(".charm")
    });
    Ok(all)
}

/// Copies the sources in `from`, links as they are; `not` is a directory that may be below it and is no source.
pub(in crate::pack) fn copy(from: &Path, to: &Path, not: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for found in sources(from)? {
        let target = to.join(&found.name);
        if found.path == not {
            continue;
        } else if found.kind.is_dir() {
            copy(&found.path, &target, not)?;
        } else if found.kind.is_symlink() {
            symlink(fs::read_link(&found.path)?, &target)?;
        } else if found.kind.is_file() {
            fs::copy(&found.path, &target).with_context(|| format!("cannot copy {}", shown(&found.path)))?;
        }
    }
    Ok(())
}

/// Adds a directory's files below `prefix`. A link becomes what it leads to, which must be in one of the directories
/// `within`: nothing else is in the charm.
pub(in crate::pack) fn add_tree(
    files: &mut Files,
    dir: &Path,
    prefix: &str,
    within: &[PathBuf],
) -> Result<()> {
    for found in list(dir)? {
        let name = format!("{prefix}{}", found.name);
        if found.kind.is_dir() {
            add_tree(files, &found.path, &format!("{name}/"), within)?;
        } else {
            add_file(files, &found.path, name, within)?;
        }
    }
    Ok(())
}

/// Adds one file, or what a link leads to.
pub(in crate::pack) fn add_file(
    files: &mut Files,
    path: &Path,
    name: String,
    within: &[PathBuf],
) -> Result<()> {
    let kind =
        fs::symlink_metadata(path).with_context(|| format!("cannot read {}", shown(path)))?.file_type();
    if kind.is_file() {
        files.insert(name, Entry::file(path.to_owned())?);
        return Ok(());
    }
    if !kind.is_symlink() {
        bail!("{} is neither a file nor a directory", shown(path));
    }
    let real = path.canonicalize().map_err(|_| anyhow!("the link {} leads nowhere", shown(path)))?;
    if !within.iter().any(|dir| real.starts_with(dir)) {
        bail!(
            "the link {} leads to {}, which is not packed: put what it leads to in its place",
            shown(path),
            real.display()
        );
    }
    if real.is_file() {
        files.insert(name, Entry::file(real)?);
    } else if path.starts_with(&real) || name.split('/').count() > DEEPEST {
        bail!("the link {} leads to a directory that it is in", shown(path));
    } else {
        add_tree(files, &real, &format!("{name}/"), within)?;
    }
    Ok(())
}
