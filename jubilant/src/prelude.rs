//! Everything a test module needs: `use jubilant::prelude::*;`.

pub use anyhow::{self, Context as _};
#[doc(hidden)]
pub use jubilant_test_macros::{case, timeout};
// The expansions of rstest's macros name its crate: a suite needs no dependency on it.
pub use rstest;

pub use crate::harness::fixtures::{charm, juju, models};
pub use crate::{
    Action, AddModel, AddUnit, Charm, Cli, Condition, DebugLog, Deploy, DestroyModel, Exec, Juju, Model,
    Models, Refresh, RemoveApplication, RemoveUnit, Status, Task, TestResult, Verdict, Wait, all_active,
    all_agents_idle, all_blocked, all_error, all_maintenance, all_waiting, any_active, any_blocked,
    any_error, any_maintenance, any_waiting, app, gone, juju_test, minutes, module_fixture, named, seconds,
    unit,
};
