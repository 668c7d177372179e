//! Files of requirements, and the names in them.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::super::python::{Key, inside, of_requirements};
use crate::shown::shown;

/// Adds to the key what files of requirements name, in other files and in packages of this repository; gives the names
/// of the packages.
pub(super) fn add_to_key(key: &mut Key, files: &[PathBuf], source: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let (mut seen, mut left) = (HashSet::new(), files.to_vec());
    while let Some(path) = left.pop() {
        let path = inside(&path, source)?;
        if !seen.insert(path.clone()) {
            continue;
        }
        key.add_tree(&path)?;
        if is_list(&path) {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", shown(&path)))?;
            names.extend(text.lines().filter_map(name));
            left.extend(of_requirements(&text, path.parent().unwrap_or(source)));
        }
    }
    Ok(names)
}

/// Adds the packages of this repository among words as `./lib` and `ops~=2.0`.
pub(super) fn add_words_to_key(key: &mut Key, words: &[String], source: &Path, dir: &Path) -> Result<()> {
    key.add("packages", &words);
    for path in of_requirements(&words.join("\n"), dir) {
        key.add_tree(&inside(&path, source)?)?;
    }
    Ok(())
}

fn is_list(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.is_file() && ![".whl", ".gz", ".zip", ".bz2"].iter().any(|end| name.ends_with(end))
}

/// The files that a key of a part names: paths in `dir`; what is elsewhere on the network is uv's.
pub(super) fn files(key: &str, names: &[String], dir: &Path) -> Result<Vec<PathBuf>> {
    let local = names.iter().filter(|name| !name.contains("://"));
    local
        .map(|name| {
            let path = dir.join(name);
            if !path.is_file() {
                bail!("`{key}` names {name}, which is not in {}", shown(dir));
            }
            Ok(path)
        })
        .collect()
}

/// The package of a line, as packages are compared: `Foo_bar[x]>=1 ; …` is `foo-bar`.
pub(super) fn name(line: &str) -> Option<String> {
    let line = line.trim();
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(line.len());
    let name = line[..end].to_lowercase();
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    let words: Vec<&str> = name.split(['-', '_', '.']).filter(|word| !word.is_empty()).collect();
    starts_well.then(|| words.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_packages_are() {
        for (line, expected) in [
            ("ops", Some("ops")),
            ("ops ~= 2.0", Some("ops")),
            ("Foo_Bar.baz[x,y]>=1; python_version > '3'", Some("foo-bar-baz")),
            ("lib @ https://x/y", Some("lib")),
            ("# ops", None),
            ("-r more.txt", None),
            ("--hash=sha256:1", None),
            ("./lib", None),
            ("", None),
        ] {
            assert_eq!(name(line).as_deref(), expected, "{line}");
        }
    }
}
