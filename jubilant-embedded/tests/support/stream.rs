//! Large output that is checked while it comes, so that the test never holds it.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part")]

use std::io::{BufRead, BufReader};
use std::process::{ChildStdout, Command, Stdio};

/// Its length is a prime: whatever is lost or doubled at a power of two shows.
const PATTERN: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY";

/// Shell code that writes `bytes` bytes of the pattern to standard output, as one line without an end.
pub fn payload(bytes: u64) -> String {
    format!("yes {PATTERN} | tr -d '\\n' | head -c {bytes}")
}

/// A reader's place in the payload.
pub struct Payload {
    wheel: Vec<u8>,
    seen: u64,
}

impl Payload {
    pub fn new() -> Self {
        Self { wheel: PATTERN.repeat(4096).into_bytes(), seen: 0 }
    }

    /// Takes over what `bytes` begins with as far as it is the payload's next part, and says how much that is.
    pub fn take(&mut self, bytes: &[u8]) -> usize {
        let start = (self.seen % PATTERN.len() as u64) as usize;
        let length = bytes.len().min(self.wheel.len() - start);
        let (given, expected) = (&bytes[..length], &self.wheel[start..start + length]);
        let same = match given == expected {
            true => length,
            false => given.iter().zip(expected).take_while(|(one, other)| one == other).count(),
        };
        self.seen += same as u64;
        same
    }

    /// How much of it has come.
    pub fn seen(&self) -> u64 {
        self.seen
    }
}

/// Starts a command, hands over its standard output, and wants it to succeed.
#[track_caller]
pub fn stream<T>(mut command: Command, read: impl FnOnce(BufReader<ChildStdout>) -> T) -> T {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
    let stdout = child.stdout.take().expect("a pipe");
    let value = read(BufReader::with_capacity(128 * 1024, stdout));
    assert!(child.wait().expect("it ends").success());
    value
}

/// How much of the payload a log holds in lines of this level and module: nothing else may stand in them.
pub fn payload_in_log(mut log: impl BufRead, level: &str, module: &str) -> u64 {
    let wanted = format!(" {level} {module} ");
    let mut payload = Payload::new();
    while let Some(head) = head(&mut log) {
        if !head.ends_with(&wanted) {
            log.skip_until(b'\n').expect("the log can be read");
            continue;
        }
        while take_from(&mut log, &mut payload) {}
        let mut end = [0];
        log.read_exact(&mut end).expect("the log has whole lines");
        assert_eq!(end[0].escape_ascii().to_string(), "\\n", "at {}", payload.seen());
    }
    payload.seen()
}

/// Takes what comes next as far as it is the payload, and says whether there was any.
fn take_from(reader: &mut impl BufRead, payload: &mut Payload) -> bool {
    let taken = payload.take(reader.fill_buf().expect("the output can be read"));
    reader.consume(taken);
    taken > 0
}

/// A log line up to its message: entity, time, level and module with a blank after each.
fn head(log: &mut impl BufRead) -> Option<String> {
    let mut head = Vec::new();
    for _ in 0..4 {
        if log.read_until(b' ', &mut head).expect("the log can be read") == 0 {
            assert!(head.is_empty(), "the log ends within a line: {head:?}");
            return None;
        }
    }
    Some(String::from_utf8(head).expect("the log is UTF-8"))
}

/// How much of the payload a JSON text holds as the string under `key`.
pub fn payload_in_json(mut json: impl BufRead, key: &str) -> u64 {
    let marker = format!("\"{key}\":\"");
    let mut last = Vec::new();
    let mut byte = [0];
    while !last.ends_with(marker.as_bytes()) {
        assert_eq!(json.read(&mut byte).expect("the text can be read"), 1, "no {key} in {last:?}");
        last.push(byte[0]);
    }
    let mut payload = Payload::new();
    while take_from(&mut json, &mut payload) {}
    json.read_exact(&mut byte).expect("the text has an end");
    assert_eq!(byte[0].escape_ascii().to_string(), "\\\"", "at {}", payload.seen());
    std::io::copy(&mut json, &mut std::io::sink()).expect("the text can be read");
    payload.seen()
}
