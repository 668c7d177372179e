//! The files of a part, and of the whole charm, as they are about to be packed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};

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
            Content::Bytes(_) | Content::Link(_) => Ok(self.bytes()?.len() as u64),
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
