//! Files that are whole, or not there.

use std::io::{self, Write};
use std::path::Path;

/// Whether a link stands on the way from a directory to a file within it.
pub(crate) fn is_behind_link(dir: &Path, file: &Path) -> bool {
    let parents = file.ancestors().skip(1);
    parents
        .map(|parent| dir.join(parent))
        .any(|dir| dir.symlink_metadata().is_ok_and(|data| data.is_symlink()))
}

/// Writes a file so that a reader sees the old or the new content, never half of it.
pub(crate) fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(content)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
