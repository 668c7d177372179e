//! Long waits, told while they last: a run on a real cloud must not look hung.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::events::{Event, Sink};
use crate::wait::{self, Progress};

/// How long a wait may last before it is told, and how long until it is told again.
const FIRST: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_secs(30);

/// From now on this process's long waits are told to `sink`.
pub(crate) fn tell(sink: Sink) {
    let last: Mutex<Option<Instant>> = Mutex::new(None);
    wait::observe(move |wait| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if wait.ended {
            *last = None;
        } else if wait.elapsed >= FIRST && last.is_none_or(|last| last.elapsed() >= AGAIN) {
            *last = Some(Instant::now());
            sink.send(Event::Waiting { progress: describe(wait) });
        }
    });
}

fn describe(wait: &Progress<'_>) -> String {
    let (elapsed, limit) = (wait.elapsed.as_secs(), wait.limit.as_secs());
    let mut text = format!("waits for {} ({elapsed} s of {limit} s)", wait.condition);
    if let Some((first, more)) = wait.unmet.split_first() {
        text.push_str(&format!(": {first}"));
        if !more.is_empty() {
            text.push_str(&format!(", and {} more", more.len()));
        }
    }
    text
}
