//! The project that a charm is packed from.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::Deserialize;

use crate::error::{Error, Result};

/// What this crate reads of `metadata.yaml` and `charmcraft.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(super) struct Metadata {
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "crate::types::null_as_default")]
    pub(super) resources: IndexMap<String, Resource>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Resource {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    #[serde(rename = "upstream-source")]
    pub(super) upstream: Option<String>,
}

const FILES: [&str; 2] = ["charmcraft.yaml", "metadata.yaml"];

/// The nearest directory upwards that holds a charm's project.
pub(super) fn dir(start: &Path) -> Option<PathBuf> {
    let is_project = |dir: &&Path| FILES.iter().any(|name| dir.join(name).is_file());
    start.ancestors().find(is_project).map(Path::to_path_buf)
}

/// The same, if that project is the one of this charm: a repository may hold several.
pub(super) fn dir_of(charm: &str, start: &Path) -> Result<Option<PathBuf>> {
    let Some(dir) = dir(start) else { return Ok(None) };
    for file in FILES {
        if let Some(name) = read(&dir.join(file))?.and_then(|metadata| metadata.name) {
            return Ok(Some(dir).filter(|_| name == charm));
        }
    }
    Ok(Some(dir))
}

/// A project's file, if there is one.
pub(super) fn read(path: &Path) -> Result<Option<Metadata>> {
    let bad =
        |error: &dyn std::fmt::Display| Error::charm(format!("cannot read {}: {error}", path.display()));
    match std::fs::read_to_string(path) {
        Ok(text) => serde_yaml::from_str(&text).map(Some).map_err(|error| bad(&error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(bad(&error)),
    }
}
