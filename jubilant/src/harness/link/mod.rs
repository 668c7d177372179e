//! A worker's own line to its supervisor: what happens goes up, answers come down.
//!
//! It is a pipe each way that nothing else has: close-on-exec, so that no program that a test starts can hold it or
//! write into it, whatever that program does to the output.

pub(crate) mod marks;

use std::io::{BufRead, PipeWriter, Write};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::harness::models::{Answer, Request};
use crate::harness::record::{Event, now};
use marks::Marker;

/// One line from a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// Counted from 1: a gap is seen.
    pub(crate) number: u64,
    /// The mark in the output that stands where this happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<u64>,
    pub(crate) at: u64,
    pub(crate) said: Said,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Said {
    /// What happened at one time.
    Events(Vec<Event>),
    /// A test needs a model; the worker waits for the answer.
    AddModel(Request),
}

/// The worker's end.
pub(crate) struct Link {
    writer: Mutex<Writer>,
    answers: Mutex<Receiver<Answer>>,
}

struct Writer {
    pipe: PipeWriter,
    /// None where the output is not captured.
    marker: Option<Marker>,
    lines: u64,
    marks: u64,
}

impl Link {
    /// The line over `pipe`; the sender takes in the answers that come from the supervisor.
    pub(crate) fn new(pipe: PipeWriter, marker: Option<Marker>) -> (Link, Sender<Answer>) {
        let (sender, answers) = mpsc::channel();
        let writer = Writer { pipe, marker, lines: 0, marks: 0 };
        (Link { writer: Mutex::new(writer), answers: Mutex::new(answers) }, sender)
    }

    pub(crate) fn tell(&self, event: Event) {
        lock(&self.writer).write(Said::Events(vec![event]), None);
    }

    /// Tells what happened at one time, and marks the place in the output where it did.
    pub(crate) fn tell_marked(&self, events: impl IntoIterator<Item = Event>) {
        let mut writer = lock(&self.writer);
        let mark = writer.mark();
        writer.write(Said::Events(events.into_iter().collect()), mark);
    }

    /// Asks for a model and waits for it.
    pub(crate) fn add_model(&self, request: Request) -> Answer {
        // Held until the answer is there: requests are answered one by one.
        let answers = lock(&self.answers);
        lock(&self.writer).write(Said::AddModel(request), None);
        answers.recv().unwrap_or_else(|_| Err("the run that this worker belongs to has ended".to_owned()))
    }
}

impl Writer {
    fn mark(&mut self) -> Option<u64> {
        let marker = self.marker.as_ref()?;
        self.marks += 1;
        // What this process has printed comes before the mark.
        let _ = std::io::stdout().flush();
        marker.write(self.marks);
        Some(self.marks)
    }

    fn write(&mut self, said: Said, mark: Option<u64>) {
        self.lines += 1;
        let line = Line { number: self.lines, mark, at: now(), said };
        // Strings, numbers and enums always serialise; if not, the supervisor misses the number.
        let Ok(mut bytes) = serde_json::to_vec(&line) else { return };
        bytes.push(b'\n');
        // Nobody listens any more: whoever notices ends this process.
        let _ = self.pipe.write_all(&bytes);
    }
}

/// Passes the supervisor's answers on until it closes its end.
pub(crate) fn pass_answers(from: impl BufRead, to: &Sender<Answer>) {
    for line in from.lines() {
        let Ok(line) = line else { return };
        let answer = serde_json::from_str(&line)
            .unwrap_or_else(|error| Err(format!("the answer of the harness cannot be read: {error}")));
        let _ = to.send(answer);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
