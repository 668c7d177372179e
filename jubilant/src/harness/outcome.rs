//! How a test ended.

use std::any::Any;

use super::place;
use super::record::{Failure, Verdict};

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

/// Turns what `catch_unwind` saw into a verdict, `#[should_panic]` considered. `file` is the test's own.
pub(crate) fn judge(result: std::thread::Result<Outcome>, should_panic: Option<&str>, file: &str) -> Verdict {
    let panicked = |message| Verdict::Failed(Failure { message, place: place::of_panic() });
    match (result, should_panic) {
        (Ok(Ok(())), None) => Verdict::Passed,
        (Ok(Err(message)), _) => Verdict::Failed(place::of_error(&message, file)),
        (Ok(Ok(())), Some(_)) => Verdict::failed("did not panic, as #[should_panic] expects"),
        // A fixture's error may be one that was returned, with all that comes with it.
        (Err(payload), _) if payload.is::<FixtureFailure>() => {
            Verdict::Failed(place::of_error(&panic_message(&*payload), file))
        }
        (Err(payload), Some(expected)) => {
            let message = panic_message(&*payload);
            if message.contains(expected) {
                Verdict::Passed
            } else {
                panicked(format!("panicked with {message:?}, but #[should_panic] expects {expected:?}"))
            }
        }
        (Err(payload), None) => panicked(panic_message(&*payload)),
    }
}
