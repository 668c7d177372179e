//! Boundary marks in a worker's output: where what one test prints ends and the next one's begins.
//!
//! A worker's standard output and error are one pipe, which whatever a test starts may write to, and go on
//! writing to. Marks hold nothing that counts but a number: what happened travels on a pipe of its own. Each is
//! a single write below the size up to which a pipe's writes stay whole (512 bytes, POSIX's `PIPE_BUF`).

use std::os::fd::OwnedFd;
use std::thread::sleep;
use std::time::Duration;

const MARK: u8 = b'\x1e';
/// The digits of a number and the end of a mark.
const LONGEST_REST: usize = 22;

/// The number that only the supervisor writes, after all that a worker can have written.
pub(crate) const END: u64 = 0;

/// Writes marks into a pipe, whoever else writes to it.
pub(crate) struct Marker {
    begin: Vec<u8>,
    pipe: OwnedFd,
}

impl Marker {
    pub(crate) fn new(nonce: &str, pipe: OwnedFd) -> Marker {
        Marker { begin: beginning(nonce), pipe }
    }

    pub(crate) fn write(&self, number: u64) {
        self.make_blocking();
        let mark = [&self.begin[..], number.to_string().as_bytes(), &[MARK, b'\n']].concat();
        loop {
            match rustix::io::write(&self.pipe, &mark) {
                // It may become so again at any time.
                Err(rustix::io::Errno::AGAIN) => sleep(Duration::from_millis(1)),
                Err(rustix::io::Errno::INTR) => {}
                // A closed pipe means that nobody listens any more.
                Ok(_) | Err(_) => return,
            }
        }
    }

    /// A program that shares the pipe may have made it non-blocking, and then a test cannot print while it is full.
    fn make_blocking(&self) {
        use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
        if let Ok(flags) = fcntl_getfl(&self.pipe)
            && flags.contains(OFlags::NONBLOCK)
        {
            let _ = fcntl_setfl(&self.pipe, flags - OFlags::NONBLOCK);
        }
    }
}

fn beginning(nonce: &str) -> Vec<u8> {
    [&[MARK], nonce.as_bytes(), b":"].concat()
}

/// One piece of a worker's output.
#[derive(Debug, PartialEq)]
pub(crate) enum Piece {
    Text(Vec<u8>),
    Mark(u64),
    /// Something that begins like a mark and is none.
    Broken,
}

/// Takes a worker's output apart again.
pub(crate) struct Splitter {
    begin: Vec<u8>,
    buffer: Vec<u8>,
}

impl Splitter {
    pub(crate) fn new(nonce: &str) -> Splitter {
        Splitter { begin: beginning(nonce), buffer: Vec::new() }
    }

    /// The pieces complete so far.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<Piece> {
        self.buffer.extend_from_slice(bytes);
        let mut pieces = Vec::new();
        let mut done = 0;
        loop {
            let rest = &self.buffer[done..];
            let Some(start) = memchr::memmem::find(rest, &self.begin) else {
                let keep = self.partial_beginning(rest);
                text(&rest[..rest.len() - keep], &mut pieces);
                done = self.buffer.len() - keep;
                break;
            };
            text(&rest[..start], &mut pieces);
            done += start;
            let body = &rest[start + self.begin.len()..];
            let digits = body.iter().take_while(|byte| byte.is_ascii_digit()).count();
            match body.get(digits..digits + 2) {
                // It may have arrived in part.
                None if body.len() < LONGEST_REST => break,
                Some([MARK, b'\n']) => {
                    let number = std::str::from_utf8(&body[..digits]).ok().and_then(|text| text.parse().ok());
                    pieces.push(number.map_or(Piece::Broken, Piece::Mark));
                    done += self.begin.len() + digits + 2;
                }
                Some(_) | None => {
                    pieces.push(Piece::Broken);
                    done += self.begin.len();
                }
            }
        }
        self.buffer.drain(..done);
        pieces
    }

    /// What is left at the end: it may look like the beginning of a mark and is none.
    pub(crate) fn rest(&mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        text(&std::mem::take(&mut self.buffer), &mut pieces);
        pieces
    }

    /// How many bytes at the end of `text` could be the beginning of a mark.
    fn partial_beginning(&self, text: &[u8]) -> usize {
        let longest = self.begin.len().min(text.len() + 1);
        (1..longest).rev().find(|length| text.ends_with(&self.begin[..*length])).unwrap_or(0)
    }
}

fn text(bytes: &[u8], pieces: &mut Vec<Piece>) {
    if !bytes.is_empty() {
        pieces.push(Piece::Text(bytes.to_vec()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Neighbouring texts as one.
    fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
        let mut all: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (all.last_mut(), piece) {
                (Some(Piece::Text(before)), Piece::Text(more)) => before.extend(more),
                (_, piece) => all.push(piece),
            }
        }
        all
    }

    #[test]
    fn output_and_marks_come_apart_however_the_bytes_arrive() {
        let stream = b"no newline \x1e yet\x1en0nce:1\x1e\nmore\n\x1en0nce:18446744073709551615\x1e\n\x1en0nce:x\x1en0";
        let expected = [
            Piece::Text(b"no newline \x1e yet".to_vec()),
            Piece::Mark(1),
            Piece::Text(b"more\n".to_vec()),
            Piece::Mark(u64::MAX),
            Piece::Broken,
            Piece::Text(b"x\x1en0".to_vec()),
        ];
        for chunk in 1..stream.len() {
            let mut splitter = Splitter::new("n0nce");
            let mut pieces: Vec<Piece> =
                stream.chunks(chunk).flat_map(|bytes| splitter.feed(bytes)).collect();
            pieces.extend(splitter.rest());
            assert_eq!(joined(pieces), expected, "in chunks of {chunk}");
        }
    }

    #[test]
    fn a_mark_is_below_what_a_pipe_keeps_whole() {
        let longest = beginning("0123456789abcdef").len() + LONGEST_REST;
        assert!(longest <= 512, "{longest}");
    }
}
