//! The answers of `juju models` and `juju show-model`.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::null::null_as_default;
use super::status::StatusInfo;

/// A model as `juju models` lists it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct ModelSummary {
    /// The name with its owner, such as `admin/demo`.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// The name alone.
    #[serde(deserialize_with = "null_as_default")]
    pub short_name: String,
    /// Its UUID.
    #[serde(rename = "model-uuid", deserialize_with = "null_as_default")]
    pub uuid: String,
    /// `iaas` or `caas`.
    #[serde(rename = "model-type", deserialize_with = "null_as_default")]
    pub kind: String,
    /// The controller's name.
    #[serde(deserialize_with = "null_as_default")]
    pub controller_name: String,
    /// Whether it is the controller's own model.
    #[serde(deserialize_with = "null_as_default")]
    pub is_controller: bool,
    /// The cloud's name.
    #[serde(deserialize_with = "null_as_default")]
    pub cloud: String,
    /// The cloud's region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// `alive`, `dying` or `dead`.
    #[serde(deserialize_with = "null_as_default")]
    pub life: String,
    /// `available`, `destroying`, …
    #[serde(deserialize_with = "null_as_default")]
    pub status: StatusInfo,
    /// The agent version.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub agent_version: String,
}

/// A model as `juju show-model` describes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct ModelInfo {
    /// The name with its owner, such as `admin/demo`.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// The name alone.
    #[serde(deserialize_with = "null_as_default")]
    pub short_name: String,
    /// Its UUID.
    #[serde(rename = "model-uuid", deserialize_with = "null_as_default")]
    pub uuid: String,
    /// `iaas` or `caas`.
    #[serde(rename = "model-type", deserialize_with = "null_as_default")]
    pub kind: String,
    /// The controller's name.
    #[serde(deserialize_with = "null_as_default")]
    pub controller_name: String,
    /// The controller's UUID.
    #[serde(deserialize_with = "null_as_default")]
    pub controller_uuid: String,
    /// Whether it is the controller's own model.
    #[serde(deserialize_with = "null_as_default")]
    pub is_controller: bool,
    /// The cloud's name.
    #[serde(deserialize_with = "null_as_default")]
    pub cloud: String,
    /// The cloud's region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The cloud's type, such as `lxd`.
    #[serde(rename = "type", deserialize_with = "null_as_default")]
    pub cloud_type: String,
    /// `alive`, `dying` or `dead`.
    #[serde(deserialize_with = "null_as_default")]
    pub life: String,
    /// `available`, `destroying`, …
    #[serde(deserialize_with = "null_as_default")]
    pub status: StatusInfo,
    /// Who may use it, as Juju prints it.
    #[serde(deserialize_with = "null_as_default")]
    pub users: IndexMap<String, Value>,
    /// Its machines, as Juju prints them.
    #[serde(deserialize_with = "null_as_default")]
    pub machines: IndexMap<String, Value>,
    /// The agent version.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub agent_version: String,
}

/// What surrounds the list of `juju models`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ModelList {
    #[serde(deserialize_with = "null_as_default")]
    models: Vec<ModelSummary>,
}

pub(crate) fn model_list(list: ModelList) -> Vec<ModelSummary> {
    list.models
}
