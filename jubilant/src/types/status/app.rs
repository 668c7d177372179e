//! Applications and units in a status.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::info::{Base, StatusInfo};
use crate::types::null::null_as_default;

/// An application in a [`Status`](super::Status).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct AppStatus {
    /// Set in place of everything else when Juju could not read the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_error: Option<String>,
    /// The charm as it was deployed: a name or URL.
    #[serde(deserialize_with = "null_as_default")]
    pub charm: String,
    /// The operating system of its units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Base>,
    /// `charmhub` or `local`.
    #[serde(deserialize_with = "null_as_default")]
    pub charm_origin: String,
    /// The charm's name.
    #[serde(deserialize_with = "null_as_default")]
    pub charm_name: String,
    /// The charm's revision.
    #[serde(deserialize_with = "null_as_default")]
    pub charm_rev: i64,
    /// The channel it came from.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub charm_channel: String,
    /// What the charm says its version is.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub charm_version: String,
    /// A newer revision in the charm's channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_upgrade_to: Option<String>,
    /// The number of units wanted (Kubernetes only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<i64>,
    /// The cloud's name for it (Kubernetes only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// Its service address (Kubernetes only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether it is exposed.
    #[serde(deserialize_with = "null_as_default")]
    pub exposed: bool,
    /// `dying` or `dead` while it goes away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub life: Option<String>,
    /// Its status: what its leader set, else that of its worst unit.
    #[serde(rename = "application-status", deserialize_with = "null_as_default")]
    pub app_status: StatusInfo,
    /// What each of its endpoints is related to.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "IndexMap::is_empty")]
    pub relations: IndexMap<String, Vec<RelatedApp>>,
    /// The principals it is a subordinate of.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub subordinate_to: Vec<String>,
    /// Its units by name; those of a subordinate are under its principals' units.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "IndexMap::is_empty")]
    pub units: IndexMap<String, UnitStatus>,
    /// The workload's version.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The space of each endpoint.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "IndexMap::is_empty")]
    pub endpoint_bindings: IndexMap<String, String>,
}

impl AppStatus {
    /// Whether the application's status is `active`; its units' are not looked at.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.app_status.current == "active"
    }

    /// Whether this is a subordinate application.
    #[must_use]
    pub fn is_subordinate(&self) -> bool {
        !self.subordinate_to.is_empty()
    }
}

/// The other side of a relation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct RelatedApp {
    /// The other application.
    #[serde(deserialize_with = "null_as_default")]
    pub related_application: String,
    /// The relation's interface.
    #[serde(deserialize_with = "null_as_default")]
    pub interface: String,
    /// `global` or `container`.
    #[serde(deserialize_with = "null_as_default")]
    pub scope: String,
}

/// A unit in a [`Status`](super::Status).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct UnitStatus {
    /// Set in place of everything else when Juju could not read the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_error: Option<String>,
    /// What the charm says about its workload.
    #[serde(deserialize_with = "null_as_default")]
    pub workload_status: StatusInfo,
    /// The unit's agent: `idle`, `executing`, …
    #[serde(deserialize_with = "null_as_default")]
    pub juju_status: StatusInfo,
    /// Whether it leads its application.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "std::ops::Not::not")]
    pub leader: bool,
    /// The machine it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Its open ports, such as `80/tcp`.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub open_ports: Vec<String>,
    /// Its address (machine models).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_address: Option<String>,
    /// Its address (Kubernetes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The cloud's name for it (Kubernetes only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// The subordinate units beside it.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "IndexMap::is_empty")]
    pub subordinates: IndexMap<String, UnitStatus>,
}

impl UnitStatus {
    /// Its address in either kind of model.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.public_address.as_deref().or(self.address.as_deref())
    }

    /// Whether its workload is `active`.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.workload_status.current == "active"
    }

    /// Whether its agent is `idle`.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.juju_status.current == "idle"
    }
}
