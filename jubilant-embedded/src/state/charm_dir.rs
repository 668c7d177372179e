//! Charm files: out of archives, between directories, into units.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use crate::ground::failure::{Failure, fail};
use crate::ground::files::is_behind_link;
use crate::ground::flavour::Flavour;
use crate::ground::paths::UnitDir;
use crate::model::charm::Charm;
use crate::model::hook::Hook;
use crate::model::limits;
use crate::model::metadata::Texts;

/// A link's target is no longer than a path can be.
const LONGEST_LINK: u64 = 4096;

/// What a charm may still bring.
struct Budget {
    bytes: u64,
    files: u64,
}

impl Budget {
    fn new() -> Self {
        Self { bytes: limits::UNPACKED, files: limits::FILES }
    }

    /// Takes one more file, link or directory.
    fn file(&mut self) -> io::Result<()> {
        self.files = self.files.checked_sub(1).ok_or_else(|| io::Error::other(limits::TOO_MANY))?;
        Ok(())
    }

    /// Takes the bytes of a file, and says if it has too many of them, or all files together have.
    fn bytes(&mut self, name: &Path, length: u64) -> io::Result<()> {
        if is_read_whole(name) && length > limits::METADATA {
            return Err(io::Error::other(limits::too_large(&name.to_string_lossy())));
        }
        self.bytes = self.bytes.checked_sub(length).ok_or_else(|| io::Error::other(limits::TOO_LARGE))?;
        Ok(())
    }

    /// One byte more than the file may have: who reads so many knows that there are too many.
    fn too_many(&self, name: &Path) -> u64 {
        1 + if is_read_whole(name) { limits::METADATA.min(self.bytes) } else { self.bytes }
    }
}

fn is_read_whole(name: &Path) -> bool {
    limits::READ_WHOLE.iter().any(|known| name == Path::new(known))
}

/// An archive's file, of which only so much can be read: its list of files is kept in memory.
struct Opened<'a> {
    file: BufReader<File>,
    left: &'a Cell<u64>,
}

impl Read for Opened<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        let left = self.left.get().checked_sub(length as u64);
        self.left.set(left.unwrap_or(0));
        left.map(|_| length).ok_or_else(|| io::Error::other(limits::LONG_LIST))
    }
}

impl Seek for Opened<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Unpacks a `.charm` file, keeping its modes. What counts against the limits is what comes out, not what the archive
/// says of it.
pub(crate) fn unpack(archive: &Path, to: &Path) -> io::Result<()> {
    let left = Cell::new(limits::DIRECTORY);
    let opened = Opened { file: BufReader::new(File::open(archive)?), left: &left };
    let mut archive = zip::ZipArchive::new(opened).map_err(plain)?;
    left.set(u64::MAX);
    let mut budget = Budget::new();
    fs::create_dir_all(to)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(plain)?;
        let name = inside(&entry.name().map_err(plain)?)?;
        let path = to.join(&name);
        if entry.is_dir() {
            make_dirs(&path, &mut budget)?;
            continue;
        }
        budget.file()?;
        if let Some(parent) = path.parent() {
            make_dirs(parent, &mut budget)?;
        }
        if entry.is_symlink() {
            let target = io::read_to_string((&mut entry).take(LONGEST_LINK))?;
            make_link(&name, Path::new(&target), &path)?;
            continue;
        }
        // A link that came earlier in the archive may stand where this file goes.
        if fs::symlink_metadata(&path).is_ok() {
            fs::remove_file(&path)?;
        }
        let mode = entry.unix_mode().unwrap_or(0o644) & 0o777;
        let mut content = (&mut entry).take(budget.too_many(&name));
        let length = io::copy(&mut content, &mut File::create(&path)?)?;
        budget.bytes(&name, length)?;
        fs::set_permissions(&path, Permissions::from_mode(mode | 0o600))?;
    }
    Ok(())
}

