//! Charm integration tests with `cargo test`.
//!
//! [`Juju`] drives the `juju` program; its methods return plain data such as [`Status`] and [`Task`], and
//! [`Juju::wait`] waits for conditions that compose and explain themselves.
//!
//! ```no_run
//! use jubilant::{Action, Charm, Condition, Deploy, Juju, all_active, any_error, minutes};
//!
//! let charm = Charm::find()?;
//! let juju = Juju::new().add_model("demo")?;
//! juju.deploy(Deploy::new(&charm).config("greeting", "hello"))?;
//! juju.wait(all_active().within(minutes(10)).fail_on(any_error()))?;
//! let task = juju.run("web/leader", Action::new("register-user").param("username", "ubuntu"))?;
//! let password: String = task.result("password")?;
//! # Ok::<(), jubilant::Error>(())
//! ```

pub mod charm;
mod cli;
pub mod error;
pub mod juju;
pub mod types;
pub mod wait;

pub use charm::Charm;
pub use cli::Cli;
pub use error::{Error, Result};
pub use juju::{
    Action, AddModel, AddUnit, DebugLog, Deploy, DestroyModel, Exec, Integrate, Juju, Refresh,
    RemoveApplication, RemoveUnit, Secret, Ssh, Trust,
};
pub use types::{AppConfig, ConfigValue, ModelInfo, ModelSummary, Status, Task, Version};
pub use wait::{
    Condition, Verdict, Wait, all_active, all_agents_idle, all_blocked, all_error, all_maintenance,
    all_waiting, any_active, any_blocked, any_error, any_maintenance, any_waiting, app, gone, minutes, named,
    seconds, unit,
};
