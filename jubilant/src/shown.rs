//! How errors and logs show times and what programs printed.

use std::fmt;
use std::time::Duration;

/// A time in the form people say it: `850 ms`, `12 s`, `3 min 5 s`.
pub(crate) fn time(time: Duration) -> String {
    match (time.as_secs(), time.as_millis()) {
        (0, millis) => format!("{millis} ms"),
        (seconds @ 1..60, _) => format!("{seconds} s"),
        (seconds, _) if seconds % 60 == 0 => format!("{} min", seconds / 60),
        (seconds, _) => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// Enough for an error's cause, not for a whole status; the errors' getters have everything.
const SHOWN_LINES: usize = 20;

/// The end of what a program printed, on lines of its own; nothing if it printed nothing.
pub(crate) fn stream(f: &mut fmt::Formatter<'_>, name: &str, text: &str) -> fmt::Result {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    if lines.is_empty() {
        return Ok(());
    }
    let left_out = lines.len().saturating_sub(SHOWN_LINES);
    match left_out {
        0 => write!(f, "\n{name}:")?,
        count => write!(f, "\n{name} (without its first {count} lines):")?,
    }
    lines[left_out..].iter().try_for_each(|line| write!(f, "\n  {line}"))
}
