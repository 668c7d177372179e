//! What a run has settled before its first test, and what each worker is told.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The decisions that hold for the whole run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// The `juju` program: the real one or the embedded one.
    pub(crate) program: PathBuf,
    /// Models are named `<prefix>-<module>`.
    pub(crate) prefix: String,
    /// Whether the user chose the prefix: then another run's models may have it too.
    pub(crate) named: bool,
    pub(crate) controller: Option<String>,
    pub(crate) cloud: Option<String>,
    pub(crate) keep: Keep,
    /// The models exist already and belong to an earlier run.
    pub(crate) no_deploy: bool,
    /// Where evidence of failures goes: `target/jubilant/<run>`.
    pub(crate) run_directory: PathBuf,
}

/// Which models outlive the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum Keep {
    #[default]
    Never,
    OnFailure,
    Always,
}

/// A worker's task, sent as one line of JSON on its standard input.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WorkOrder {
    pub(crate) module: String,
    /// Paths of the tests, in the order to run them.
    pub(crate) tests: Vec<String>,
    pub(crate) include_ignored: bool,
    pub(crate) settings: Settings,
}
