//! Times that a command is told: how they are written, and what it may take on top.

use std::time::Duration;

/// What a command may take on top of a time that it was told itself.
pub(super) const MARGIN: Duration = Duration::from_secs(30);

/// A time as Juju's flags take it.
pub(super) fn duration(time: Duration) -> String {
    if time.subsec_nanos() == 0 { format!("{}s", time.as_secs()) } else { format!("{}ms", time.as_millis()) }
}
