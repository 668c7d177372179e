//! What a client does, as events of the run.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::link::Link;
use super::record::Event;
use crate::error::Exit;
use crate::juju::Juju;
use crate::observe::{Activity, WaitEnd};

/// A wait whose unmet conditions stay the same is told of again after this time.
const AGAIN: Duration = Duration::from_secs(5);

/// The client, which tells what it does from now on.
pub(crate) fn observed(juju: Juju, link: Arc<Link>) -> Juju {
    let progress = Mutex::new(Progress::default());
    juju.observed_by(move |activity| {
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(event) = progress.event(activity) {
            link.tell(event);
        }
    })
}

/// The event of a command that ended; none for any other activity.
pub(crate) fn command(activity: &Activity<'_>) -> Option<Event> {
    let Activity::Command { command, took, exit, .. } = activity else { return None };
    let exit = match exit {
        // Its own words are those of a command that failed.
        Some(Exit::Code(code)) => format!("exit code {code}"),
        Some(exit) => exit.to_string(),
        None => "could not be started".to_owned(),
    };
    Some(Event::Command { command: (*command).to_owned(), seconds: took.as_secs_f64(), exit })
}

/// What has been told of the wait that lasts: a look each second says little that is new.
#[derive(Default)]
struct Progress {
    told: Option<Instant>,
    unmet: Vec<String>,
}

impl Progress {
    fn event(&mut self, activity: &Activity<'_>) -> Option<Event> {
        Some(match activity {
            Activity::WaitBegan { condition, limit, .. } => {
                *self = Progress::default();
                Event::WaitBegan { condition: (*condition).to_owned(), limit: limit.as_secs_f64() }
            }
            Activity::WaitLooked { condition, elapsed, limit, unmet, .. } => {
                if self.unmet == *unmet && self.told.is_some_and(|told| told.elapsed() < AGAIN) {
                    return None;
                }
                *self = Progress { told: Some(Instant::now()), unmet: unmet.to_vec() };
                Event::WaitProgressed {
                    condition: (*condition).to_owned(),
                    elapsed: elapsed.as_secs_f64(),
                    limit: limit.as_secs_f64(),
                    unmet: unmet.to_vec(),
                }
            }
            Activity::WaitEnded { condition, elapsed, end, unmet, .. } => {
                let (condition, elapsed) = ((*condition).to_owned(), elapsed.as_secs_f64());
                let unmet = unmet.to_vec();
                match end {
                    WaitEnd::Met => Event::WaitMet { condition, elapsed },
                    WaitEnd::TimedOut => Event::WaitTimedOut { condition, elapsed, unmet },
                    WaitEnd::Failed => Event::WaitFailed { condition, elapsed, unmet },
                }
            }
            Activity::StatusChanged { model, change, .. } => Event::StatusChanged {
                model: model.map(str::to_owned),
                entity: change.entity.clone(),
                old: change.old.clone(),
                new: change.new.clone(),
            },
            Activity::Command { .. } => return command(activity),
        })
    }
}
