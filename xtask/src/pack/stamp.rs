//! Whether a packed charm is up to date, told from what the system says of its files: none of them is opened.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use super::files::{Content, Files};

/// Files that change twice within it may show the same time: more than a tick of the slowest kernel.
const TICK: Duration = Duration::from_millis(20);

/// What a charm was, or is to be, packed from. A lost or wrong one costs a look into the archive.
#[derive(Debug, PartialEq)]
pub(super) struct Stamp(u64);

impl Stamp {
    /// As the files are now. A later change of any of them makes another stamp.
    pub(super) fn of(files: &Files) -> Result<Stamp> {
        loop {
            let (stamp, youngest) = look(files)?;
            match SystemTime::now().duration_since(youngest) {
                Ok(age) if age < TICK => thread::sleep(TICK - age),
                // A time in the future says nothing about a later change.
                _ => return Ok(stamp),
            }
        }
    }

    /// Whether the archive was packed from the same, and is as it was then.
    pub(super) fn fits(&self, note: &Path, archive: &Path) -> bool {
        let noted = fs::read_to_string(note);
        noted.is_ok_and(|noted| self.line(archive).is_ok_and(|line| line == noted))
    }

    /// Notes that the archive holds this.
    pub(super) fn write(&self, note: &Path, archive: &Path) -> Result<()> {
        fs::write(note, self.line(archive)?).with_context(|| format!("cannot write {}", note.display()))
    }

    fn line(&self, archive: &Path) -> Result<String> {
        let mut hasher = DefaultHasher::new();
        hash_file(archive, &mut hasher)?;
        Ok(format!("{:016x} {:016x}\n", self.0, hasher.finish()))
    }
}

/// The stamp, and when the youngest file was changed.
fn look(files: &Files) -> Result<(Stamp, SystemTime)> {
    let mut hasher = DefaultHasher::new();
    // Another release may pack the same files in another way.
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    let mut youngest = UNIX_EPOCH;
    for (name, entry) in files {
        (name, entry.mode).hash(&mut hasher);
        match &entry.content {
            Content::File(path) => youngest = youngest.max(hash_file(path, &mut hasher)?),
            Content::Bytes(bytes) => bytes.hash(&mut hasher),
            Content::Link(target) => target.hash(&mut hasher),
        }
    }
    Ok((Stamp(hasher.finish()), youngest))
}

/// Adds what tells a file from a changed one, and returns when it was last changed.
fn hash_file(path: &Path, hasher: &mut impl Hasher) -> Result<SystemTime> {
    let data = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    (data.dev(), data.ino(), data.size()).hash(hasher);
    (data.mtime(), data.mtime_nsec(), data.ctime(), data.ctime_nsec()).hash(hasher);
    let since = Duration::new(data.ctime().unsigned_abs(), data.ctime_nsec().unsigned_abs() as u32);
    Ok(UNIX_EPOCH + since)
}
