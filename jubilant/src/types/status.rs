//! The answer of `juju status --format json`.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::null_as_default;

/// A model as `juju status` describes it.
///
/// ```
/// let status: jubilant::Status = serde_json::from_str(r#"{"applications": {"web": {
///     "application-status": {"current": "active"},
///     "units": {"web/0": {"workload-status": {"current": "active"}, "leader": true, "address": "10.1.2.3"}}
/// }}}"#)?;
/// assert!(status.apps["web"].is_active());
/// let (name, unit) = status.leader("web").ok_or("no leader")?;
/// assert_eq!((name, unit.address()), ("web/0", Some("10.1.2.3")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Status {
    /// The model itself.
    #[serde(deserialize_with = "null_as_default")]
    pub model: ModelStatus,
    /// The machines, by number.
    #[serde(deserialize_with = "null_as_default")]
    pub machines: IndexMap<String, MachineStatus>,
    /// The applications, by name.
    #[serde(rename = "applications", deserialize_with = "null_as_default")]
    pub apps: IndexMap<String, AppStatus>,
    /// Applications of other models that this model consumes, by their name here.
    #[serde(
        rename = "application-endpoints",
        deserialize_with = "null_as_default",
        skip_serializing_if = "IndexMap::is_empty"
    )]
    pub remote_apps: IndexMap<String, RemoteAppStatus>,
    /// What this model offers to others, by offer name.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "IndexMap::is_empty")]
    pub offers: IndexMap<String, OfferStatus>,
    /// Storage, filesystems and volumes, as Juju prints them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<serde_json::Value>,
    /// The controller.
    #[serde(deserialize_with = "null_as_default")]
    pub controller: ControllerInfo,
}

impl Status {
    /// The application of this name, if the model has it.
    #[must_use]
    pub fn app(&self, name: &str) -> Option<&AppStatus> {
        self.apps.get(name)
    }

    /// Every unit with its name, each subordinate after its principal.
    pub fn units(&self) -> impl Iterator<Item = (&str, &UnitStatus)> {
        self.apps.values().flat_map(|app| &app.units).flat_map(|(name, unit)| {
            let subordinates = unit.subordinates.iter().map(|(name, unit)| (name.as_str(), unit));
            std::iter::once((name.as_str(), unit)).chain(subordinates)
        })
    }

    /// The units of one application; those of a subordinate are found under their principals.
    pub fn units_of<'s>(&'s self, app: &str) -> impl Iterator<Item = (&'s str, &'s UnitStatus)> {
        self.units().filter(move |(name, _)| app_of(name) == app)
    }

    /// One unit, such as `web/0`; `web/leader` finds the leader.
    #[must_use]
    pub fn unit(&self, name: &str) -> Option<&UnitStatus> {
        match name.strip_suffix("/leader") {
            Some(app) => self.leader(app).map(|(_, unit)| unit),
            None => self.units().find(|(unit, _)| *unit == name).map(|(_, unit)| unit),
        }
    }

    /// The leader of an application, with its unit name.
    #[must_use]
    pub fn leader<'s>(&'s self, app: &str) -> Option<(&'s str, &'s UnitStatus)> {
        self.units_of(app).find(|(_, unit)| unit.leader)
    }
}

/// The application's part of a unit name: `web` of `web/0`.
fn app_of(unit: &str) -> &str {
    unit.split_once('/').map_or(unit, |(app, _)| app)
}

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

/// The `model` part of a [`Status`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct ModelStatus {
    /// The model's name, without controller and owner.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// `iaas` or `caas`.
    #[serde(rename = "type", deserialize_with = "null_as_default")]
    pub kind: String,
    /// The controller's name.
    #[serde(deserialize_with = "null_as_default")]
    pub controller: String,
    /// The cloud's name.
    #[serde(deserialize_with = "null_as_default")]
    pub cloud: String,
    /// The cloud's region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The model's agent version.
    #[serde(deserialize_with = "null_as_default")]
    pub version: String,
    /// An agent version that the model could be upgraded to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade_available: Option<String>,
    /// `available`, `destroying`, …
    #[serde(deserialize_with = "null_as_default")]
    pub model_status: StatusInfo,
}

/// A machine in a [`Status`].
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

/// An application in a [`Status`].
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

/// A unit in a [`Status`].
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

/// The `controller` part of a [`Status`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct ControllerInfo {
    /// The controller's clock when it answered.
    #[serde(deserialize_with = "null_as_default")]
    pub timestamp: String,
}
