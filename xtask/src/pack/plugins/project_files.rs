//! A whole project as plugin `charm` packs it.

use std::path::Path;

use anyhow::Result;

use super::super::files::Files;
use super::super::jujuignore::JujuIgnore;
use super::super::python::{Found, add_file, list};
use crate::shown::shown;

/// What charmcraft does not take from the top of a project: packed charms, its own file, and its working directories.
const NOT_TAKEN: [&str; 6] = ["charmcraft.yaml", ".craft", "parts", "stage", "prime", "overlay"];

/// Every file but those that are ignored; a link stays if it leads to something in the project. `not` is a directory
/// for builds that may be below.
pub(super) fn project_files(source: &Path, ignore: &JujuIgnore, not: &Path) -> Result<Files> {
    let mut files = Files::new();
    let walk = Walk { source, ignore, not };
    walk.add(&mut files, source, "")?;
    Ok(files)
}

struct Walk<'a> {
    source: &'a Path,
    ignore: &'a JujuIgnore,
    not: &'a Path,
}

impl Walk<'_> {
    fn add(&self, files: &mut Files, dir: &Path, prefix: &str) -> Result<()> {
        for found in list(dir)? {
            let name = format!("{prefix}{}", found.name);
            if self.is_left_out(&found, &name) {
                continue;
            }
            if found.kind.is_dir() {
                self.add(files, &found.path, &format!("{name}/"))?;
            } else if found.kind.is_symlink() && !self.leads_within(&found.path) {
                eprintln!("warning: {} is left out: it leads to nothing in the project", shown(&found.path));
            } else if found.kind.is_file() || found.kind.is_symlink() {
                add_file(files, &found.path, name, &[self.source.to_owned()])?;
            } else {
                eprintln!(
                    "warning: {} is left out: it is neither a file nor a directory",
                    shown(&found.path)
                );
            }
        }
        Ok(())
    }

    fn is_left_out(&self, found: &Found, name: &str) -> bool {
        let is_dir = found.kind.is_dir();
        // What cargo, and whoever else tags a cache, can make again.
        let made = is_dir && (found.path.join("CACHEDIR.TAG").exists() || found.path == self.not);
        made || NOT_TAKEN.contains(&name)
            || (!name.contains('/') && name.ends_with(".charm"))
            || self.ignore.ignores(name, is_dir)
    }

    fn leads_within(&self, link: &Path) -> bool {
        link.canonicalize().is_ok_and(|real| real.starts_with(self.source))
    }
}
