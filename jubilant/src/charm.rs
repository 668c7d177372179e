//! The charm under test: where it is, what it is called, which resources it wants.

use std::io::Read;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;

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
    project_dir: PathBuf,
    metadata: Metadata,
    options: Vec<String>,
    actions: Vec<String>,
}

/// What this crate reads of `metadata.yaml` and `charmcraft.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct Metadata {
    name: Option<String>,
    #[serde(default, deserialize_with = "crate::types::null_as_default")]
    resources: IndexMap<String, Resource>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Resource {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(rename = "upstream-source")]
    upstream: Option<String>,
}

impl Charm {
    /// The charm under test: the one that `CHARM_PATH` names, else the one `*.charm` file in the project's
    /// directory.
    ///
    /// The project's directory is the nearest one with a `charmcraft.yaml` or `metadata.yaml`, from the test
    /// crate's own upwards.
    ///
    /// # Errors
    /// [`Error::Charm`] if there is none or several, or if the one there is cannot be read.
    pub fn find() -> Result<Charm> {
        Search::from_env().find()
    }

    /// One of several charms: the one that `CHARM_PATH_NAME` names (upper case, `-` as `_`), else the one that
    /// [`find`](Self::find) finds if it has this name.
    ///
    /// # Errors
    /// [`Error::Charm`] if there is none of this name.
    pub fn named(name: &str) -> Result<Charm> {
        Search::from_env().named(name)
    }

    /// The charm in this file.
    ///
    /// # Errors
    /// [`Error::Charm`] if it is no charm.
    pub fn open(path: impl AsRef<Path>) -> Result<Charm> {
        let path = path.as_ref();
        let path = std::path::absolute(path)
            .map_err(|error| Error::charm(format!("cannot find the charm {}: {error}", path.display())))?;
        let mut archive = Archive::open(&path)?;
        let metadata: Metadata = archive.yaml("metadata.yaml")?.ok_or_else(|| {
            let path = path.display();
            Error::charm(format!(
                "{path} is no charm: it has no metadata.yaml; pack it with `charmcraft pack`"
            ))
        })?;
        let config: Option<Config> = archive.yaml("config.yaml")?;
        let actions: Option<IndexMap<String, serde_json::Value>> = archive.yaml("actions.yaml")?;
        let parent = path.parent().unwrap_or(Path::new("/")).to_path_buf();
        Ok(Charm {
            project_dir: project_dir(&parent).unwrap_or(parent),
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
        self.metadata.name.as_deref().unwrap_or_default()
    }

    /// The directory of the charm's project, where `charmcraft.yaml` is; else that of the file.
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
    /// `file` resource counts from that project's directory.
    ///
    /// # Errors
    /// [`Error::Charm`] if `charmcraft.yaml` cannot be read or a file resource does not exist.
    pub fn upstream_resources(&self) -> Result<Vec<(String, String)>> {
        let own = self.project_resources()?;
        let resources = own.as_ref().unwrap_or(&self.metadata.resources);
        let with_source = resources
            .iter()
            .filter_map(|(name, resource)| Some((name, resource, resource.upstream.as_ref()?)));
        with_source
            .map(|(name, resource, source)| {
                let source =
                    if resource.kind == "file" { self.file_resource(name, source)? } else { source.clone() };
                Ok((name.clone(), source))
            })
            .collect()
    }

    /// The resources of `charmcraft.yaml`, if it has any: they may be in a `metadata.yaml` of their own.
    fn project_resources(&self) -> Result<Option<IndexMap<String, Resource>>> {
        let path = self.project_dir.join("charmcraft.yaml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::charm(format!("cannot read {}: {error}", path.display()))),
        };
        let project: Metadata = serde_yaml::from_str(&text)
            .map_err(|error| Error::charm(format!("cannot read {}: {error}", path.display())))?;
        Ok(Some(project.resources).filter(|resources| !resources.is_empty()))
    }

    fn file_resource(&self, name: &str, source: &str) -> Result<String> {
        let path = self.project_dir.join(source);
        if !path.is_file() {
            let path = path.display();
            return Err(Error::charm(format!(
                "the file of resource {name} is missing: {path}, which is its upstream-source; put it there"
            )));
        }
        path.to_str().map(str::to_owned).ok_or_else(|| {
            Error::charm(format!(
                "the file of resource {name} has a path that is not UTF-8: {}",
                path.display()
            ))
        })
    }
}

#[derive(Default, Deserialize)]
struct Config {
    #[serde(default, deserialize_with = "crate::types::null_as_default")]
    options: IndexMap<String, serde_json::Value>,
}

/// The zip file that a charm is.
struct Archive<'p> {
    path: &'p Path,
    zip: zip::ZipArchive<std::fs::File>,
}

impl<'p> Archive<'p> {
    fn open(path: &'p Path) -> Result<Self> {
        let file = std::fs::File::open(path)
            .map_err(|error| Error::charm(format!("cannot open the charm {}: {error}", path.display())))?;
        let zip = zip::ZipArchive::new(file).map_err(|error| {
            let path = path.display();
            Error::charm(format!(
                "{path} is no charm, which would be a zip file ({error}); pack it with `charmcraft pack`"
            ))
        })?;
        Ok(Archive { path, zip })
    }

