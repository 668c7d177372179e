//! Sources, copied aside for a build that may write among them.

use std::fs::{self, FileType};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::super::made::is_made;
use crate::shown::shown;

/// Something in a directory.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) kind: FileType,
}

/// What a directory holds, sorted, without what is made of sources: version control, compiled files, caches and builds by
/// their tag, environments, packed charms.
pub(super) fn sources(dir: &Path) -> Result<Vec<Found>> {
    let reading = || format!("cannot read {}", shown(dir));
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).with_context(reading)? {
        let entry = entry.with_context(reading)?;
        let (path, kind, name) = (entry.path(), entry.file_type()?, entry.file_name());
        if !is_made(&path) && name != ".git" && !name.to_string_lossy().ends_with(".charm") {
            all.push(Found { path, kind });
        }
    }
    all.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(all)
}

/// Copies the sources in `from`, links as they are; `not` is a directory that may be below it and is no source.
pub(in crate::pack) fn copy(from: &Path, to: &Path, not: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for found in sources(from)? {
        let target = to.join(found.path.file_name().unwrap_or_default());
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
