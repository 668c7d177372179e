//! Files that appear as a whole or not at all.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process;

use anyhow::{Context, Result};

/// Whoever the umask allows, unlike for other temporary files.
const MODE: u32 = 0o666;

/// Replaces a file with what `write` writes. Nobody meets half of it; on Linux nothing stays behind, however the process
/// ends meanwhile.
pub(super) fn replace(path: &Path, write: impl FnOnce(&mut File) -> Result<()>) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let dir = path.parent().unwrap_or(Path::new("."));
    if let Some(mut file) = nameless(dir) {
        write(&mut file).with_context(failed)?;
        return give_name(&file, path).with_context(failed);
    }
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix(".packing-").permissions(Permissions::from_mode(MODE));
    let mut temporary = builder.tempfile_in(dir).with_context(failed)?;
    write(temporary.as_file_mut()).with_context(failed)?;
    temporary.persist(path).with_context(failed)?;
    Ok(())
}

/// A file without a name in the directory, where the file system has such files.
#[cfg(target_os = "linux")]
fn nameless(dir: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};
    open(dir, OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC, Mode::from_raw_mode(MODE))
        .ok()
        .map(File::from)
}

#[cfg(target_os = "linux")]
fn give_name(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    use std::os::fd::AsRawFd;
    // A link replaces nothing: the file gets a name of its own first, for a moment.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = path.with_file_name(format!(".packing-{}-{name}", process::id()));
    let _ = fs::remove_file(&aside);
    linkat(CWD, format!("/proc/self/fd/{}", file.as_raw_fd()), CWD, &aside, AtFlags::SYMLINK_FOLLOW)?;
    // What cannot be replaced, such as a directory of that name, is no reason to leave another file behind.
    fs::rename(&aside, path).inspect_err(|_| drop(fs::remove_file(&aside)))
}

#[cfg(not(target_os = "linux"))]
fn nameless(_: &Path) -> Option<File> {
    None
}

#[cfg(not(target_os = "linux"))]
fn give_name(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