/// What the archive's reader said, without its own words around what we said.
fn plain(error: zip::result::ZipError) -> io::Error {
    match error {
        zip::result::ZipError::Io(error) => error,
        other => io::Error::other(other),
    }
}

/// Makes a directory and those above it, each of which counts.
fn make_dirs(dir: &Path, budget: &mut Budget) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    if let Some(parent) = dir.parent() {
        make_dirs(parent, budget)?;
    }
    budget.file()?;
    fs::create_dir(dir)
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

/// Reads what an unpacked charm says about itself, refusing what the embedded Juju cannot run.
pub(crate) fn read(dir: &Path, flavour: Flavour) -> Result<Charm, Failure> {
    let texts = Texts {
        metadata: read_text(dir, "metadata.yaml")?,
        config: read_text(dir, "config.yaml")?,
        actions: read_text(dir, "actions.yaml")?,
        manifest: read_text(dir, "manifest.yaml")?,
        version: read_text(dir, "version")?,
    };
    Charm::read(&texts, flavour)
}

/// The text of a file of the charm, if it has one. No more is read than the limit says: the file may be a link, to
/// whatever else.
fn read_text(dir: &Path, file: &str) -> Result<Option<String>, Failure> {
    let path = dir.join(file);
    let mut text = String::new();
    let read = match path.metadata() {
        Ok(data) if !data.is_file() => Err(io::Error::other("it is not a file")),
        Ok(_) => {
            File::open(&path).and_then(|opened| opened.take(limits::METADATA + 1).read_to_string(&mut text))
        }
        Err(error) => Err(error),
    };
    match read {
        Ok(length) if length as u64 > limits::METADATA => {
            fail!("cannot read the charm: {}", limits::too_large(file))
        }
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => fail!("cannot read the charm's {file}: {error}"),
    }
}

/// Says of a charm that its code is not executable, if so: units skip it without a word.
pub(crate) fn unexecutable(charm: &str, dir: &Path) -> Option<String> {
    let is_plain = |file: &str| {
        let data = fs::metadata(dir.join(file));
        data.is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 == 0)
    };
    let mut skipped = vec!["dispatch".to_owned()];
    if !dir.join("dispatch").exists() {
        let hooks = fs::read_dir(dir.join("hooks")).into_iter().flatten().flatten();
        let names = hooks.map(|entry| entry.file_name().to_string_lossy().into_owned());
        skipped = names.filter(|name| Hook::is_name(name)).map(|name| format!("hooks/{name}")).collect();
        skipped.sort();
    }
    skipped.retain(|file| is_plain(file));
    let files = skipped.join(" ");
    (!files.is_empty()).then(|| {
        format!(
            "WARNING charm \"{charm}\": hooks will be skipped, because their code is not executable: \
             chmod +x {files}, and refresh\n"
        )
    })
}

/// Checks a charm directory against the limits, before anything is copied.
pub(crate) fn measure(dir: &Path) -> io::Result<()> {
    measure_into(dir, Path::new(""), &mut Budget::new())
}

fn measure_into(dir: &Path, prefix: &Path, budget: &mut Budget) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let (name, data) = (prefix.join(entry.file_name()), entry.metadata()?);
        budget.file()?;
        if data.is_dir() {
            measure_into(&entry.path(), &name, budget)?;
        } else if data.is_file() {
            budget.bytes(&name, data.len())?;
        }
    }
    Ok(())
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
    let charm = unit.charm();
    for dir in [unit.home(), unit.tmp(), unit.resources(), charm.clone()] {
        fs::create_dir_all(&dir)?;
        if fs::symlink_metadata(&dir)?.is_symlink() {
            let text = format!("{} is a link, which the agent does not follow", dir.display());
            return Err(io::Error::other(text));
        }
    }
    if let Some(old) = old {
        let mut former = BTreeSet::new();
        files(old, Path::new(""), &mut former)?;
        let is_former = |file: &&PathBuf| fs::symlink_metadata(new.join(file)).is_err();
        for file in former.iter().filter(is_former).filter(|file| !is_behind_link(&charm, file)) {
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
