//! What a charm says about itself: `metadata.yaml`, `config.yaml`, `actions.yaml`, `manifest.yaml`.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{assumes, limits};
use crate::commands::NUMBER;
use crate::commands::failure::{Failure, fail, unsupported};
use crate::yaml;

/// A charm's metadata.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Charm {
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) endpoints: IndexMap<String, Endpoint>,
    pub(crate) bindings: Vec<String>,
    pub(crate) options: IndexMap<String, ConfigOption>,
    pub(crate) actions: IndexMap<String, Action>,
    pub(crate) resources: IndexMap<String, ResourceSpec>,
    pub(crate) base: Option<Base>,
    /// The charm's own `version` file.
    pub(crate) version: String,
}

/// One side of a possible relation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) interface: String,
    #[serde(default)]
    pub(crate) limit: Option<usize>,
}

/// A side's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    Provider,
    Requirer,
    Peer,
}

/// One option of `config.yaml`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ConfigOption {
    #[serde(rename = "type", default = "string_type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) default: Value,
    #[serde(default)]
    pub(crate) description: String,
}

fn string_type() -> String {
    "string".into()
}

/// One action of `actions.yaml`; the parameters' schema is kept as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Action {
    pub(crate) description: String,
    pub(crate) params: Map<String, Value>,
    pub(crate) required: Vec<String>,
    pub(crate) additional_properties: bool,
}

/// One resource of `metadata.yaml`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ResourceSpec {
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) filename: String,
    #[serde(default)]
    pub(crate) description: String,
}

/// An operating system release, such as `ubuntu@24.04`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Base {
    pub(crate) name: String,
    pub(crate) channel: String,
}

impl Charm {
    /// Reads an unpacked charm, refusing what the embedded Juju cannot run.
    pub(crate) fn read(dir: &Path) -> Result<Self, Failure> {
        let metadata = read_yaml(dir, "metadata.yaml")?.ok_or_else(|| {
            Failure::new(format!("{} holds no metadata.yaml, so it is not a packed charm", dir.display()))
        })?;
        let text = |key: &str| metadata.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = text("name");
        if name.is_empty() {
            fail!("the charm's metadata.yaml has no name");
        }
        refuse_unsupported(&name, &metadata)?;
        Ok(Self {
            summary: text("summary"),
            description: text("description"),
            endpoints: endpoints(&metadata)?,
            bindings: keys(metadata.get("extra-bindings")),
            options: options(dir)?,
            actions: actions(dir)?,
            resources: from_map(&metadata, "resources", "metadata.yaml")?,
            base: base(dir)?,
            version: read_text(dir, "version")?.unwrap_or_default().trim().to_owned(),
            name,
        })
    }
}

/// The text of a file of the charm, if it has one. No more is read than the limit says: the file may be a link, to
/// whatever else.
fn read_text(dir: &Path, file: &str) -> Result<Option<String>, Failure> {
    let path = dir.join(file);
    let mut text = String::new();
    let read = match path.metadata() {
        Ok(data) if !data.is_file() => Err(io::Error::other("it is not a file")),
        Ok(_) => {
            File::open(&path).and_then(|opened| opened.take(limits::METADATA + 1).read_to_string(&mut text))
        }
        Err(error) => Err(error),
    };
    match read {
        Ok(length) if length as u64 > limits::METADATA => {
            fail!("cannot read the charm: {}", limits::too_large(file))
        }
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => fail!("cannot read the charm's {file}: {error}"),
    }
}

fn read_yaml(dir: &Path, file: &str) -> Result<Option<Value>, Failure> {
    let Some(text) = read_text(dir, file)? else { return Ok(None) };
    yaml::parse(&text)
        .map(Some)
        .map_err(|error| Failure::new(format!("the charm's {file} is not YAML: {error}")))
}

fn keys(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_object).map(|map| map.keys().cloned().collect()).unwrap_or_default()
}

