//! The way back to a client.

use std::io::{self, Write};
use std::os::unix::net::UnixStream;

use super::protocol::Frame;
use super::socket;

/// Where the answer to a command or a hook tool goes.
pub(crate) struct Reply {
    stream: UnixStream,
    /// The client is gone; there is nobody left to write to.
    closed: bool,
}

impl Reply {
    pub(crate) fn new(stream: UnixStream) -> Self {
        Self { stream, closed: false }
    }

    pub(crate) fn out(&mut self, text: impl Into<String>) {
        self.send(&Frame::Out(text.into()));
    }

    pub(crate) fn err(&mut self, text: impl Into<String>) {
        self.send(&Frame::Err(text.into()));
    }

    /// A writer for what may be long: it goes out in pieces.
    pub(crate) fn writer(&mut self) -> Writer<'_> {
        Writer { reply: self, kept: Vec::new() }
    }

    /// Finds out whether anybody is still listening.
    pub(crate) fn is_open(&mut self) -> bool {
        self.send(&Frame::Alive);
        !self.closed
    }

    pub(crate) fn send(&mut self, frame: &Frame) {
        if self.closed {
            return;
        }
        let Ok(mut line) = serde_json::to_vec(frame) else { return };
        line.push(b'\n');
        self.closed = socket::send(&self.stream, &line).is_err();
    }
}

/// How long a piece of a long output is at most.
const PIECE: usize = 64 * 1024;

/// Sends UTF-8 text to standard output. Call `flush` at the end.
pub(crate) struct Writer<'a> {
    reply: &'a mut Reply,
    kept: Vec<u8>,
}

impl Writer<'_> {
    /// Sends what is kept, up to the last character that is whole.
    fn send(&mut self) -> io::Result<()> {
        let whole = match std::str::from_utf8(&self.kept) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(error) => return Err(io::Error::other(error)),
        };
        let text = String::from_utf8_lossy(&self.kept[..whole]).into_owned();
        self.kept.drain(..whole);
        self.reply.out(text);
        match self.reply.closed {
            true => Err(io::ErrorKind::BrokenPipe.into()),
            false => Ok(()),
        }
    }
}

impl Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.kept.len());
        self.kept.extend_from_slice(&bytes[..taken]);
        if self.kept.len() == PIECE {
            self.send()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.kept.is_empty() { Ok(()) } else { self.send() }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::thread;

    use super::*;

    #[test]
    fn a_long_output_goes_out_in_pieces_that_end_with_a_character() {
        let (near, far) = UnixStream::pair().expect("a pair of sockets");
        let reader = thread::spawn(move || {
            let lines = BufReader::new(far).lines().map(|line| line.expect("a line"));
            let frames = lines.map(|line| serde_json::from_str(&line).expect("a frame"));
            frames
                .map(|frame| match frame {
                    Frame::Out(text) => text,
                    other => panic!("{other:?} is no output"),
                })
                .collect::<Vec<String>>()
        });
        let text = format!("x{}", "é".repeat(3 * PIECE));
        let mut reply = Reply::new(near);
        let mut writer = reply.writer();
        writer.write_all(text.as_bytes()).and_then(|()| writer.flush()).expect("a reader");
        drop(reply);
        let pieces = reader.join().expect("the frames");
        assert_eq!(pieces.concat(), text);
        assert!(pieces.len() > 5 && pieces.iter().all(|piece| piece.len() <= PIECE), "{}", pieces.len());
    }
}
