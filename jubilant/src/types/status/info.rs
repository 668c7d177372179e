//! What several parts of a status have.

use serde::{Deserialize, Serialize};

use crate::types::null::null_as_default;

/// A status value with its message, as units, applications, machines and models have them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct StatusInfo {
    /// The value, such as `active` or `executing`.
    #[serde(deserialize_with = "null_as_default")]
    pub current: String,
    /// The message set with it.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// When it was set, in the form Juju prints; idle agents may lack it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The agent's version (agent statuses only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `dying` or `dead` while the entity goes away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub life: Option<String>,
}

/// An operating system base, such as `ubuntu` `24.04`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Base {
    /// The distribution.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// Its release.
    #[serde(deserialize_with = "null_as_default")]
    pub channel: String,
}
