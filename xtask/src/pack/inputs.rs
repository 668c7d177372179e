//! What a part with a script is made from, so that a script runs again only when something of that has changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::files::{Content, Entry, Files, walk};
use super::made::is_made;
use super::part::Part;
use super::python::{Tools, choices};
use super::script::{Project, Script, passed};
use super::source::is_left_out;
use super::stamp::Stamp;

/// Everything that a script may read, and all that decides how it is run.
pub(super) fn inputs(
    part: &Part,
    script: &Script,
    project: &Project,
    run_all: bool,
    tools: &Tools,
) -> Result<Stamp> {
    let mut files = below(&project.dir)?;
    if !part.source.starts_with(&project.dir) {
        let source = below(&part.source)?;
        files.extend(source.into_iter().map(|(path, entry)| (format!("source/{path}"), entry)));
    }
    for path in repository(&project.dir) {
        files.insert(path.display().to_string(), Entry { mode: 0, content: Content::File(path) });
    }
    // Of the terminal and the like, nothing depends on where it is.
    let variables: BTreeMap<_, _> =
        passed().filter(|(name, _)| !["TERM", "TMPDIR"].iter().any(|other| name == other)).collect();
    let mut rest = format!("{:?} {project:?} {run_all} {variables:?}", part.keys);
    if part.is_python() || script.names("uv") {
        let (choices, settings) = choices();
        rest.push_str(&format!("{:?} {} {choices:?}", tools.interpreter()?, tools.uv().stamp()));
        let settings = settings.into_iter().filter(|file| file.is_file());
        files.extend(
            settings
                .map(|file| (file.display().to_string(), Entry { mode: 0, content: Content::File(file) })),
        );
    }
    files.insert("/".into(), Entry::text(rest));
    Stamp::of(&files)
}

fn below(dir: &Path) -> Result<Files> {
    let ignored = |path: &str| {
        let repository = path == ".git" || path.ends_with("/.git");
        let own = path != "charmcraft.yaml" && is_left_out(dir, path);
        repository || own || is_made(&dir.join(path))
    };
    walk(dir, &ignored)
}

/// The files of a repository that change when it is at another commit, or has another tag.
fn repository(dir: &Path) -> Vec<PathBuf> {
    let Some(git) = dir.ancestors().map(|dir| dir.join(".git")).find(|git| git.exists()) else {
        return Vec::new();
    };
    // A working tree may have its repository elsewhere, and share most of it with others.
    let named = |file: &Path, prefix: &str| {
        let text = fs::read_to_string(file).ok()?;
        Some(file.parent()?.join(text.trim().strip_prefix(prefix)?.trim()))
    };
    let git = if git.is_file() { named(&git, "gitdir:").unwrap_or(git) } else { git };
    let common = named(&git.join("commondir"), "").unwrap_or_else(|| git.clone());
    let mut files = vec![git.join("HEAD"), common.join("packed-refs")];
    let refs = walk(&common.join("refs"), &|_| false).unwrap_or_default();
    files.extend(refs.into_keys().map(|path| common.join("refs").join(path)));
    files.retain(|file| file.is_file());
    files
}
