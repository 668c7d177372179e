//! Files that are whole, or not there.

use std::io::{self, Write};
use std::path::Path;

/// Writes a file so that a reader sees the old or the new content, never half of it.
pub(crate) fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(content)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
