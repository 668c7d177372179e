//! `dump`: the source tree as it is.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use super::super::files::{Entry, Files};
use super::super::part::Part;
use crate::shown::shown;

/// Every file of the source directory.
pub(in crate::pack) fn dump(part: &Part) -> Result<Files> {
    let root = part.source.canonicalize()?;
    let mut files = Files::new();
    dump_dir(part, &root, &root, &mut files)?;
    Ok(files)
}

fn dump_dir(part: &Part, root: &Path, dir: &Path, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", shown(dir)))? {
        let path = entry?.path();
        let name =
            path.strip_prefix(root)?.to_str().ok_or_else(|| anyhow!("{} is not UTF-8", path.display()))?;
        if is_left_out(name) {
            continue;
        }
        let kind = fs::symlink_metadata(&path)?.file_type();
        if kind.is_dir() {
            dump_dir(part, root, &path, files)?;
        } else if kind.is_file() {
            files.insert(name.to_owned(), Entry::file(path)?);
        } else if kind.is_symlink() {
            files.insert(name.to_owned(), Entry::file(linked(part, root, &path)?)?);
        } else {
            return Err(part.refused(&format!("{name} is neither a file nor a directory")));
        }
    }
    Ok(())
}

/// What the source directory holds besides sources: earlier packs, version control, what cargo built.
fn is_left_out(name: &str) -> bool {
    [".git", "target"].contains(&name) || name.ends_with(".charm")
}

/// What a link leads to: a charm has no links, so the file itself goes in.
fn linked(part: &Part, root: &Path, link: &Path) -> Result<PathBuf> {
    let name = shown(link);
    let file = link.canonicalize().with_context(|| format!("part `{}`: {name} leads nowhere", part.name))?;
    if !file.starts_with(root) {
        bail!("part `{}`: {name} leads out of the part's source: put the file itself there", part.name);
    }
    if !file.is_file() {
        return Err(part.refused(&format!("{name} is a link to a directory")));
    }
    Ok(file)
}
