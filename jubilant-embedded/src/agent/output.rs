//! What a hook's process writes.

use std::io::{ErrorKind, PipeReader, PipeWriter, Read};
use std::os::fd::AsFd;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// The reading ends of a process's standard output and error.
pub(crate) struct Output {
    out: Lines,
    err: Lines,
}

struct Lines {
    pipe: PipeReader,
    /// The beginning of a line whose end has not come yet.
    rest: Vec<u8>,
}

impl Output {
    /// The pipes, and the writing ends for the process.
    pub(crate) fn new() -> std::io::Result<(Self, PipeWriter, PipeWriter)> {
        let (out, out_writer) = Lines::new()?;
        let (err, err_writer) = Lines::new()?;
        Ok((Self { out, err }, out_writer, err_writer))
    }

    /// The lines that have come, without waiting; with `last` the unfinished ones too.
    pub(crate) fn read(&mut self, last: bool) -> (Vec<String>, Vec<String>) {
        (self.out.read(last), self.err.read(last))
    }
}

impl Lines {
    fn new() -> std::io::Result<(Self, PipeWriter)> {
        let (pipe, writer) = std::io::pipe()?;
        // Only the reading end: a daemon may go on holding the other one, and must not be waited for.
        let flags = fcntl_getfl(pipe.as_fd())?;
        fcntl_setfl(pipe.as_fd(), flags | OFlags::NONBLOCK)?;
        Ok((Self { pipe, rest: Vec::new() }, writer))
    }

    fn read(&mut self, last: bool) -> Vec<String> {
        let mut buffer = [0; 16 * 1024];
        loop {
            match self.pipe.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => self.rest.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
            // A process that writes without end must not fill the memory.
            if self.rest.len() > 4 * 1024 * 1024 {
                break;
            }
        }
        let end = match last {
            true => self.rest.len(),
            false => self.rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1),
        };
        let whole: Vec<u8> = self.rest.drain(..end).collect();
        let text = String::from_utf8_lossy(&whole);
        text.split_inclusive('\n').map(str::to_owned).collect()
    }
}
