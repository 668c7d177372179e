//! How a wait ended without success, in a few lines.

use std::fmt;
use std::time::Duration;

use crate::change::Change;
use crate::shown;
use crate::types::Status;

/// A part of a condition that was unmet when a wait ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unmet {
    /// What was unmet, such as `web/1 is waiting: "installing agent"`.
    pub reason: String,
    /// Since when without a break, counted from the wait's begin; its message may have changed meanwhile.
    pub since: Duration,
}

/// Why a wait ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// Time ran out.
    Timeout,
    /// The `fail_on` condition held, for these reasons.
    FailOn { condition: String, reasons: Vec<String> },
    /// `juju status` kept failing.
    NoStatus { failures: u32 },
}

/// A wait that ended without its condition being met.
#[derive(Debug)]
#[non_exhaustive]
pub struct WaitError {
    pub(super) condition: String,
    pub(super) ended: Ended,
    pub(super) limit: Duration,
    pub(super) elapsed: Duration,
    /// How long it held, if it did at the end, though not for long enough.
    pub(super) held: Option<String>,
    pub(super) unmet: Vec<Unmet>,
    pub(super) busy: Vec<String>,
    pub(super) changes: Vec<Change>,
    pub(super) status: Option<Status>,
    /// Whatever the failures of who gave the statuses are.
    pub(super) last_error: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl WaitError {
    /// What was waited for.
    #[must_use]
    pub fn condition(&self) -> &str {
        &self.condition
    }

    /// How long it could take at most.
    #[must_use]
    pub fn limit(&self) -> Duration {
        self.limit
    }

    /// How long it took.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// What was unmet at the end.
    #[must_use]
    pub fn unmet(&self) -> &[Unmet] {
        &self.unmet
    }

    /// Why the `fail_on` condition held, if that ended the wait.
    #[must_use]
    pub fn failed_because(&self) -> &[String] {
        match &self.ended {
            Ended::FailOn { reasons, .. } => reasons,
            _ => &[],
        }
    }

    /// The units whose agents were not idle at the end, with what they did.
    #[must_use]
    pub fn busy(&self) -> &[String] {
        &self.busy
    }

    /// The status changes seen, oldest first; of very many only the last.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The last status seen, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<&Status> {
        self.status.as_ref()
    }

    /// Why the last status was not given, as an error of the type that its giver has.
    pub(crate) fn failure<E: std::error::Error + 'static>(&self) -> Option<&E> {
        self.last_error.as_ref()?.downcast_ref()
    }
}

/// A report that fits a terminal; the getters have everything.
const SHOWN_REASONS: usize = 4;
const SHOWN_CHANGES: usize = 4;
const SHOWN_ERROR_LINES: usize = 4;

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (condition, elapsed) = (&self.condition, shown::time(self.elapsed));
        match &self.ended {
            Ended::Timeout => write!(f, "waited {elapsed} in vain for {condition}")?,
            Ended::FailOn { condition: failed, reasons } => {
                write!(f, "gave up waiting for {condition} after {elapsed}, because of {failed}")?;
                list(f, reasons.iter(), SHOWN_REASONS)?;
                if !self.unmet.is_empty() {
                    f.write_str("\nunmet:")?;
                }
            }
            Ended::NoStatus { failures } => {
                write!(f, "gave up waiting for {condition} after {elapsed}: ")?;
                write!(f, "`juju status` failed {failures} times in a row")?;
            }
        }
        list(f, self.held.iter(), 1)?;
        let unmet = self.unmet.iter().map(|unmet| match self.elapsed.saturating_sub(unmet.since) {
            _ if self.elapsed < Duration::from_secs(1) => unmet.reason.clone(),
            lasting if lasting + Duration::from_secs(1) >= self.elapsed => {
                format!("{} (all the time)", unmet.reason)
            }
            lasting => format!("{} (for {})", unmet.reason, shown::time(lasting)),
        });
        list(f, unmet, SHOWN_REASONS)?;
        if !self.busy.is_empty() {
            let shown = &self.busy[..self.busy.len().min(SHOWN_REASONS)];
            let more = if shown.len() < self.busy.len() { ", …" } else { "" };
            write!(f, "\nbusy: {}{more}", shown.join(", "))?;
        }
        if let Some(error) = &self.last_error {
            f.write_str("\nlast failure:")?;
            list(f, error.to_string().lines().collect::<Vec<_>>().into_iter(), SHOWN_ERROR_LINES)?;
        }
        let skipped = self.changes.len().saturating_sub(SHOWN_CHANGES);
        match (self.status.is_some(), self.changes.is_empty()) {
            (true, true) => f.write_str("\nno status changed")?,
            (_, true) => {}
            (_, false) => write!(f, "\nlast of {} changes:", self.changes.len())?,
        }
        self.changes[skipped..].iter().try_for_each(|change| write!(f, "\n  {change}"))
    }
}

fn list(
    f: &mut fmt::Formatter<'_>,
    lines: impl ExactSizeIterator<Item = impl fmt::Display>,
    limit: usize,
) -> fmt::Result {
    let more = lines.len().saturating_sub(limit);
    for line in lines.take(limit) {
        write!(f, "\n  {line}")?;
    }
    if more > 0 { write!(f, "\n  and {more} more") } else { Ok(()) }
}