fn refuse_unsupported(name: &str, metadata: &Value) -> Result<(), Failure> {
    if !keys(metadata.get("containers")).is_empty() {
        return Err(unsupported(&format!(
            "charm \"{name}\" is for Kubernetes (it declares containers), which"
        )));
    }
    if !keys(metadata.get("storage")).is_empty() {
        return Err(unsupported(&format!("charm \"{name}\" declares storage, which")));
    }
    if let Some(missing) = metadata.get("assumes").and_then(assumes::unmet) {
        fail!("charm \"{name}\" assumes {missing}: the embedded Juju is a Juju {NUMBER} for machines");
    }
    if metadata.get("subordinate").and_then(Value::as_bool) == Some(true) {
        return Err(unsupported(&format!("charm \"{name}\" is a subordinate, which")));
    }
    Ok(())
}

fn endpoints(metadata: &Value) -> Result<IndexMap<String, Endpoint>, Failure> {
    let mut endpoints = IndexMap::new();
    let sides = [("provides", Role::Provider), ("requires", Role::Requirer), ("peers", Role::Peer)];
    for (key, role) in sides {
        let Some(map) = metadata.get(key).and_then(Value::as_object) else { continue };
        for (name, spec) in map {
            // `db: mysql` is short for `db: {interface: mysql}`.
            let interface = spec.as_str().or_else(|| spec.get("interface")?.as_str());
            let Some(interface) = interface else {
                fail!("endpoint \"{name}\" in metadata.yaml has no interface")
            };
            if spec.get("scope").and_then(Value::as_str) == Some("container") {
                return Err(unsupported(&format!("endpoint \"{name}\" has scope container, which")));
            }
            let limit = spec.get("limit").and_then(Value::as_u64).map(|limit| limit as usize);
            endpoints.insert(
                name.clone(),
                Endpoint { name: name.clone(), role, interface: interface.into(), limit },
            );
        }
    }
    Ok(endpoints)
}

fn from_map<T: serde::de::DeserializeOwned>(
    value: &Value,
    key: &str,
    file: &str,
) -> Result<IndexMap<String, T>, Failure> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(IndexMap::new()),
        Some(map) => serde_json::from_value(map.clone())
            .map_err(|error| Failure::new(format!("the charm's {file} has unusable {key}: {error}"))),
    }
}

fn options(dir: &Path) -> Result<IndexMap<String, ConfigOption>, Failure> {
    let Some(config) = read_yaml(dir, "config.yaml")? else { return Ok(IndexMap::new()) };
    let mut options: IndexMap<String, ConfigOption> = from_map(&config, "options", "config.yaml")?;
    options.sort_keys();
    Ok(options)
}

fn actions(dir: &Path) -> Result<IndexMap<String, Action>, Failure> {
    let Some(file) = read_yaml(dir, "actions.yaml")? else { return Ok(IndexMap::new()) };
    let mut actions = IndexMap::new();
    for (name, spec) in file.as_object().into_iter().flatten() {
        let words = |key: &str| {
            let list = spec.get(key).and_then(Value::as_array).into_iter().flatten();
            list.filter_map(|word| word.as_str().map(str::to_owned)).collect()
        };
        let action = Action {
            description: spec.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
            params: spec.get("params").and_then(Value::as_object).cloned().unwrap_or_default(),
            required: words("required"),
            additional_properties: spec.get("additionalProperties").and_then(Value::as_bool).unwrap_or(true),
        };
        actions.insert(name.clone(), action);
    }
    Ok(actions)
}

fn base(dir: &Path) -> Result<Option<Base>, Failure> {
    let manifest = read_yaml(dir, "manifest.yaml")?;
    let first = manifest.as_ref().and_then(|manifest| manifest.get("bases")?.get(0));
    let text = |key: &str| Some(first?.get(key)?.as_str()?.to_owned());
    Ok(text("name").zip(text("channel")).map(|(name, channel)| Base { name, channel }))
}
