//! The loop that looks at the status until a condition holds.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use indexmap::IndexMap;

use super::condition::Wait;
use super::error::{Ended, Unmet, WaitError};
use super::history::History;
use super::quantified::busy;
use crate::observe::{Activity, WaitEnd};
use crate::shown;
use crate::types::Status;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
/// A failing status is no reason to give up, a Juju that fails for good is.
const FAILURES: u32 = 5;

/// Why there was no status at one look.
pub(crate) enum Look<E> {
    /// The next one may be luckier.
    Failed(E),
    /// No other will be.
    Hopeless(E),
}

/// How a wait ended whose condition was not met.
pub(crate) enum Ending<E> {
    TimedOut(Box<WaitError>),
    Failed(Box<WaitError>),
    /// There was no status to wait for, and the error itself says what to do.
    Hopeless(E),
}

/// Waits for a condition on the statuses that `look` gives, each within the time that it is given, and tells of it.
/// `model` is their model, if it is known by name.
pub(crate) fn run<E: std::error::Error + Send + Sync + 'static>(
    wait: &Wait,
    model: Option<&str>,
    look: impl Fn(Duration) -> Result<Status, Look<E>>,
    tell: impl Fn(&Activity<'_>),
) -> Result<Status, Ending<E>> {
    let mut polling = Polling::new(wait, model, &tell);
    tracing::info!(target: "jubilant::wait", "waiting for {}, {} at most", polling.condition, shown::time(wait.limit));
    tell(&Activity::WaitBegan { condition: &polling.condition, limit: wait.limit });
    let result = polling.until_met(look);
    polling.tell_end(&result);
    let took = shown::time(polling.started.elapsed());
    match result {
        Ok(()) => {
            tracing::info!(target: "jubilant::wait", "{} after {took}", polling.condition);
            Ok(polling.status.unwrap_or_default())
        }
        Err(ended) => Err(polling.ending(ended)),
    }
}

/// What a wait has seen so far.
struct Polling<'w, E> {
    wait: &'w Wait,
    model: Option<&'w str>,
    tell: &'w dyn Fn(&Activity<'_>),
    condition: String,
    started: Instant,
    /// The current reasons, each with the time since which it has been one, whatever its message.
    unmet: IndexMap<String, Duration>,
    history: History,
    status: Option<Status>,
    last_error: Option<Look<E>>,
    failures: u32,
    /// How often in a row the condition has held, and since when.
    held: u32,
    held_since: Option<Instant>,
    pause: Duration,
}

