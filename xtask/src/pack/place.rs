//! Where a charm is built: its own directory below the target directory, for one process at a time.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::shown::shown;

/// The charm's directory below the target directory, until the end of the pack for this process alone. Another charm of
/// the same name, such as an older revision, has one of its own: they would take away what the other is quick with.
pub(super) fn own(all: &Path, name: &str, charm: &Path) -> Result<(PathBuf, File)> {
    let mut hasher = DefaultHasher::new();
    charm.hash(&mut hasher);
    for name in [name.to_owned(), format!("{name}-{:016x}", hasher.finish())] {
        let target = all.join(name);
        let lock = alone(&target)?;
        let note = target.join("charm");
        let whose = fs::read(&note).map(|path| PathBuf::from(OsString::from_vec(path)));
        // Where a directory is gone, its charm was moved.
        if whose.is_ok_and(|other| other != charm && other.exists()) {
            continue;
        }
        fs::write(&note, charm.as_os_str().as_bytes())
            .with_context(|| format!("cannot write in {}", target.display()))?;
        return Ok((target, lock));
    }
    bail!("two charms have the same place in {}: remove it", all.display())
}

/// Waits until no other process packs in the directory. It is the user's own: what poetry exports has the passwords of
/// indexes in it.
fn alone(target: &Path) -> Result<File> {
    let failed = || format!("cannot write in {}", target.display());
    fs::create_dir_all(target).with_context(failed)?;
    fs::set_permissions(target, Permissions::from_mode(0o700)).with_context(failed)?;
    let lock = File::create(target.join("lock")).with_context(failed)?;
    if lock.try_lock().is_err() {
        eprintln!("waiting for another pack, which works in {}", shown(target));
        lock.lock().with_context(failed)?;
    }
    Ok(lock)
}

/// Deletes what earlier packs of the charm left to be quick with, but for what cargo keeps.
pub(super) fn forget(target: &Path) -> Result<()> {
    for (path, result) in [
        ("stamp", fs::remove_file(target.join("stamp"))),
        ("parts", fs::remove_dir_all(target.join("parts"))),
    ] {
        match result {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot delete {}", target.join(path).display()));
            }
            _ => {}
        }
    }
    Ok(())
}
