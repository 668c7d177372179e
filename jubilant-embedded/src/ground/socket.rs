//! Unix sockets whose path may be longer than the 107 bytes that an address holds.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::net::SendFlags;

const LONGEST: usize = 107;

/// Calls `use_path` with a path to the same socket that is short enough.
pub(crate) fn at<T>(path: &Path, use_path: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    if path.as_os_str().len() <= LONGEST {
        return use_path(path);
    }
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else { return use_path(path) };
    let dir = File::open(dir)?;
    use_path(&PathBuf::from(format!("/proc/self/fd/{}", dir.as_raw_fd())).join(name))
}

/// Writes everything. A partner that has gone is an error and no signal: before `main`, where the program may run
/// as a part of a test executable, nobody has told the system to ignore `SIGPIPE`.
pub(crate) fn send(stream: &UnixStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::net::send(stream, bytes, SendFlags::NOSIGNAL) {
            Ok(sent) => bytes = &bytes[sent..],
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

pub(crate) fn connect(path: &Path) -> io::Result<UnixStream> {
    at(path, |path| UnixStream::connect(path))
}
