//! What Juju answers: plain data without I/O.
//!
//! Every record is tolerant, because Juju's versions differ: unknown keys are ignored, and an absent key or a
//! `null` gives the default. Maps keep Juju's order, which is what people see in `juju status`.

mod config;
mod model;
mod status;
mod task;
mod version;

pub use config::{AppConfig, ConfigOption, ConfigValue, ModelConfigValue};
pub(crate) use model::model_list;
pub use model::{ModelInfo, ModelSummary};
pub use status::{
    AppStatus, Base, ControllerInfo, Endpoint, MachineStatus, ModelStatus, NetworkInterface, OfferEndpoint,
    OfferStatus, RelatedApp, RemoteAppStatus, Status, StatusInfo, UnitStatus,
};
pub use task::{Task, TaskTiming};
pub use version::Version;

use serde::{Deserialize, Deserializer};

/// Reads `null` as the default value; Juju prints it for unset numbers, lists and maps.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
