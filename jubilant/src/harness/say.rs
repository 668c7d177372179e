//! Lines for people, in spite of readers that go away.

/// A line on standard output. A reader that has gone away (`| head`) ends the output, not the run.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($words)*);
    }};
}

/// A line on standard error, which may have no reader either: the exit code is to be the same.
macro_rules! complain {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($words)*);
    }};
}

pub(crate) use {complain, say};
