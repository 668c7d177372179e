//! The loop that looks at the status until a condition holds.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use indexmap::IndexMap;

use super::error::{Ended, Unmet, WaitError, short};
use super::history::History;
use super::options::Wait;
use super::quantified::busy;
use crate::error::{Error, Result};
use crate::juju::Juju;
use crate::observe::{Activity, WaitEnd};
use crate::types::Status;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
/// A failing status is no reason to give up, a Juju that fails for good is.
const FAILURES: u32 = 5;

/// Waits for a condition on `juju`'s status.
pub(crate) fn run(juju: &Juju, wait: &Wait) -> Result<Status> {
    let mut polling = Polling::new(juju, wait);
    tracing::info!(target: "jubilant::wait", "waiting for {}, {} at most", polling.condition, short(wait.limit));
    juju.tell(&Activity::WaitBegan { condition: &polling.condition, limit: wait.limit });
    let result = polling.until_met();
    polling.tell_end(&result);
    let took = short(polling.started.elapsed());
    match result {
        Ok(()) => {
            tracing::info!(target: "jubilant::wait", "{} after {took}", polling.condition);
            Ok(polling.status.unwrap_or_default())
        }
        Err(ended) => Err(polling.error(ended)),
    }
}

/// What a wait has seen so far.
struct Polling<'w> {
    juju: &'w Juju,
    wait: &'w Wait,
    condition: String,
    started: Instant,
    /// The current reasons, each with the time since which it has been one, whatever its message.
    unmet: IndexMap<String, Duration>,
    history: History,
    status: Option<Status>,
    last_error: Option<Error>,
    failures: u32,
    /// How often in a row the condition has held, and since when.
    held: u32,
    held_since: Option<Instant>,
    pause: Duration,
}

impl<'w> Polling<'w> {
    fn new(juju: &'w Juju, wait: &'w Wait) -> Self {
        Polling {
            juju,
            wait,
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

    fn until_met(&mut self) -> Result<(), Ended> {
        loop {
            let left = self.wait.limit.saturating_sub(self.started.elapsed());
            if left.is_zero() {
                return Err(Ended::Timeout);
            }
            let asked = Instant::now();
            match self.juju.status_within(left) {
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
            self.juju.tell(&Activity::StatusChanged { model: self.juju.model(), change });
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

    fn failed(&mut self, error: Error) -> Result<(), Ended> {
        (self.held, self.held_since) = (0, None);
        self.failures += 1;
        let hopeless = matches!(error, Error::Start(_)) || self.failures >= FAILURES;
        // Out of time, the status that was cut off is no failure of its own.
        if self.started.elapsed() < self.wait.limit {
            tracing::warn!(target: "jubilant::wait", "{error}");
        }
        self.last_error = Some(error);
        if self.started.elapsed() >= self.wait.limit {
            return Err(Ended::Timeout);
        }
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
        self.juju.tell(&Activity::WaitLooked { condition: &self.condition, elapsed, limit, unmet: &unmet });
    }

    fn tell_end(&self, result: &Result<(), Ended>) {
        let end = match result {
            Ok(()) => WaitEnd::Met,
            Err(Ended::Timeout) => WaitEnd::TimedOut,
            Err(Ended::FailOn { .. } | Ended::NoStatus { .. }) => WaitEnd::Failed,
        };
        let (elapsed, limit, unmet) = (self.started.elapsed(), self.wait.limit, self.reasons());
        let condition = &self.condition;
        self.juju.tell(&Activity::WaitEnded { condition, elapsed, limit, end, unmet: &unmet });
    }

    fn reasons(&self) -> Vec<String> {
        self.unmet.keys().cloned().collect()
    }

    fn error(self, ended: Ended) -> Error {
        // Nothing was waited for yet, and the error itself says what to do.
        let last_error = match (&ended, self.last_error) {
            (Ended::NoStatus { .. }, Some(error @ Error::Start(_))) => return error,
            (_, last_error) => last_error,
        };
        let timeout = matches!(ended, Ended::Timeout);
        let units = self.status.iter().flat_map(Status::units);
        let held = (self.held > 0).then(|| {
            let time = self.held_since.map_or(Duration::ZERO, |since| since.elapsed());
            let (held, times, stable) = (self.held, self.wait.times, self.wait.stable_for);
            if held < times {
                format!("it held, but only {held} of {times} times in a row")
            } else {
                format!("it held, but only for {} of {}", short(time), short(stable))
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
        if timeout { Error::WaitTimeout(error) } else { Error::WaitFailed(error) }
    }
}

/// `web/0 is waiting` of `web/0 is waiting: "3 of 7 done"`.
fn without_message(reason: &str) -> &str {
    reason.split_once(": \"").map_or(reason, |(start, _)| start)
}
