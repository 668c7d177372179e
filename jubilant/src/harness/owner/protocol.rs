//! What the supervisor and the owner of the models say to each other, one line of JSON each.

use serde::{Deserialize, Serialize};

use crate::harness::models::{Answer, Request};
use crate::harness::record::Moment;

/// From the supervisor, after a first line with the run's settings.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Order {
    /// Add a model for a module; the answer has the same number.
    Add { number: u64, module: String, request: Request },
    /// The module needs its models no longer.
    Close { module: String, ending: Ending },
    /// Say [`Word::Finished`] when all that is to be done is done, or overdue.
    Finish,
}

/// How a module ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ending {
    Passed,
    Failed,
    /// Its worker died: nobody has saved evidence yet.
    Died,
}

/// From the owner.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Word {
    Moment(Moment),
    Answer { number: u64, answer: Answer },
    Finished,
}
