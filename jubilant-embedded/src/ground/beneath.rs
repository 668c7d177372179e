//! Files in a directory that somebody else may have changed: no link in it leads out.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, mkdirat, openat, renameat, unlinkat};
use rustix::io::Errno;

/// A directory, and not a link to one.
pub(crate) struct Dir(OwnedFd);

const DIR: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Dir {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(openat(CWD, path, DIR, Mode::empty())?))
    }

    /// A directory in this one, made if it is not there.
    pub(crate) fn enter(&self, name: &str) -> io::Result<Self> {
        match mkdirat(&self.0, name, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => Ok(Self(openat(&self.0, name, DIR, Mode::empty())?)),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts a file in place of whatever has its name, a link for instance.
    pub(crate) fn put(&self, name: &str, source: &mut File) -> io::Result<()> {
        let temporary = ".new";
        match unlinkat(&self.0, temporary, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.0, temporary, flags, Mode::from_raw_mode(0o644))?);
        io::copy(source, &mut file)?;
        Ok(renameat(&self.0, temporary, &self.0, name)?)
    }
}
