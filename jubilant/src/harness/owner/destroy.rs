//! Destroying a model: tried again until Juju says that it is gone, each try bounded.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::harness::models::{self, Existence, existence};
use crate::juju::Juju;

/// A model to destroy.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// With its controller, where that is known.
    pub(crate) name: String,
    /// If known, a model of the same name and another UUID is not meant.
    pub(crate) uuid: Option<String>,
    /// An `add-model` that was cut off may still be completed by the controller.
    pub(crate) may_still_come: bool,
}

/// How the destruction ended.
#[derive(Debug)]
pub(crate) enum Destroyed {
    Done,
    /// There is another model of that name, which was not touched.
    NotOurs,
    /// Juju did not do it until the patience was at its end.
    Left(String),
}

/// How long a model must stay unknown that may still come.
const UNKNOWN: Duration = Duration::from_secs(3);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How many tries fit into the time after which it is overdue.
const TRIES: u32 = 5;
/// How long a try may take, at least, when nobody waits any more.
const LATE_TRY: Duration = Duration::from_secs(60);

/// For how long it is tried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// When nobody waits any more.
    overdue: Duration,
    end: Duration,
}

impl Patience {
    /// For so long, and no longer.
    pub(crate) fn only(limit: Duration) -> Patience {
        Patience { overdue: limit, end: limit }
    }

    /// For so long while somebody waits, and then for much longer: a real controller can be away for minutes.
    pub(crate) fn and_more(limit: Duration) -> Patience {
        Patience { overdue: limit, end: (limit * 3).max(Duration::from_secs(15 * 60)) }
    }
}

/// Destroys it. When it is overdue, `overdue` is told why, once.
pub(crate) fn destroy(
    juju: &Juju,
    target: &Target,
    patience: Patience,
    overdue: impl FnOnce(&str),
) -> Destroyed {
    let started = Instant::now();
    let mut overdue = Some(overdue);
    let mut destruction = Destruction { juju, target, unknown_since: None, why: String::new() };
    let mut pause = FIRST_PAUSE;
    loop {
        let try_limit = patience.overdue / TRIES;
        let try_limit = if overdue.is_some() { try_limit } else { LATE_TRY.max(try_limit) };
        if let Some(end) = destruction.step(try_limit) {
            return end;
        }
        if started.elapsed() >= patience.overdue
            && let Some(overdue) = overdue.take()
        {
            overdue(&destruction.why);
        }
        if started.elapsed() >= patience.end {
            return Destroyed::Left(destruction.why);
        }
        sleep(pause);
        let longest = if destruction.unknown_since.is_some() { UNKNOWN / 3 } else { LONGEST_PAUSE };
        pause = (pause * 2).min(longest);
    }
}

struct Destruction<'a> {
    juju: &'a Juju,
    target: &'a Target,
    unknown_since: Option<Instant>,
    /// Why it is not done yet.
    why: String,
}

impl Destruction<'_> {
    /// One try, within `limit`; none means that another is needed.
    fn step(&mut self, limit: Duration) -> Option<Destroyed> {
        let asking = self.juju.clone().command_timeout(limit);
        match existence(&asking, &self.target.name) {
            Existence::No => {
                let since = *self.unknown_since.get_or_insert_with(Instant::now);
                if !self.target.may_still_come || since.elapsed() >= UNKNOWN {
                    return Some(Destroyed::Done);
                }
                self.why = "an add-model may not have come to its end".to_owned();
                return None;
            }
            Existence::Yes { uuid } if self.target.uuid.as_ref().is_some_and(|ours| *ours != uuid) => {
                return Some(Destroyed::NotOurs);
            }
            Existence::Yes { .. } => self.unknown_since = None,
            Existence::Unknown(error) => {
                self.why = error.to_string();
                // The controller itself is unknown to this client, or there is no `juju`: no try will change that.
                return models::is_unreachable(&error).then(|| Destroyed::Left(self.why.clone()));
            }
        }
        match self.juju.destroy_model(models::forced(&self.target.name).give_up_after(limit)) {
            // "Model destroyed." may come while it is still listed: the next look tells.
            Ok(()) => self.why = "Juju says that it is destroyed, and still lists it".to_owned(),
            Err(error) if models::is_gone(&error) => {}
            Err(error) => {
                self.why = error.to_string();
                return None;
            }
        }
        match existence(&asking, &self.target.name) {
            Existence::No if !self.target.may_still_come || self.target.uuid.is_some() => {
                Some(Destroyed::Done)
            }
            _ => None,
        }
    }
}
