//! [`Juju`]: one method per `juju` command, one file per family of commands.

mod actions;
mod apps;
mod bundle;
mod client;
mod config;
mod deploy;
mod logs;
mod models;
mod relations;
mod secrets;
mod ssh;
mod status;
mod times;
mod units;

pub use actions::{Action, Exec};
pub use apps::{Refresh, RemoveApplication, Trust};
pub use client::Juju;
pub use deploy::Deploy;
pub use logs::DebugLog;
pub use models::{AddModel, DestroyModel};
pub use relations::Integrate;
pub use secrets::Secret;
pub use ssh::Ssh;
pub use units::{AddUnit, RemoveUnit};
