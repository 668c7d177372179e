//! What a module tells about itself while it runs, and how that travels through a worker's output.
//!
//! A worker's standard output and error are one pipe, so that whatever a test and its child processes print
//! is attributed exactly. Events travel in the same pipe, between marks that hold a random nonce of the run.

use std::io::Write;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::outcome::Verdict;

/// Something that happened in a module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Event {
    TestStarted {
        path: String,
    },
    TestEnded {
        path: String,
        verdict: Verdict,
        seconds: f64,
    },
    /// The running test has waited for a while; `progress` says for what.
    Waiting {
        progress: String,
    },
    /// About to be created, or (`adopted`) found from an earlier run.
    Model {
        name: String,
        adopted: bool,
    },
    /// Announced, but `add-model` failed: there is none of ours, or the watchdog sees to it.
    ModelNotMade {
        name: String,
    },
    /// Destroyed for certain.
    ModelDestroyed {
        name: String,
    },
    ModelKept {
        name: String,
    },
    /// What was saved about a failure before its model went away.
    Evidence {
        path: String,
        directory: PathBuf,
        summary: String,
    },
    TeardownFailed {
        message: String,
    },
    /// The worker is through; nothing follows.
    ModuleEnded,
    /// The watchdog of a dead worker has done what it could.
    WatchdogEnded,
}

const MARK: char = '\x1e';

/// Where events go.
#[derive(Clone)]
pub(crate) enum Sink {
    /// In-band, into this process's standard output (a worker) or error (its watchdog).
    Marks { nonce: String, to_stderr: bool },
    /// To the report in this process.
    Here(std::sync::mpsc::Sender<Item>),
}

/// One piece of a module's stream.
#[derive(Debug, PartialEq)]
pub(crate) enum Item {
    Output(Vec<u8>),
    Event(Event),
}

impl Sink {
    pub(crate) fn send(&self, event: Event) {
        match self {
            Sink::Marks { nonce, to_stderr } => {
                let mut mark = format!("{MARK}{nonce}").into_bytes();
                // Strings, numbers and enums: serialisation cannot fail; an event that did would be lost output only.
                serde_json::to_writer(&mut mark, &event).unwrap_or_default();
                mark.extend_from_slice(format!("{MARK}\n").as_bytes());
                // What the test printed comes first. A closed pipe means nobody listens any more.
                let _ = std::io::stdout().flush();
                let _ = if *to_stderr {
                    std::io::stderr().write_all(&mark)
                } else {
                    let mut stdout = std::io::stdout().lock();
                    stdout.write_all(&mark).and_then(|()| stdout.flush())
                };
            }
            Sink::Here(sender) => {
                let _ = sender.send(Item::Event(event));
            }
        }
    }
}

/// Takes a worker's byte stream apart again.
pub(crate) struct Decoder {
    begin: Vec<u8>,
    buffer: Vec<u8>,
}

impl Decoder {
    pub(crate) fn new(nonce: &str) -> Decoder {
        Decoder { begin: format!("{MARK}{nonce}").into_bytes(), buffer: Vec::new() }
    }

    /// The items complete so far.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<Item> {
        self.buffer.extend_from_slice(bytes);
        let mut items = Vec::new();
        while let Some(start) = find(&self.buffer, &self.begin) {
            let body = start + self.begin.len();
            let end_mark = format!("{MARK}\n");
            let Some(length) = find(&self.buffer[body..], end_mark.as_bytes()) else {
                self.output_until(start, &mut items);
                return items;
            };
            let event = serde_json::from_slice(&self.buffer[body..body + length]);
            self.output_until(start, &mut items);
            self.buffer.drain(..self.begin.len() + length + end_mark.len());
            items.extend(event.map(Item::Event));
        }
        // A mark may have arrived in part: keep back what could be its beginning.
        let keep = (1..self.begin.len().min(self.buffer.len() + 1))
            .rev()
            .find(|length| self.buffer.ends_with(&self.begin[..*length]))
            .unwrap_or(0);
        self.output_until(self.buffer.len() - keep, &mut items);
        items
    }

    fn output_until(&mut self, end: usize, items: &mut Vec<Item>) {
        if end > 0 {
            items.push(Item::Output(self.buffer.drain(..end).collect()));
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(event: &Event) -> Vec<u8> {
        format!("{MARK}n0nce{}{MARK}\n", serde_json::to_string(event).unwrap()).into_bytes()
    }

    #[test]
    fn output_and_events_come_apart_however_the_bytes_arrive() {
        let event = Event::TestEnded {
            path: "a::b".to_owned(),
            verdict: Verdict::Failed("two\nlines \x1e and a mark".to_owned()),
            seconds: 0.5,
        };
        let mut stream = b"no newline \x1e yet".to_vec();
        stream.extend(encoded(&event));
        stream.extend_from_slice(b"more\n");
        stream.extend(encoded(&Event::ModuleEnded));
        for chunk in 1..stream.len() {
            let mut decoder = Decoder::new("n0nce");
            let (mut output, mut events) = (Vec::new(), Vec::new());
            for item in stream.chunks(chunk).flat_map(|bytes| decoder.feed(bytes)) {
                match item {
                    Item::Output(bytes) => output.extend(bytes),
                    Item::Event(event) => events.push(event),
                }
            }
            assert_eq!(output, b"no newline \x1e yetmore\n", "in chunks of {chunk}");
            assert_eq!(events, [event.clone(), Event::ModuleEnded], "in chunks of {chunk}");
        }
    }
}
