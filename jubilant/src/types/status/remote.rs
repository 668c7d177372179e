//! What a model shares with others: consumed applications and offers.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::info::StatusInfo;
use crate::types::null::null_as_default;

/// A consumed application of another model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct RemoteAppStatus {
    /// Set in place of everything else when Juju could not read the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_error: Option<String>,
    /// The offer's URL.
    #[serde(deserialize_with = "null_as_default")]
    pub url: String,
    /// Its endpoints.
    #[serde(deserialize_with = "null_as_default")]
    pub endpoints: IndexMap<String, Endpoint>,
    /// `dying` or `dead` while it goes away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub life: Option<String>,
    /// The remote application's status.
    #[serde(rename = "application-status", deserialize_with = "null_as_default")]
    pub app_status: StatusInfo,
    /// The applications related to each endpoint.
    #[serde(deserialize_with = "null_as_default")]
    pub relations: IndexMap<String, Vec<String>>,
}

/// An endpoint of a consumed application.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Endpoint {
    /// The endpoint's interface.
    #[serde(deserialize_with = "null_as_default")]
    pub interface: String,
    /// `provider` or `requirer`.
    #[serde(deserialize_with = "null_as_default")]
    pub role: String,
}

/// An offer of this model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct OfferStatus {
    /// Set in place of everything else when Juju could not read the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_error: Option<String>,
    /// The application offered.
    #[serde(rename = "application", deserialize_with = "null_as_default")]
    pub app: String,
    /// Its charm.
    #[serde(deserialize_with = "null_as_default")]
    pub charm: String,
    /// All connections.
    #[serde(deserialize_with = "null_as_default")]
    pub total_connected_count: i64,
    /// The connections in use.
    #[serde(deserialize_with = "null_as_default")]
    pub active_connected_count: i64,
    /// The endpoints offered.
    #[serde(deserialize_with = "null_as_default")]
    pub endpoints: IndexMap<String, OfferEndpoint>,
}

/// An endpoint of an offer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct OfferEndpoint {
    /// The endpoint's own name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// The endpoint's interface.
    #[serde(deserialize_with = "null_as_default")]
    pub interface: String,
    /// `provider` or `requirer`.
    #[serde(deserialize_with = "null_as_default")]
    pub role: String,
}
