//! What can happen in a run.

use std::fmt;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Something that happened, when and in which module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Moment {
    /// Microseconds since the Unix epoch.
    pub(crate) at: u64,
    /// None for the run as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) module: Option<String>,
    pub(crate) event: Event,
}

impl Moment {
    pub(crate) fn of_run(event: Event) -> Moment {
        Moment { at: now(), module: None, event }
    }

    pub(crate) fn of_module(module: &str, event: Event) -> Moment {
        Moment { at: now(), module: Some(module.to_owned()), event }
    }
}

/// The present, in microseconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub(crate) enum Event {
    /// The first moment of every run: it tells what is to come.
    RunBegan(RunBegan),
    RunInterrupted,
    /// The last one; nothing follows.
    RunEnded,
    /// Something that the user should know and that is nobody's failure.
    Notice {
        text: String,
    },

    ModuleBegan {
        worker: u32,
    },
    /// The worker's own word that it has run all its tests.
    ModuleEnded,
    /// The worker ended, or could not be started, before that.
    WorkerDied {
        how: String,
    },
    /// Nothing more comes from the worker, whatever it did.
    ModuleClosed,

    TestBegan {
        test: String,
    },
    TestEnded {
        test: String,
        verdict: Verdict,
        seconds: f64,
    },
    /// A test, or what it started, printed this; without a test, something beside the tests did.
    Printed {
        test: Option<String>,
        text: String,
    },
    /// What came from a worker cannot be true or is not whole.
    Damaged {
        test: Option<String>,
        what: String,
    },
    /// The end of a module's scope failed: a fixture's `Drop` panicked.
    TeardownFailed {
        message: String,
    },

    /// A `juju` command ended. Secrets are hidden in it; `exit` is for reading.
    Command {
        command: String,
        seconds: f64,
        exit: String,
    },
    WaitBegan {
        condition: String,
        limit: f64,
    },
    WaitProgressed {
        condition: String,
        elapsed: f64,
        limit: f64,
        unmet: Vec<String>,
    },
    WaitMet {
        condition: String,
        elapsed: f64,
    },
    WaitTimedOut {
        condition: String,
        elapsed: f64,
        unmet: Vec<String>,
    },
    /// Ended by its `fail_on` condition, or for want of a status.
    WaitFailed {
        condition: String,
        elapsed: f64,
        unmet: Vec<String>,
    },
    /// A wait saw it; `None` stands for "not there".
    StatusChanged {
        model: Option<String>,
        entity: String,
        old: Option<String>,
        new: Option<String>,
    },

    /// `juju add-model` is about to run.
    ModelAdding {
        model: String,
    },
    /// It succeeded: the model is this run's own.
    ModelAdded {
        model: String,
        uuid: Option<String>,
    },
    /// It failed. With `doubt`, the model may be there all the same, and nobody knows whose it is.
    ModelNotAdded {
        model: String,
        why: String,
        doubt: bool,
    },
    /// A model of an earlier run is used; it is not this run's to destroy.
    ModelUsed {
        model: String,
    },
    ModelDestroyed {
        model: String,
    },
    ModelKept {
        model: String,
    },
    /// It could not be destroyed so far. With `trying`, a process goes on trying.
    ModelLeft {
        model: String,
        why: String,
        trying: Option<u32>,
    },
    /// A model that a killed run had left was destroyed.
    ModelSwept {
        model: String,
        run: String,
    },

    /// What was saved about a failure before its model went away, with the terminal's share of it.
    Evidence {
        test: Option<String>,
        directory: PathBuf,
        summary: String,
    },
}

/// What a run has settled before its first test.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct RunBegan {
    pub(crate) run: String,
    /// One line for the report's head.
    pub(crate) backend: String,
    /// The `juju` program.
    pub(crate) program: PathBuf,
    /// Models are named `<prefix>-<module>`.
    pub(crate) prefix: String,
    /// The command that runs this suite again, without options.
    pub(crate) command: String,
    pub(crate) filtered_out: usize,
    pub(crate) modules: Vec<PlannedModule>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedModule {
    pub(crate) name: String,
    /// Paths, in the order to run them.
    pub(crate) tests: Vec<String>,
}

/// The verdict on a test that was selected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    Passed,
    Failed(Failure),
    /// Not run, for a reason that lies outside the test.
    Skipped(String),
    /// `#[ignore]`, with its reason.
    Ignored(String),
}

/// Why a test failed, and where in its source, if that is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Place>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Verdict {
    /// Failed, at no place in particular.
    pub(crate) fn failed(message: impl Into<String>) -> Verdict {
        Verdict::Failed(Failure { message: message.into(), place: None })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}
