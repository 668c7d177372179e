//! Long waits, told while they last: a run on a real cloud must not look hung.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::events::{Event, Sink};
use crate::Activity;

/// How long a wait may last before it is told, and how long until it is told again.
const FIRST: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_secs(30);

/// Tells a `Juju`'s long waits to `sink`.
pub(crate) fn observer(sink: Sink) -> impl Fn(&Activity<'_>) + Send + Sync + 'static {
    let last: Mutex<Option<Instant>> = Mutex::new(None);
    move |activity| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        match activity {
            Activity::WaitLooked { condition, elapsed, limit, unmet }
                if *elapsed >= FIRST && last.is_none_or(|last| last.elapsed() >= AGAIN) =>
            {
                *last = Some(Instant::now());
                sink.send(Event::Waiting { progress: describe(condition, *elapsed, *limit, unmet) });
            }
            Activity::WaitEnded { .. } => *last = None,
            _ => {}
        }
    }
}

fn describe(condition: &str, elapsed: Duration, limit: Duration, unmet: &[String]) -> String {
    let mut text = format!("waits for {condition} ({} s of {} s)", elapsed.as_secs(), limit.as_secs());
    if let Some((first, more)) = unmet.split_first() {
        text.push_str(&format!(": {first}"));
        if !more.is_empty() {
            text.push_str(&format!(", and {} more", more.len()));
        }
    }
    text
}
