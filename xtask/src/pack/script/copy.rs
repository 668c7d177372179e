//! The copy of a part's sources in which a script works.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Component, Path};

use anyhow::{Context, Result};

use crate::pack::made::is_made;
use crate::pack::source::is_left_out;
use crate::shown::shown;

/// Copies the sources of a part as charmcraft does, with their times, and the copy again, to build in. Returns the links
/// that were left out: they lead out of the sources, and in charmcraft's container would lead nowhere.
pub(in crate::pack) fn copy_source(source: &Path, target: &Path, build: &Path) -> Result<Vec<String>> {
    let mut copy = Copy { root: source.canonicalize()?, left_out: Vec::new() };
    fs::create_dir_all(target).with_context(|| format!("cannot make {}", shown(target)))?;
    let (root, target) = (copy.root.clone(), target.canonicalize()?);
    for entry in fs::read_dir(&root).with_context(|| format!("cannot read {}", shown(source)))? {
        let name = entry?.file_name();
        let (from, to) = (root.join(&name), target.join(&name));
        match name.to_str() {
            // The copy itself may be in there.
            _ if target.starts_with(&from) => {}
            Some(name) if is_left_out(&root, name) => {}
            Some(".git") => copy_repository(&mut copy, &from, &to)?,
            _ => copy.entry(&from, &to)?,
        }
    }
    Copy { root: target.clone(), left_out: Vec::new() }.dir(&target, build)?;
    Ok(copy.left_out)
}

/// The copy of a repository has a state of its own, but no objects: it looks for them in the first one, where it never
/// writes. A working tree whose repository is elsewhere refers to it.
fn copy_repository(copy: &mut Copy, from: &Path, to: &Path) -> Result<()> {
    let objects = from.join("objects");
    if from.is_file() {
        let text = fs::read_to_string(from).with_context(|| format!("cannot read {}", shown(from)))?;
        let place = text.trim().strip_prefix("gitdir:").unwrap_or_default().trim();
        let place = from.parent().unwrap_or(from).join(place);
        return fs::write(to, format!("gitdir: {}\n", place.display())).context("cannot copy .git");
    }
    if !objects.is_dir() {
        return copy.entry(from, to);
    }
    fs::create_dir_all(to.join("objects/info")).context("cannot copy .git")?;
    fs::write(to.join("objects/info/alternates"), format!("{}\n", objects.display()))?;
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        if name != "objects" {
            copy.entry(&from.join(&name), &to.join(&name))?;
        }
    }
    Ok(())
}

/// Removes the links below a directory that lead out of it, and returns them.
pub(super) fn remove_outward_links(dir: &Path) -> Result<Vec<String>> {
    let root = dir.canonicalize()?;
    let mut found = Copy { root: root.clone(), left_out: Vec::new() };
    found.remove_links(&root)?;
    Ok(found.left_out)
}

struct Copy {
    root: std::path::PathBuf,
    left_out: Vec<String>,
}

impl Copy {
    fn dir(&mut self, from: &Path, to: &Path) -> Result<()> {
        fs::create_dir_all(to).with_context(|| format!("cannot make {}", shown(to)))?;
        for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", shown(from)))? {
            let name = entry?.file_name();
            self.entry(&from.join(&name), &to.join(&name))?;
        }
        Ok(())
    }

    fn remove_links(&mut self, dir: &Path) -> Result<()> {
        for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", shown(dir)))? {
            let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
            if kind.is_dir() {
                self.remove_links(&path)?;
            } else if kind.is_symlink() && self.leads_out(&path, &fs::read_link(&path)?) {
                fs::remove_file(&path).with_context(|| format!("cannot remove {}", shown(&path)))?;
                self.left_out.push(path.strip_prefix(&self.root).unwrap_or(&path).display().to_string());
            }
        }
        Ok(())
    }

    fn entry(&mut self, from: &Path, to: &Path) -> Result<()> {
        let data = fs::symlink_metadata(from).with_context(|| format!("cannot read {}", shown(from)))?;
        if data.is_dir() {
            // charmcraft copies these too; no script needs them, and they can be gigabytes.
            return if is_made(from) { Ok(()) } else { self.dir(from, to) };
        }
        if data.is_symlink() {
            let target = fs::read_link(from)?;
            if self.leads_out(from, &target) {
                let name = from.strip_prefix(&self.root).unwrap_or(from);
                self.left_out.push(name.display().to_string());
                return Ok(());
            }
            return symlink(target, to).with_context(|| format!("cannot make {}", shown(to)));
        }
        if data.is_file() {
            fs::copy(from, to).with_context(|| format!("cannot copy {}", shown(from)))?;
            if let (Ok(time), Ok(file)) = (data.modified(), File::open(to)) {
                // Only a hint for compilers, which would build again.
                let _ = file.set_modified(time);
            }
        }
        // A socket or a pipe is nobody's source.
        Ok(())
    }

    /// Whether a link leads out of what is copied, as it stands or by way of other links.
    fn leads_out(&self, link: &Path, target: &Path) -> bool {
        let Ok(dir) = link.parent().unwrap_or(link).strip_prefix(&self.root) else { return true };
        let mut depth = dir.components().count();
        for component in target.components() {
            match component {
                Component::Normal(_) => depth += 1,
                Component::CurDir => {}
                Component::ParentDir if depth > 0 => depth -= 1,
                _ => return true,
            }
        }
        link.canonicalize().is_ok_and(|end| !end.starts_with(&self.root))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_lead_out_are_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("source");
        fs::create_dir_all(source.join("a/b")).unwrap();
        fs::write(source.join("a/b/file"), "x").unwrap();
        fs::write(source.join(".hidden"), "x").unwrap();
        for name in ["old.charm", "charmcraft.yaml"] {
            fs::write(source.join(name), "x").unwrap();
        }
        let links = [
            ("a/inside", "b/file"),
            ("a/b/up", "../../.hidden"),
            ("dangling", "a/nothing"),
            ("a/b/out", "../../../x"),
            ("absolute", "/etc"),
            ("here", "."),
            ("by-way", "here/../x"),
        ];
        for (link, target) in links {
            symlink(target, source.join(link)).unwrap();
        }
        let target = source.join("built/target");
        let build = dir.path().join("build");
        let mut left = copy_source(&source, &target, &build).unwrap();
        left.sort();
        assert_eq!(left, ["a/b/out", "absolute"]);
        let is_there =
            |name: &str| [&target, &build].iter().all(|dir| dir.join(name).symlink_metadata().is_ok());
        for name in [".hidden", "a/b/file", "a/inside", "a/b/up", "dangling"] {
            assert!(is_there(name), "{name}");
        }
        assert!(
            !is_there("old.charm")
                && !is_there("charmcraft.yaml")
                && !is_there("built")
                && !is_there("absolute")
        );
        let time = |path: &Path| path.join(".hidden").metadata().unwrap().modified().unwrap();
        assert_eq!(time(&source), time(&target));
    }
}
