//! Everything a test module needs: `use jubilant::prelude::*;`.

pub use anyhow::{self, Context as _};
// The expansions of rstest's macros name its crate: a suite needs no dependency on it.
pub use rstest;

pub use crate::harness::{Model, Models, charm, juju, models};
pub use crate::{
    Action, AddUnit, Charm, Cli, Condition, DebugLog, Deploy, Exec, Juju, Refresh, RemoveUnit, Status, Task,
    TestResult, Verdict, Wait, juju_test, module_fixture,
};
