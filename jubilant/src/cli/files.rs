//! Files handed to `juju`: private, removed afterwards, and where a snapped Juju can read them.

use std::fmt;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::program::Program;

type Result<T, E = FilesError> = std::result::Result<T, E>;

/// The files of one command; dropping it removes its own copies.
#[derive(Debug)]
pub(crate) struct Files {
    snap: Option<PathBuf>,
    dir: Option<TempDir>,
    count: usize,
}

impl Files {
    pub(crate) fn of(program: &Program) -> Self {
        Files { snap: program.snap_files(), dir: None, count: 0 }
    }

    /// Whether files must be copied to be readable.
    pub(crate) fn copies(&self) -> bool {
        self.snap.is_some()
    }

    /// The path under which `juju` can read an existing file.
    pub(crate) fn give(&mut self, path: &Path) -> Result<String> {
        let path = std::path::absolute(path).map_err(|error| FileError::new("find", path, error))?;
        if let Err(error) = path.metadata() {
            return Err(FileError::new("read", &path, error).into());
        }
        if !self.copies() {
            return text_of(&path);
        }
        let name = path.file_name().map_or_else(|| "file".into(), |name| name.to_string_lossy().into_owned());
        let copy = self.place(&name)?;
        std::fs::copy(&path, &copy).map_err(|error| FileError::new("copy", &path, error))?;
        text_of(&copy)
    }

    /// The path of a new file with this content, readable by this user alone.
    pub(crate) fn write(&mut self, name: &str, content: &[u8]) -> Result<String> {
        let path = self.place(name)?;
        let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(content))
            .map_err(|error| FileError::new("write", &path, error))?;
        text_of(&path)
    }

    /// A path for a new file; each has a directory of its own, so that its name can be kept.
    fn place(&mut self, name: &str) -> Result<PathBuf> {
        let dir = match &self.dir {
            Some(dir) => dir,
            None => self.dir.insert(private_dir(self.snap.as_deref())?),
        };
        self.count += 1;
        let own = dir.path().join(self.count.to_string());
        std::fs::create_dir(&own).map_err(|error| FileError::new("create", &own, error))?;
        Ok(own.join(name))
    }
}

/// A new directory for this user alone, removed when it is dropped.
pub(crate) fn private_dir(parent: Option<&Path>) -> Result<TempDir, FileError> {
    let parent = parent.map_or_else(std::env::temp_dir, Path::to_path_buf);
    let create = || {
        std::fs::create_dir_all(&parent)?;
        let private = std::fs::Permissions::from_mode(0o700);
        tempfile::Builder::new().prefix("jubilant-").permissions(private).tempdir_in(&parent)
    };
    create().map_err(|error| FileError::new("create a directory in", &parent, error))
}

/// Arguments are text here; a path that is none is refused rather than changed.
fn text_of(path: &Path) -> Result<String> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        FilesError::Usage(format!("the path {} is not UTF-8, which juju's arguments must be", path.display()))
    })
}

/// Why a file cannot be handed over.
#[derive(Debug)]
pub(crate) enum FilesError {
    /// It cannot be read or written.
    File(FileError),
    /// There is no way to name it.
    Usage(String),
}

impl From<FileError> for FilesError {
    fn from(error: FileError) -> Self {
        FilesError::File(error)
    }
}

/// A file meant for `juju` could not be read or written.
#[derive(Debug)]
#[non_exhaustive]
pub struct FileError {
    action: &'static str,
    path: PathBuf,
    source: std::io::Error,
}

impl FileError {
    pub(crate) fn new(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        FileError { action, path: path.into(), source }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}: {}", self.action, self.path.display(), self.source)
    }
}
