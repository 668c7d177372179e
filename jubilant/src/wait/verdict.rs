//! What a condition makes of a status.

/// Whether a condition holds, and why: short sentences such as `web/1 is waiting: "installing agent"`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// Whether it holds.
    pub met: bool,
    /// What makes it hold, or keeps it from holding.
    pub reasons: Vec<String>,
}

impl Verdict {
    /// It holds, because of this.
    pub fn met(reason: impl Into<String>) -> Self {
        Verdict { met: true, reasons: vec![reason.into()] }
    }

    /// It does not hold, because of this.
    pub fn unmet(reason: impl Into<String>) -> Self {
        Verdict { met: false, reasons: vec![reason.into()] }
    }

    /// It holds unless there are obstacles.
    pub(super) fn unless(obstacles: Vec<String>, met: impl FnOnce() -> String) -> Self {
        if obstacles.is_empty() { Verdict::met(met()) } else { Verdict { met: false, reasons: obstacles } }
    }
}
