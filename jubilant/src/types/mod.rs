//! What Juju answers: plain data without I/O.
//!
//! Every record is tolerant, because Juju's versions differ: unknown keys are ignored, and an absent key or a
//! `null` gives the default. Maps keep Juju's order, which is what people see in `juju status`.

mod config;
mod model;
mod null;
mod status;
pub(crate) mod task;
pub(crate) mod task_error;
mod version;

pub use config::{AppConfig, ConfigOption, ConfigValue, ModelConfigValue};
pub(crate) use model::model_list;
pub use model::{ModelInfo, ModelSummary};
pub(crate) use null::null_as_default;
pub use status::{
    AppStatus, Base, ControllerInfo, Endpoint, MachineStatus, ModelStatus, NetworkInterface, OfferEndpoint,
    OfferStatus, RelatedApp, RemoteAppStatus, Status, StatusInfo, UnitStatus,
};
pub use task::{Task, TaskTiming};
pub use version::Version;
