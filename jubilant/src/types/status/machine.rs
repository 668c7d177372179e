//! Machines in a status.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::info::{Base, StatusInfo};
use crate::types::null::null_as_default;

/// A machine in a [`Status`](super::Status).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct MachineStatus {
    /// Set in place of everything else when Juju could not read the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_error: Option<String>,
    /// The machine agent.
    #[serde(deserialize_with = "null_as_default")]
    pub juju_status: StatusInfo,
    /// The machine itself, as the cloud sees it.
    #[serde(deserialize_with = "null_as_default")]
    pub machine_status: StatusInfo,
    /// Changes that Juju applies to the machine, such as LXD profiles.
    #[serde(deserialize_with = "null_as_default")]
    pub modification_status: StatusInfo,
    /// Its host name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Its preferred address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_name: Option<String>,
    /// All its addresses.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub ip_addresses: Vec<String>,
    /// The cloud's name for it.
    #[serde(deserialize_with = "null_as_default")]
    pub instance_id: String,
    /// The name it is shown under in the cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Its operating system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Base>,
    /// Its network interfaces, by name.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "IndexMap::is_empty")]
    pub network_interfaces: IndexMap<String, NetworkInterface>,
    /// Containers on it, by number such as `0/lxd/1`.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "IndexMap::is_empty")]
    pub containers: IndexMap<String, MachineStatus>,
    /// The constraints it was made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraints: Option<String>,
    /// Its hardware, such as `arch=amd64 cores=2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hardware: Option<String>,
    /// Its part in the controller's high availability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controller_member_status: Option<String>,
}

/// A network interface of a machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct NetworkInterface {
    /// Its addresses.
    #[serde(deserialize_with = "null_as_default")]
    pub ip_addresses: Vec<String>,
    /// Its hardware address.
    #[serde(deserialize_with = "null_as_default")]
    pub mac_address: String,
    /// Its gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
    /// The Juju space it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub space: Option<String>,
    /// Whether it is up.
    #[serde(deserialize_with = "null_as_default")]
    pub is_up: bool,
}
