//! A whole project as plugin `charm` packs it.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::super::files::{Files, walk};
use super::super::jujuignore::JujuIgnore;
use super::super::source::is_left_out;
use super::sources::is_compiled;
use crate::shown::shown;

/// Every file but those that are ignored; a link stays if it leads to something in the project. `not` is a directory
/// for builds that may be below.
pub(super) fn project_files(source: &Path, ignore: &JujuIgnore, not: &Path) -> Result<Files> {
    walk(source, &|name| {
        let path = source.join(name);
        let Ok(kind) = fs::symlink_metadata(&path).map(|data| data.file_type()) else { return false };
        // What cargo, and whoever else tags a cache, can make again.
        let made = kind.is_dir() && (path.join("CACHEDIR.TAG").exists() || path == not);
        let silently = made || is_left_out(source, name) || is_compiled(name);
        if silently || ignore.ignores(name, kind.is_dir()) {
            return true;
        }
        let why = if kind.is_symlink() && !leads_within(&path, source) {
            "leads to nothing in the project"
        } else if !kind.is_symlink() && !kind.is_dir() && !kind.is_file() {
            "is neither a file nor a directory"
        } else {
            return false;
        };
        eprintln!("warning: {} is left out: it {why}", shown(&path));
        true
    })
}

fn leads_within(link: &Path, source: &Path) -> bool {
    link.canonicalize().is_ok_and(|real| real.starts_with(source))
}
