//! How a test ended.

use std::any::Any;

use serde::{Deserialize, Serialize};

/// What a test function returned: `Err` holds the whole message.
#[doc(hidden)]
pub type Outcome = Result<(), String>;

/// What a test may return: nothing, or a `Result` whose error can be shown.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a #[juju_test] returns `()` or `TestResult`, not `{Self}`",
    label = "not a result that a test can have",
    note = "end the test with `Ok(())` and declare it `-> TestResult`"
)]
pub trait IntoOutcome {
    fn into_outcome(self) -> Outcome;
}

impl IntoOutcome for () {
    fn into_outcome(self) -> Outcome {
        Ok(())
    }
}

impl<E: std::fmt::Debug> IntoOutcome for Result<(), E> {
    fn into_outcome(self) -> Outcome {
        // Debug, as for `fn main`: anyhow prints its chain of causes with it.
        self.map_err(|error| format!("{error:?}"))
    }
}

/// The verdict on a test that was selected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Verdict {
    Passed,
    Failed(String),
    /// Not run, for a reason that lies outside the test.
    Skipped(String),
    /// `#[ignore]`, with its reason.
    Ignored(String),
}

/// Carries the failure of a fixture through rstest's infallible `default()`, without the panic message that
/// an assertion prints.
pub(crate) struct FixtureFailure(pub(crate) String);

impl FixtureFailure {
    pub(crate) fn raise(message: String) -> ! {
        std::panic::resume_unwind(Box::new(FixtureFailure(message)))
    }
}

/// The message of a caught panic, and whether it was the test's own.
pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> String {
    if let Some(FixtureFailure(message)) = payload.downcast_ref() {
        message.clone()
    } else if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "panicked with a value that is not text".to_owned()
    }
}

/// Turns what `catch_unwind` saw into a verdict, `#[should_panic]` considered.
pub(crate) fn judge(result: std::thread::Result<Outcome>, should_panic: Option<&str>) -> Verdict {
    match (result, should_panic) {
        (Ok(Ok(())), None) => Verdict::Passed,
        (Ok(Err(message)), _) => Verdict::Failed(message),
        (Ok(Ok(())), Some(_)) => Verdict::Failed("did not panic, as #[should_panic] expects".to_owned()),
        (Err(payload), Some(expected)) if !payload.is::<FixtureFailure>() => {
            let message = panic_message(&*payload);
            if message.contains(expected) {
                Verdict::Passed
            } else {
                Verdict::Failed(format!(
                    "panicked with {message:?}, but #[should_panic] expects {expected:?}"
                ))
            }
        }
        (Err(payload), _) => Verdict::Failed(panic_message(&*payload)),
    }
}
