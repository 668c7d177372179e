//! The files of a part, and of the whole charm, as they are about to be packed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use crate::shown::shown;

/// The files of a charm by their path in it, with `/` between the parts; sorted, so that the archive is.
pub(super) type Files = BTreeMap<String, Entry>;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) mode: u32,
    pub(super) content: Content,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    File(PathBuf),
    Bytes(Vec<u8>),
    /// A symbolic link and where it points, as it stands; what it leads to is looked up among the charm's files.
    Link(String),
}

impl Entry {
    pub(super) fn text(text: impl Into<Vec<u8>>) -> Entry {
        Entry { mode: 0o644, content: Content::Bytes(text.into()) }
    }

    /// A file with the mode it has.
    pub(super) fn file(path: PathBuf) -> Result<Entry> {
        let data = fs::metadata(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Entry { mode: data.permissions().mode() & 0o777, content: Content::File(path) })
    }

    /// How many bytes it has.
    pub(super) fn size(&self) -> Result<u64> {
        match &self.content {
            Content::File(path) => {
                let data = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
                Ok(data.len())
            }
            Content::Bytes(bytes) => Ok(bytes.len() as u64),
            Content::Link(target) => Ok(target.len() as u64),
        }
    }

    /// What it holds, piece by piece.
    pub(super) fn open(&self) -> Result<Box<dyn Read + '_>> {
        match &self.content {
            Content::File(path) => {
                let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
                Ok(Box::new(file))
            }
            Content::Bytes(bytes) => Ok(Box::new(bytes.as_slice())),
            Content::Link(target) => Err(anyhow!("the link to {target} was not followed")),
        }
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        match &self.content {
            Content::File(path) => fs::read(path).with_context(|| format!("cannot read {}", path.display())),
            Content::Bytes(bytes) => Ok(bytes.clone()),
            Content::Link(target) => Err(anyhow!("the link to {target} was not followed")),
        }
    }
}

/// The files of a real directory, without what is left out by its path in there. Links are kept as they stand; an empty
/// directory is nothing.
pub(super) fn walk(dir: &Path, left_out: &dyn Fn(&str) -> bool) -> Result<Files> {
    let mut files = Files::new();
    walk_into(dir, "", left_out, &mut files)?;
    Ok(files)
}

fn walk_into(dir: &Path, prefix: &str, left_out: &dyn Fn(&str) -> bool, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", shown(dir)))? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let utf8 = |text: &Path| match text.to_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(anyhow!("{} cannot be packed: its name is not UTF-8", shown(&path))),
        };
        let name = format!("{prefix}{}", utf8(Path::new(&entry.file_name()))?);
        if left_out(&name) {
            continue;
        }
        if kind.is_dir() {
            walk_into(&path, &format!("{name}/"), left_out, files)?;
        } else if kind.is_symlink() {
            let target = utf8(&fs::read_link(&path)?)?;
            files.insert(name, Entry { mode: 0o777, content: Content::Link(target) });
        } else if kind.is_file() {
            files.insert(name, Entry::file(path)?);
        } else if !name.starts_with('.') {
            // What is hidden at the top is packed only if it is named, and may well hold a daemon's socket, as `.git` does.
            bail!("{} cannot be packed: it is neither a file nor a directory; remove it", shown(&path));
        }
    }
    Ok(())
}

/// Files for a test: `path`, with itself as text, or `path -> target`.
#[cfg(test)]
pub(super) fn sample(lines: &[&str]) -> Files {
    let entry = |line: &&str| match line.split_once(" -> ") {
        Some((path, target)) => {
            (path.to_owned(), Entry { mode: 0o777, content: Content::Link(target.to_owned()) })
        }
        None => ((*line).to_owned(), Entry::text(*line)),
    };
    lines.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_directory_is_walked() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/empty")).unwrap();
        fs::write(dir.path().join("a/run"), "x").unwrap();
        fs::set_permissions(dir.path().join("a/run"), fs::Permissions::from_mode(0o750)).unwrap();
        fs::write(dir.path().join("left"), "x").unwrap();
        for (link, target) in [("dangling", "nowhere"), ("dir", "a"), ("out", "/etc")] {
            symlink(target, dir.path().join(link)).unwrap();
        }
        let files = walk(dir.path(), &|path| path == "left").unwrap();
        let link = |target: &str| Entry { mode: 0o777, content: Content::Link(target.into()) };
        let run = Entry { mode: 0o750, content: Content::File(dir.path().join("a/run")) };
        let expected =
            [("a/run", run), ("dangling", link("nowhere")), ("dir", link("a")), ("out", link("/etc"))];
        assert_eq!(files, expected.map(|(path, entry)| (path.to_owned(), entry)).into());

        let _socket = UnixListener::bind(dir.path().join("a/socket")).unwrap();
        let error = walk(dir.path(), &|_| false).unwrap_err().to_string();
        assert!(error.contains("socket cannot be packed: it is neither a file nor a directory"), "{error}");
    }
}
