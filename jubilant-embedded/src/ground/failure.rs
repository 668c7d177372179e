//! How a command or a hook tool fails.

/// A failure with its text and exit code.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    /// Printed after `ERROR `.
    pub(crate) text: String,
    /// 1 at run time, 2 for a wrong command line.
    pub(crate) code: i32,
}

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 1 }
    }

    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 2 }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(format!("the embedded Juju cannot go on: {error}"))
    }
}

/// The failure of what only a real Juju can do.
pub(crate) fn unsupported(what: &str) -> Failure {
    Failure::new(format!("{what} is not supported by the embedded Juju"))
}

/// Returns a run-time [`Failure`] with the given message.
macro_rules! fail {
    ($($arg:tt)*) => { return Err($crate::ground::failure::Failure::new(format!($($arg)*))) };
}

/// Returns a usage [`Failure`] with the given message.
macro_rules! misuse {
    ($($arg:tt)*) => { return Err($crate::ground::failure::Failure::usage(format!($($arg)*))) };
}

pub(crate) use {fail, misuse};