impl<'w, E: std::error::Error + Send + Sync + 'static> Polling<'w, E> {
    fn new(wait: &'w Wait, model: Option<&'w str>, tell: &'w dyn Fn(&Activity<'_>)) -> Self {
        Polling {
            wait,
            model,
            tell,
            condition: wait.condition.describe(),
            started: Instant::now(),
            unmet: IndexMap::new(),
            history: History::default(),
            status: None,
            last_error: None,
            failures: 0,
            held: 0,
            held_since: None,
            pause: FIRST_PAUSE,
        }
    }

    fn until_met(&mut self, look: impl Fn(Duration) -> Result<Status, Look<E>>) -> Result<(), Ended> {
        loop {
            let left = self.wait.limit.saturating_sub(self.started.elapsed());
            if left.is_zero() {
                return Err(Ended::Timeout);
            }
            let asked = Instant::now();
            match look(left) {
                Ok(status) => {
                    if self.judge(status, asked)? {
                        return Ok(());
                    }
                }
                Err(error) => self.failed(error)?,
            }
            self.tell_look();
            let left = self.wait.limit.saturating_sub(self.started.elapsed());
            std::thread::sleep(self.next_pause(asked.elapsed()).min(left));
        }
    }

    /// Whether this status ends the wait.
    fn judge(&mut self, status: Status, asked: Instant) -> Result<bool, Ended> {
        let at = self.started.elapsed();
        self.failures = 0;
        self.last_error = None;
        for change in self.history.look(&status, at) {
            tracing::info!(target: "jubilant::wait", "{change}");
            (self.tell)(&Activity::StatusChanged { model: self.model, change });
        }
        let verdict = self.wait.condition.check(&status);
        let failed = self.wait.fail_on.as_ref().map(|condition| (condition, condition.check(&status)));
        self.status = Some(status);

        let before = std::mem::take(&mut self.unmet);
        if !verdict.met {
            let before: HashMap<_, _> =
                before.iter().map(|(reason, since)| (without_message(reason), *since)).collect();
            let since = |reason: &str| before.get(without_message(reason)).copied().unwrap_or(at);
            self.unmet = verdict.reasons.into_iter().map(|reason| (reason.clone(), since(&reason))).collect();
        }
        if let Some((condition, failed)) = failed.filter(|(_, failed)| failed.met) {
            return Err(Ended::FailOn { condition: condition.describe(), reasons: failed.reasons });
        }
        if !verdict.met {
            (self.held, self.held_since) = (0, None);
            return Ok(false);
        }
        self.held += 1;
        // From when the status was asked for: it can be no older than that.
        let stable = asked.saturating_duration_since(*self.held_since.get_or_insert(asked));
        Ok(self.held >= self.wait.times && stable >= self.wait.stable_for)
    }

    fn failed(&mut self, failed: Look<E>) -> Result<(), Ended> {
        self.failures += 1;
        let hopeless = matches!(failed, Look::Hopeless(_)) || self.failures >= FAILURES;
        // Out of time, the status that was cut off is no failure of its own, and says nothing against the last one.
        if self.started.elapsed() >= self.wait.limit {
            self.last_error = Some(failed);
            return Err(Ended::Timeout);
        }
        let (Look::Failed(error) | Look::Hopeless(error)) = &failed;
        tracing::warn!(target: "jubilant::wait", "{error}");
        self.last_error = Some(failed);
        (self.held, self.held_since) = (0, None);
        if hopeless { Err(Ended::NoStatus { failures: self.failures }) } else { Ok(()) }
    }

    fn next_pause(&mut self, took: Duration) -> Duration {
        if let Some(interval) = self.wait.interval {
            return interval;
        }
        if self.failures > 0 {
            return LONGEST_PAUSE;
        }
        // While it holds, what could still undo it takes the longer the slower this Juju is.
        if self.held > 0 {
            return (took * 2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        }
        let pause = self.pause;
        self.pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        pause
    }

    fn tell_look(&self) {
        let (elapsed, limit, unmet) = (self.started.elapsed(), self.wait.limit, self.reasons());
        (self.tell)(&Activity::WaitLooked { condition: &self.condition, elapsed, limit, unmet: &unmet });
    }

    fn tell_end(&self, result: &Result<(), Ended>) {
        let end = match result {
            Ok(()) => WaitEnd::Met,
            Err(Ended::Timeout) => WaitEnd::TimedOut,
            Err(Ended::FailOn { .. } | Ended::NoStatus { .. }) => WaitEnd::Failed,
        };
        let (elapsed, limit, unmet) = (self.started.elapsed(), self.wait.limit, self.reasons());
        let condition = &self.condition;
        (self.tell)(&Activity::WaitEnded { condition, elapsed, limit, end, unmet: &unmet });
    }

    fn reasons(&self) -> Vec<String> {
        self.unmet.keys().cloned().collect()
    }

    fn ending(self, ended: Ended) -> Ending<E> {
        let last_error = match (&ended, self.last_error) {
            (Ended::NoStatus { .. }, Some(Look::Hopeless(error))) => return Ending::Hopeless(error),
            (_, Some(Look::Failed(error) | Look::Hopeless(error))) => Some(error.into()),
            (_, None) => None,
        };
        let timeout = matches!(ended, Ended::Timeout);
        let units = self.status.iter().flat_map(Status::units);
        let held = (self.held > 0).then(|| {
            let time = self.held_since.map_or(Duration::ZERO, |since| since.elapsed());
            let (held, times, stable) = (self.held, self.wait.times, self.wait.stable_for);
            if held < times {
                format!("it held, but only {held} of {times} times in a row")
            } else {
                format!("it held, but only for {} of {}", shown::time(time), shown::time(stable))
            }
        });
        let error = Box::new(WaitError {
            busy: units.filter_map(|(name, unit)| busy(name, unit)).collect(),
            condition: self.condition,
            ended,
            limit: self.wait.limit,
            elapsed: self.started.elapsed(),
            held,
            unmet: self.unmet.into_iter().map(|(reason, since)| Unmet { reason, since }).collect(),
            changes: self.history.changes,
            status: self.status,
            last_error,
        });
        if timeout { Ending::TimedOut(error) } else { Ending::Failed(error) }
    }
}

/// `web/0 is waiting` of `web/0 is waiting: "3 of 7 done"`.
fn without_message(reason: &str) -> &str {
    reason.split_once(": \"").map_or(reason, |(start, _)| start)
}
