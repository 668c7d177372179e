//! Where in the test's own source it failed.

use std::panic;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use super::record::{Failure, Place};

/// What makes `anyhow` record where an error was met, unless the user has set it.
pub(crate) const VARIABLE: &str = "RUST_LIB_BACKTRACE";

/// Where `anyhow`'s `{:?}` begins the backtrace.
const HEADING: &str = "\n\nStack backtrace:\n";

/// Where the latest panic of this process was. A test with `#[timeout]` panics in a thread of its own.
static LATEST: Mutex<Option<Place>> = Mutex::new(None);

/// From now on the place of each panic is remembered; what is printed about it stays the same.
pub(crate) fn remember() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            *latest() = info.location().map(|location| Place {
                file: location.file().to_owned(),
                line: location.line(),
                column: location.column(),
            });
            before(info);
        }));
    });
}

/// A new test begins: what panicked before is not its own.
pub(crate) fn forget() {
    *latest() = None;
}

/// Where the test panicked last.
pub(crate) fn of_panic() -> Option<Place> {
    latest().clone()
}

fn latest() -> MutexGuard<'static, Option<Place>> {
    LATEST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Replaces the backtrace at the message's end by its innermost line in the test's own file.
///
/// Everything stays where the user asks for it all with `RUST_BACKTRACE=full`.
pub(crate) fn of_error(message: &str, file: &str) -> Failure {
    let whole = || message.to_owned();
    let Some((error, backtrace)) = message.split_once(HEADING) else {
        return Failure { message: whole(), place: None };
    };
    let mut places = backtrace.lines().filter_map(|line| parse(line.trim().strip_prefix("at ")?));
    let place = places.find(|place| place.file.ends_with(file));
    let full = std::env::var("RUST_BACKTRACE").is_ok_and(|value| value == "full");
    Failure { message: if full { whole() } else { error.to_owned() }, place }
}

/// `./tests/web.rs:45:9`.
fn parse(text: &str) -> Option<Place> {
    let mut parts = text.rsplitn(3, ':');
    let (column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
    let file = file.trim_start_matches("./").to_owned();
    Some(Place { file, line: line.parse().ok()?, column: column.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::of_error;

    #[test]
    fn the_tests_own_line_is_found() {
        let message = "no such unit\n\nStack backtrace:\n   0: anyhow::msg\n             at /reg/anyhow/src/lib.rs:1:2\n   \
                       1: suite::web::test\n             at ./tests/web.rs:45:9\n   2: main\n             at ./tests/web.rs:1:1\n";
        let failure = of_error(message, "tests/web.rs");
        assert_eq!(failure.message, "no such unit");
        assert_eq!(failure.place.map(|place| place.to_string()).as_deref(), Some("tests/web.rs:45:9"));
        let failure = of_error(message, "tests/other.rs");
        assert_eq!((failure.message.as_str(), failure.place), ("no such unit", None));
        assert_eq!(of_error("plain", "tests/web.rs").message, "plain");
    }
}
