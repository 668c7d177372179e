//! A part's source: the files of its directory.

use std::path::Path;

use anyhow::{Result, bail};

use super::files::{Files, walk};
use super::part::Part;
use super::tree::{below, join};

/// Refuses a part whose source, or what `source-subdir` names in it, is no directory.
pub(super) fn check(part: &Part) -> Result<()> {
    for (dir, name) in [(&part.source, "source"), (&part.build_dir(), "source-subdir")] {
        if !dir.is_dir() {
            let text = part.text(name).unwrap_or(".");
            bail!("part `{}`: there is no directory {text}, which is its `{name}`: mend it", part.name);
        }
    }
    Ok(())
}

/// The source as a part gets it: all that is there, but for what charmcraft makes itself.
pub(super) fn files(part: &Part) -> Result<Files> {
    walk(&part.source, &|path| is_left_out(&part.source, path))
}

/// What of it is in `source-subdir`, where the part is built, by its path there.
pub(super) fn in_subdir(part: &Part, files: Files) -> Files {
    let Some(subdir) = part.subdir() else { return files };
    let start = join(&subdir, "").len();
    below(&files, &subdir).map(|(path, entry)| (path[start..].to_owned(), entry.clone())).collect()
}

/// What charmcraft leaves in place at the top of a source: its own file, and what it makes itself, the last four in
/// `--destructive-mode`.
pub(super) fn is_left_out(source: &Path, path: &str) -> bool {
    const NAMES: [&str; 6] = ["charmcraft.yaml", ".craft", "parts", "stage", "prime", "overlay"];
    let at_top = !path.contains('/');
    // charmcraft takes cargo's build directory along: gigabytes, when a charm's suite is built in its repository.
    let is_cargos = || path == "target" && source.join("target/CACHEDIR.TAG").is_file();
    at_top && (NAMES.contains(&path) || path.ends_with(".charm") || is_cargos())
}
