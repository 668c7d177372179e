//! What a charm's files say about the Python that it needs.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::version::Version;
use crate::ground::yaml;

/// The interpreter of the charm's virtual environment. None is packed: `dispatch` makes a link, where there is nothing.
pub(super) const LINK: &str = "venv/bin/python";

/// How much of a script is looked at.
const HEAD: u64 = 64 * 1024;

/// Which Python a charm needs.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Need {
    /// It has no Python code.
    Nothing,
    Any,
    /// It was packed with this one; what is not compiled works under others, too.
    Preferred(Version),
    /// Its packages are seen by these alone.
    Only(Vec<Version>),
}

/// What the unpacked charm in this directory needs.
pub(super) fn need(dir: &Path) -> Need {
    let packed = packed_for(dir);
    if brings_its_own(dir) {
        return Need::Any;
    }
    if !packed.is_empty() {
        return Need::Only(packed);
    }
    match manifest(dir) {
        Some(version) => Need::Preferred(version),
        None if has_python(dir) => Need::Any,
        None => Need::Nothing,
    }
}

/// The versions that the charm has packages for: the directories `venv/lib/pythonX.Y`.
pub(super) fn packed_for(dir: &Path) -> Vec<Version> {
    let mut found: Vec<Version> =
        names(&dir.join("venv/lib")).iter().filter_map(|name| Version::of_program(name)).collect();
    found.sort();
    found
}

/// Whether the charm has an interpreter of its own, as a file.
pub(super) fn brings_its_own(dir: &Path) -> bool {
    interpreter(dir).is_some_and(|(file, is_inside)| is_inside && file.is_file())
}

/// The interpreter outside that the author of a charm's directory has linked on this machine.
pub(super) fn linked(dir: &Path) -> Option<PathBuf> {
    let (file, is_inside) = interpreter(dir)?;
    let is_python = file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python"));
    (is_python && !is_inside).then_some(file)
}

/// Where the charm's link leads, and whether that is inside the charm.
fn interpreter(dir: &Path) -> Option<(PathBuf, bool)> {
    let file = dir.join(LINK).canonicalize().ok()?;
    let is_inside = file.starts_with(dir.canonicalize().ok()?);
    Some((file, is_inside))
}

/// What jubilant's packer writes: `python: "3.11"`. Without the quotes it would be a number, which 3.10 is not.
fn manifest(dir: &Path) -> Option<Version> {
    let manifest = yaml::parse(&fs::read_to_string(dir.join("manifest.yaml")).ok()?).ok()?;
    Version::parse(manifest.get("python").and_then(Value::as_str)?)
}

fn has_python(dir: &Path) -> bool {
    let in_files =
        ["", "src"].iter().any(|sub| names(&dir.join(sub)).iter().any(|name| name.ends_with(".py")));
    in_files || dir.join("venv").is_dir() || scripts(dir).iter().any(|file| names_python(file))
}

/// What the agent starts.
fn scripts(dir: &Path) -> Vec<PathBuf> {
    let of = |sub: &str| {
        let sub = dir.join(sub);
        names(&sub).into_iter().map(move |name| sub.join(name)).collect::<Vec<_>>()
    };
    [vec![dir.join("dispatch")], of("hooks"), of("actions")].concat()
}

/// Whether a script starts Python, as far as its text tells. A program is no script.
fn names_python(file: &Path) -> bool {
    let mut head = Vec::new();
    let is_file = file.metadata().is_ok_and(|data| data.is_file());
    let read =
        is_file && File::open(file).and_then(|opened| opened.take(HEAD).read_to_end(&mut head)).is_ok();
    read && head.starts_with(b"#!") && head.windows(6).any(|word| word == b"python")
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A charm with these files; a name that ends in `/` is a directory.
    fn charm(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match name.ends_with('/') {
                true => fs::create_dir_all(&path).unwrap(),
                false => fs::write(&path, content).unwrap(),
            }
        }
        dir
    }

    fn need_of(files: &[(&str, &str)]) -> Need {
        need(charm(files).path())
    }

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn a_virtual_environment_says_for_which_pythons_it_is() {
        let both = [("venv/lib/python3.12/", ""), ("venv/lib/python3.9/", ""), ("venv/lib/python3/", "")];
        assert_eq!(need_of(&both), Need::Only(vec![version("3.9"), version("3.12")]));
        let manifest = ("manifest.yaml", "python: '3.11'\n");
        assert_eq!(need_of(&[manifest, ("venv/lib/python3.12/", "")]), Need::Only(vec![version("3.12")]));
    }

    #[test]
    fn a_manifest_says_with_which_python_it_was_packed() {
        assert_eq!(need_of(&[("manifest.yaml", "python: \"3.10\"\n")]), Need::Preferred(version("3.10")));
        assert_eq!(need_of(&[("manifest.yaml", "python: 3.10\n")]), Need::Nothing);
        assert_eq!(need_of(&[("manifest.yaml", ": ["), ("venv/ops/", "")]), Need::Any);
    }

    #[test]
    fn python_code_is_found() {
        for file in ["src/charm.py", "charm.py", "venv/ops/__init__.py"] {
            assert_eq!(need_of(&[(file, "")]), Need::Any, "{file}");
        }
        for file in ["dispatch", "hooks/install", "actions/backup"] {
            assert_eq!(need_of(&[(file, "#!/usr/bin/env python3\n")]), Need::Any, "{file}");
        }
    }

    #[test]
    fn a_charm_without_python_needs_none() {
        let shell =
            [("dispatch", "#!/bin/sh\nstatus-set active\n"), ("lib/tool.py", ""), ("README.md", "python")];
        assert_eq!(need_of(&shell), Need::Nothing);
        assert_eq!(need_of(&[("dispatch", "\u{7f}ELF python")]), Need::Nothing);
    }

    #[test]
    fn a_charm_may_bring_its_own_interpreter() {
        let packages = ("venv/lib/python3.12/", "");
        assert_eq!(need_of(&[packages, ("venv/bin/python", "")]), Need::Any);
        let linked = charm(&[packages, ("venv/bin/python3", "")]);
        symlink("python3", linked.path().join(LINK)).unwrap();
        assert_eq!(need(linked.path()), Need::Any);
        let elsewhere = charm(&[packages, ("venv/bin/", "")]);
        symlink("/bin/sh", elsewhere.path().join(LINK)).unwrap();
        assert_eq!(need(elsewhere.path()), Need::Only(vec![version("3.12")]));
    }
}
