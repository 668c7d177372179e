//! A charm's directory, and what its `charmcraft.yaml` and `metadata.yaml` say.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::yaml;
use crate::shown::shown;

/// A charm's directory, with its `charmcraft.yaml` read.
#[derive(Debug)]
pub(crate) struct Charm {
    /// Absolute.
    pub(crate) dir: PathBuf,
    /// `charmcraft.yaml`, or `metadata.yaml` where there is none: for messages.
    pub(super) file: PathBuf,
    /// Of an old charm that has none, what stands for it.
    pub(super) yaml: Map<String, Value>,
    /// A `metadata.yaml` of the charm's own, and its text.
    pub(super) metadata: Option<(Map<String, Value>, String)>,
    /// Whether it has no `charmcraft.yaml`, which charmcraft would refuse.
    pub(super) implicit: bool,
}

impl Charm {
    pub(crate) fn read(dir: &Path) -> Result<Charm> {
        let dir =
            dir.canonicalize().with_context(|| format!("there is no charm directory {}", dir.display()))?;
        let (charmcraft, own) = (dir.join("charmcraft.yaml"), dir.join("metadata.yaml"));
        let metadata = own.exists().then(|| yaml::read_mapping(&own)).transpose()?;
        let implicit = !charmcraft.exists();
        let charm = if implicit {
            if metadata.is_none() || !(dir.join("src/charm.py").exists() || dir.join("hooks").is_dir()) {
                bail!("there is no charmcraft.yaml in {}: is it a charm's directory?", shown(&dir));
            }
            Charm { yaml: implied(), file: own, dir, metadata, implicit }
        } else {
            let (mut yaml, _) = yaml::read_mapping(&charmcraft)?;
            if yaml.contains_key("bases") && yaml.get("parts").is_none_or(is_empty) {
                yaml.insert("parts".into(), default_parts());
            }
            Charm { yaml, file: charmcraft, dir, metadata, implicit }
        };
        if let Some(kind) = charm.yaml.get("type").filter(|kind| *kind != "charm") {
            bail!("{} is of type {kind}, not a charm", shown(&charm.file));
        }
        Ok(charm)
    }

    /// The charm's name; older charms have it in a `metadata.yaml` of their own.
    pub(crate) fn name(&self) -> Result<String> {
        let name = self.own("name").cloned().unwrap_or_default();
        let text = name.as_str().unwrap_or_default();
        // The name becomes a file's: it must stay in the charm's directory.
        let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let wrong = !text.bytes().all(valid)
            || !text.bytes().any(|byte| byte.is_ascii_lowercase())
            || text.starts_with('-')
            || text.ends_with('-')
            || text.contains("--")
            || text.len() > 40;
        if wrong {
            bail!(
                "{}: the charm's `name` must be of a-z, 0-9 and single \"-\" between them, with a letter and at \
                 most 40 characters, and is {name}",
                shown(&self.file)
            );
        }
        Ok(text.to_owned())
    }

    /// A key that is in `metadata.yaml` if it is not in `charmcraft.yaml`.
    pub(super) fn own(&self, key: &str) -> Option<&Value> {
        self.yaml.get(key).or_else(|| self.metadata.as_ref()?.0.get(key))
    }
}

/// What stands for the `charmcraft.yaml` of a charm from before there was one.
fn implied() -> Map<String, Value> {
    [("type".to_owned(), json!("charm")), ("parts".to_owned(), default_parts())].into_iter().collect()
}

/// The parts of a charm that has `bases`, and names none; one with `platforms` has to.
fn default_parts() -> Value {
    json!({"charm": {"plugin": "charm", "source": "."}})
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(Map::is_empty)
}
