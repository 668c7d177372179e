//! Charm files: out of archives, between directories, into units.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use crate::paths::UnitDir;

/// Unpacks a `.charm` file, keeping its modes.
pub(crate) fn unpack(archive: &Path, to: &Path) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(File::open(archive)?).map_err(io::Error::other)?;
    fs::create_dir_all(to)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(io::Error::other)?;
        let name = entry.name().map_err(io::Error::other)?.into_owned();
        let path = to.join(inside(&name)?);
        if entry.is_dir() {
            fs::create_dir_all(&path)?;
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        if entry.is_symlink() {
            let target = io::read_to_string(&mut entry)?;
            make_link(Path::new(&name), Path::new(&target), &path)?;
            continue;
        }
        // A link that came earlier in the archive may stand where this file goes.
        if fs::symlink_metadata(&path).is_ok() {
            fs::remove_file(&path)?;
        }
        io::copy(&mut entry, &mut File::create(&path)?)?;
        let mode = entry.unix_mode().unwrap_or(0o644) & 0o777;
        fs::set_permissions(&path, Permissions::from_mode(mode | 0o600))?;
    }
    Ok(())
}

/// An entry's name as a path that stays inside the charm.
fn inside(name: &str) -> io::Result<PathBuf> {
    let path = PathBuf::from(name);
    let safe = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if safe && !name.is_empty() {
        return Ok(path);
    }
    Err(io::Error::other(format!("the archive's entry {name:?} points outside the charm")))
}

/// Makes a link at `path` (which is `name` within the charm) whose target stays inside the charm.
fn make_link(name: &Path, target: &Path, path: &Path) -> io::Result<()> {
    let mut depth = name.components().filter(|part| matches!(part, Component::Normal(_))).count() as i64 - 1;
    for part in target.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::ParentDir => depth -= 1,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => depth = -1,
        }
        if depth < 0 {
            return Err(io::Error::other(format!("the link {} points outside the charm", name.display())));
        }
    }
    symlink(target, path)
}

/// Copies a directory with its modes. Links to files outside (a virtual environment's interpreter) stay as
/// they are: the charm's author made them on this machine.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if fs::symlink_metadata(&target).is_ok_and(|known| !known.is_dir()) {
                fs::remove_file(&target)?;
            }
            copy(&entry.path(), &target)?;
            continue;
        }
        match fs::symlink_metadata(&target) {
            Ok(known) if known.is_dir() => fs::remove_dir_all(&target)?,
            Ok(_) => fs::remove_file(&target)?,
            Err(_) => {}
        }
        if kind.is_symlink() {
            symlink(fs::read_link(entry.path())?, &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Brings a unit's charm directory to a revision. Files of the old revision that the new one lacks go; what the
/// charm wrote itself (`.unit-state.db`) stays.
pub(crate) fn update(unit: &UnitDir, old: Option<&Path>, new: &Path) -> io::Result<()> {
    for dir in [unit.home(), unit.tmp(), unit.resources()] {
        fs::create_dir_all(dir)?;
    }
    let charm = unit.charm();
    if let Some(old) = old {
        let mut former = BTreeSet::new();
        files(old, Path::new(""), &mut former)?;
        for file in former.iter().filter(|file| fs::symlink_metadata(new.join(file)).is_err()) {
            let _ = fs::remove_file(charm.join(file));
        }
    }
    copy(new, &charm)
}

fn files(dir: &Path, prefix: &Path, found: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = prefix.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            files(&entry.path(), &name, found)?;
        } else {
            found.insert(name);
        }
    }
    Ok(())
}