    fn yaml<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>> {
        let bad = |error: &dyn std::fmt::Display| {
            Error::charm(format!("cannot read {name} in {}: {error}", self.path.display()))
        };
        let mut file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(zip::result::ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(bad(&error)),
        };
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(|error| bad(&error))?;
        serde_yaml::from_str(&text).map(Some).map_err(|error| bad(&error))
    }
}

/// The nearest directory upwards that is a charm's project.
fn project_dir(start: &Path) -> Option<PathBuf> {
    let is_project =
        |dir: &&Path| ["charmcraft.yaml", "metadata.yaml"].iter().any(|name| dir.join(name).is_file());
    start.ancestors().find(is_project).map(Path::to_path_buf)
}

/// Where to look for charms: the environment, apart from the process's own so that it can be tested.
struct Search<V> {
    var: V,
    start: PathBuf,
}

impl Search<fn(&str) -> Option<PathBuf>> {
    fn from_env() -> Self {
        let var: fn(&str) -> Option<PathBuf> =
            |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        // Cargo sets it while tests run; without Cargo the working directory is all there is to go by.
        let start =
            var("CARGO_MANIFEST_DIR").or_else(|| std::env::current_dir().ok()).unwrap_or_else(|| ".".into());
        Search { var, start }
    }
}

impl<V: Fn(&str) -> Option<PathBuf>> Search<V> {
    fn find(&self) -> Result<Charm> {
        match self.given("CHARM_PATH") {
            Some(charm) => charm,
            None => self.in_project(),
        }
    }

    fn named(&self, name: &str) -> Result<Charm> {
        let variable = format!("CHARM_PATH_{}", name.to_uppercase().replace('-', "_"));
        if let Some(charm) = self.given(&variable) {
            return charm;
        }
        let remedy = format!("set {variable} to its .charm file");
        let charm =
            self.find().map_err(|error| Error::charm(format!("no charm {name}: {error}; or {remedy}")))?;
        if charm.name() == name {
            return Ok(charm);
        }
        let (found, path) = (charm.name(), charm.path().display());
        Err(Error::charm(format!("no charm {name}: the only one found is {found}, {path}; {remedy}")))
    }

    /// The charm that a variable names. A relative path counts from the test crate or any directory above it, since
    /// Cargo runs tests in their crate's directory and not where the variable was set.
    fn given(&self, variable: &str) -> Option<Result<Charm>> {
        let path = (self.var)(variable)?;
        let found = self.start.ancestors().map(|dir| dir.join(&path)).find(|path| path.is_file());
        Some(match found {
            Some(path) => Charm::open(path),
            None => Err(Error::charm(format!(
                "{variable} names {}, which is not a file; set it to a .charm file or unset it",
                path.display()
            ))),
        })
    }

    fn in_project(&self) -> Result<Charm> {
        let dir = project_dir(&self.start).unwrap_or_else(|| self.start.clone());
        let entries = std::fs::read_dir(&dir).map_err(|error| {
            Error::charm(format!("cannot look for a charm in {}: {error}", dir.display()))
        })?;
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut charms: Vec<_> =
            paths.filter(|path| path.extension().is_some_and(|end| end == "charm")).collect();
        charms.sort();
        match charms.as_slice() {
            [charm] => Charm::open(charm),
            [] => Err(Error::charm(format!(
                "no *.charm file in {}; pack it with `charmcraft pack`, or set CHARM_PATH to one",
                dir.display()
            ))),
            several => {
                let names: Vec<_> = several
                    .iter()
                    .filter_map(|path| path.file_name())
                    .map(|name| name.to_string_lossy())
                    .collect();
                let (dir, names) = (dir.display(), names.join(", "));
                Err(Error::charm(format!(
                    "several charms in {dir}: {names}; set CHARM_PATH to the one to test"
                )))
            }
        }
    }
}
