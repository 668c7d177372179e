//! The answer of `juju status --format json`.

mod app;
mod info;
mod machine;
mod remote;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::null::null_as_default;
pub use app::{AppStatus, RelatedApp, UnitStatus};
pub use info::{Base, StatusInfo};
pub use machine::{MachineStatus, NetworkInterface};
pub use remote::{Endpoint, OfferEndpoint, OfferStatus, RemoteAppStatus};

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

/// The `controller` part of a [`Status`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct ControllerInfo {
    /// The controller's clock when it answered.
    #[serde(deserialize_with = "null_as_default")]
    pub timestamp: String,
}
