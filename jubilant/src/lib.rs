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

#![cfg_attr(not(any(feature = "harness", feature = "embedded")), forbid(unsafe_code))]

#[cfg(feature = "embedded")]
mod before_main;
mod change;
pub mod charm;
mod cli;
pub mod error;
#[cfg(feature = "harness")]
#[doc(hidden)]
pub mod harness;
pub mod juju;
pub mod observe;
#[cfg(feature = "harness")]
pub mod prelude;
mod shown;
pub mod types;
pub mod wait;

pub use charm::Charm;
pub use cli::Cli;
pub use error::{Error, Result};
pub use juju::{
    Action, AddModel, AddUnit, DebugLog, Deploy, DestroyModel, Exec, Integrate, Juju, Refresh,
    RemoveApplication, RemoveUnit, Secret, Ssh, Trust,
};
pub use observe::{Activity, WaitEnd};
pub use types::{AppConfig, ConfigValue, ModelInfo, ModelSummary, Status, Task, Version};
pub use wait::{
    Condition, Verdict, Wait, all_active, all_agents_idle, all_blocked, all_error, all_maintenance,
    all_waiting, any_active, any_blocked, any_error, any_maintenance, any_waiting, app, gone, minutes, named,
    seconds, unit,
};

#[cfg(feature = "harness")]
pub use harness::{Model, Models};
#[cfg(feature = "harness")]
pub use jubilant_test_macros::{juju_test, module_fixture};

/// What a test returns: any error ends it, and is shown with its causes.
#[cfg(feature = "harness")]
pub type TestResult<T = ()> = anyhow::Result<T>;

/// The `main` of a test suite: `jubilant::main!();` in a target with `harness = false`.
///
/// It runs the `#[juju_test]`s of the whole target; `-- --help` lists its options.
#[cfg(feature = "harness")]
#[macro_export]
macro_rules! main {
    () => {
        fn main() -> ::std::process::ExitCode {
            $crate::harness::main()
        }
    };
}

/// What the macros expand to. Not for use by hand.
#[cfg(feature = "harness")]
#[doc(hidden)]
pub mod __private {
    pub use crate::harness::{IntoOutcome, Site, Test, fixture_result, module_fixture, without_harness};
    pub use inventory;
    pub use jubilant_test_macros::register;
    pub use rstest;
}
