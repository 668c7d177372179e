//! Paths in messages.

use std::env;
use std::path::Path;

/// A path for messages: relative when it is below the current directory.
pub(crate) fn shown(path: &Path) -> std::path::Display<'_> {
    let here = env::current_dir().unwrap_or_default();
    match path.strip_prefix(here) {
        Ok(relative) if !relative.as_os_str().is_empty() => relative.display(),
        _ => path.display(),
    }
}
