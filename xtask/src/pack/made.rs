//! What is made of sources, and is no source.

use std::path::Path;

/// Whether this is made of sources, and large: what test tools, package managers and builds keep.
pub(super) fn is_made(path: &Path) -> bool {
    const NAMES: [&str; 6] = [".tox", ".nox", ".venv", ".craft", "node_modules", "__pycache__"];
    let name = path.file_name().unwrap_or_default();
    let is_tagged = || ["CACHEDIR.TAG", "pyvenv.cfg"].iter().any(|tag| path.join(tag).exists());
    NAMES.iter().any(|made| name == *made) || is_tagged()
}
