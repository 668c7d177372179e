//! The fixtures that every test can name: `juju`, `charm`, `models`.
//!
//! rstest resolves an argument `x` as `x::default()`, so each is a hidden type with that function.
#![allow(non_camel_case_types, clippy::should_implement_trait)]

use std::sync::Arc;

use super::models::Model;
use super::outcome::FixtureFailure;
use super::scope::{self, Scope};
use crate::charm::Charm;
use crate::juju::Juju;

/// The fixture `juju: &Juju`: a client on the module's own model.
#[doc(hidden)]
pub struct juju {}

impl juju {
    pub fn default() -> Juju {
        let model = scope("juju").model(&Model::default());
        model.unwrap_or_else(|error| FixtureFailure::raise(format!("{error:#}")))
    }
}

/// The fixture `charm: &Charm`: the charm under test.
#[doc(hidden)]
pub struct charm {}

impl charm {
    pub fn default() -> Charm {
        let scope = scope("charm");
        match scope.charm() {
            Ok(charm) => charm.clone(),
            Err(error) => FixtureFailure::raise(error.to_string()),
        }
    }
}

/// The fixture `models: &Models`: more models than the one.
#[doc(hidden)]
pub struct models {}

impl models {
    pub fn default() -> Models {
        Models { scope: scope("models") }
    }
}

/// The fixture `models`: the module's models, each made when it is first asked for and destroyed with the
/// module.
pub struct Models {
    scope: Arc<Scope>,
}

impl Models {
    /// The model that `request` describes.
    ///
    /// # Errors
    /// If it cannot be added, or with `--no-deploy` if it does not exist.
    pub fn get(&self, request: Model) -> anyhow::Result<Juju> {
        self.scope.model(&request)
    }
}

/// What `#[module_fixture]` expands to.
#[doc(hidden)]
pub fn module_fixture<T: Send + Sync + 'static>(
    name: &'static str,
    build: impl FnOnce() -> Result<T, String>,
) -> Arc<T> {
    let value = scope(name).fixture(name, build);
    value.unwrap_or_else(|error| FixtureFailure::raise(error))
}

/// The message of a fixture that returned `Err`.
#[doc(hidden)]
pub fn fixture_result<T, E: std::fmt::Debug>(result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| format!("{error:?}"))
}

fn scope(fixture: &str) -> Arc<Scope> {
    scope::current().unwrap_or_else(|| {
        FixtureFailure::raise(format!(
            "the fixture `{fixture}` exists only while jubilant runs a module's tests: end the suite's main.rs with `jubilant::main!();`"
        ))
    })
}
