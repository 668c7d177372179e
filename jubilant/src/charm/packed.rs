//! A packed charm: what it is called, which options and resources it has.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::archive::Archive;
use super::project::{self, Metadata};
use crate::error::{Error, Result};

/// A packed charm.
///
/// ```no_run
/// use jubilant::{Charm, Deploy, Juju};
///
/// let charm = Charm::find()?;
/// Juju::new().deploy(Deploy::new(&charm).resources(charm.upstream_resources()?))?;
/// # Ok::<(), jubilant::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Charm {
    path: PathBuf,
    name: String,
    pub(super) project_dir: PathBuf,
    /// Whether that directory really is this charm's project.
    pub(super) has_project: bool,
    metadata: Metadata,
    options: Vec<String>,
    actions: Vec<String>,
}

/// What this crate reads of `config.yaml`.
#[derive(Default, Deserialize)]
struct Config {
    #[serde(default, deserialize_with = "crate::types::null_as_default")]
    options: IndexMap<String, IgnoredAny>,
}

impl Charm {
    /// The charm in this file.
    ///
    /// # Errors
    /// [`Error::Charm`] if it is no charm.
    pub fn open(path: impl AsRef<Path>) -> Result<Charm> {
        let path = path.as_ref();
        let path = std::path::absolute(path)
            .map_err(|error| Error::charm(format!("cannot find the charm {}: {error}", path.display())))?;
        let shown = path.display();
        let mut archive = Archive::open(&path)?;
        let metadata: Metadata = archive.yaml("metadata.yaml")?.ok_or_else(|| {
            Error::charm(format!("{shown} is no charm, as it has no metadata.yaml; pack it again"))
        })?;
        let name = metadata.name.clone().ok_or_else(|| {
            Error::charm(format!("{shown} is no charm, as its metadata.yaml gives it no name"))
        })?;
        let config: Option<Config> = archive.yaml("config.yaml")?;
        let actions: Option<IndexMap<String, IgnoredAny>> = archive.yaml("actions.yaml")?;
        let parent = path.parent().unwrap_or(Path::new("/"));
        let project = project::dir_of(&name, parent)?;
        Ok(Charm {
            name,
            has_project: project.is_some(),
            project_dir: project.unwrap_or_else(|| parent.to_path_buf()),
            options: config.unwrap_or_default().options.into_keys().collect(),
            actions: actions.unwrap_or_default().into_keys().collect(),
            path,
            metadata,
        })
    }

    /// The `.charm` file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The charm's name, which is also its application's unless told otherwise.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The directory of the charm's project, where its `charmcraft.yaml` is; if there is none, that of its file.
    #[must_use]
    pub fn project_dir(&self) -> &Path {
        &self.project_dir
    }

    /// The names of its options.
    #[must_use]
    pub fn options(&self) -> &[String] {
        &self.options
    }

    /// The names of its actions.
    #[must_use]
    pub fn actions(&self) -> &[String] {
        &self.actions
    }

    /// The names of its resources.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.metadata.resources.keys().map(String::as_str)
    }

    /// The resources that say themselves where they come from (`upstream-source`), for
    /// [`Deploy::resources`](crate::Deploy::resources).
    ///
    /// They are read from the project's `charmcraft.yaml`, else from the charm's own `metadata.yaml`. The path of a
    /// `file` resource counts from the project's directory.
    ///
    /// # Errors
    /// [`Error::Charm`] if `charmcraft.yaml` cannot be read or a file resource does not exist.
    pub fn upstream_resources(&self) -> Result<Vec<(String, String)>> {
        let project =
            if self.has_project { project::read(&self.project_dir.join("charmcraft.yaml"))? } else { None };
        // A charmcraft.yaml without resources may have them in a metadata.yaml, which the charm has too.
        let project = project.filter(|project| !project.resources.is_empty());
        let resources = project.as_ref().map_or(&self.metadata.resources, |project| &project.resources);
        let mut found = Vec::new();
        for (name, resource) in resources {
            match &resource.upstream {
                Some(source) if resource.kind == "file" => {
                    found.push((name.clone(), self.file(name, source)?))
                }
                Some(source) => found.push((name.clone(), source.clone())),
                None => {}
            }
        }
        Ok(found)
    }

    /// The file of a resource.
    fn file(&self, resource: &str, source: &str) -> Result<String> {
        let path = self.project_dir.join(source);
        let shown = path.display();
        if !path.is_file() {
            return Err(Error::charm(format!(
                "the file of resource {resource} is missing: {shown}, which is its upstream-source; put it there"
            )));
        }
        let text = path.to_str().map(str::to_owned);
        text.ok_or_else(|| Error::charm(format!("the path of resource {resource} is not UTF-8: {shown}")))
    }
}
