//! What a run has settled before its first test, and what its processes are told.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::backend::Backend;
use super::keep::Keep;
use super::options::Options;
use super::record::PlannedModule;
use super::suite;

/// The decisions that hold for the whole run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// The run's own name, eight random digits.
    pub(crate) run: String,
    /// The `juju` program: the real one or the embedded one.
    pub(crate) program: PathBuf,
    pub(crate) embedded: bool,
    /// Models are named `<prefix>-<module>`.
    pub(crate) prefix: String,
    /// Whether the user chose the prefix: then another run's models may have it too.
    pub(crate) named: bool,
    pub(crate) controller: Option<String>,
    /// The controller that is meant where none is named, as far as it is known.
    pub(crate) current_controller: Option<String>,
    pub(crate) cloud: Option<String>,
    pub(crate) keep: Keep,
    /// The models exist already and belong to an earlier run.
    pub(crate) no_deploy: bool,
    /// How long the run's end may wait for a model to go.
    pub(crate) teardown: Duration,
    /// Where the record and evidence of failures go: `target/jubilant/<run>`.
    pub(crate) run_directory: PathBuf,
}

impl Settings {
    pub(crate) fn new(options: &Options, backend: &Backend) -> Settings {
        let run = random()[..8].to_owned();
        Settings {
            program: backend.program.clone(),
            embedded: backend.embedded,
            prefix: options.model.clone().unwrap_or_else(|| format!("jubilant-{run}")),
            named: options.model.is_some(),
            controller: options.controller.clone(),
            current_controller: backend.controller.clone(),
            cloud: options.cloud.clone(),
            keep: options.keep,
            no_deploy: options.no_deploy,
            teardown: options.teardown,
            run_directory: suite::target_directory().join("jubilant").join(&run),
            run,
        }
    }
}

/// 16 hexadecimal digits that differ from run to run, from the standard library's own random seed.
pub(crate) fn random() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

/// A worker's task, sent as one line of JSON over its link.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WorkOrder {
    pub(crate) module: PlannedModule,
    pub(crate) include_ignored: bool,
    pub(crate) settings: Settings,
    /// What only the worker's own marks in its output have; none if the output is not captured.
    pub(crate) nonce: Option<String>,
}
