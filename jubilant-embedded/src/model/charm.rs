//! What a charm says about itself.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::option::ConfigOption;

/// A charm's metadata.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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

/// One action of `actions.yaml`; the parameters' schema is kept as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Action {
    pub(crate) description: String,
    pub(crate) params: Map<String, Value>,
    pub(crate) required: Vec<String>,
    pub(crate) additional_properties: bool,
}

/// One resource of `metadata.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
