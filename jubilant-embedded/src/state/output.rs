//! What a hook's process writes, in bounded memory whatever its length.

use std::fs::{self, File};
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::mem;
use std::os::fd::AsFd;
use std::path::PathBuf;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// A line that is longer goes into a file of its own.
const LONG: usize = 64 * 1024;
/// How much of a pipe is logged at a time: a byte may be a line, which takes a hundred in memory.
const BATCH: usize = 64 * 1024;
/// After so many batches a pipe was empty once: none holds more than 1 MiB (`/proc/sys/fs/pipe-max-size`).
pub(super) const BATCHES: usize = 1024 * 1024 / BATCH;

/// The reading ends of a process's standard output and error.
pub(crate) struct Output {
    pub(crate) out: Lines,
    pub(crate) err: Lines,
}

/// One line of output, without its end.
pub(crate) enum Text {
    Short(String),
    /// The name of the file that holds it.
    Long(String),
}

pub(crate) struct Lines {
    pipe: PipeReader,
    /// Everything is copied there: the result of a task.
    copy: Option<File>,
    /// Where long lines go.
    dir: PathBuf,
    /// The beginning of a line whose end has not come yet.
    rest: Vec<u8>,
    /// The file of the long line that is being read, and its name.
    long: Option<(File, String)>,
    /// Nobody wants the lines, only the copy.
    pub(crate) unwanted: bool,
}

impl Output {
    /// The pipes, and the writing ends for the process.
    pub(crate) fn new(dir: PathBuf, copies: Option<(File, File)>) -> io::Result<(Self, [PipeWriter; 2])> {
        let (out_copy, err_copy) = copies.unzip();
        let (out, out_writer) = Lines::new(dir.clone(), out_copy)?;
        let (err, err_writer) = Lines::new(dir, err_copy)?;
        Ok((Self { out, err }, [out_writer, err_writer]))
    }

    /// The reading ends, to wait on.
    pub(crate) fn readers(&self) -> io::Result<[PipeReader; 2]> {
        Ok([self.out.pipe.try_clone()?, self.err.pipe.try_clone()?])
    }
}

impl Lines {
    fn new(dir: PathBuf, copy: Option<File>) -> io::Result<(Self, PipeWriter)> {
        let (pipe, writer) = io::pipe()?;
        // Only the reading end: a daemon may go on holding the other one, and must not be waited for.
        let flags = fcntl_getfl(pipe.as_fd())?;
        fcntl_setfl(pipe.as_fd(), flags | OFlags::NONBLOCK)?;
        Ok((Self { pipe, copy, dir, rest: Vec::new(), long: None, unwanted: false }, writer))
    }

    /// Takes the whole lines of what has come, without waiting and no more than a batch; `None` if nothing has come.
    pub(crate) fn read(&mut self) -> Option<Vec<Text>> {
        let mut lines = Vec::new();
        let mut buffer = [0; 16 * 1024];
        let mut taken = 0;
        while taken < BATCH {
            match self.pipe.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    taken += length;
                    self.take(&buffer[..length], &mut lines);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        (taken > 0).then_some(lines)
    }

    /// The line that has no end.
    pub(crate) fn last(&mut self) -> Option<Text> {
        (!self.rest.is_empty() || self.long.is_some()).then(|| self.end_line())
    }

    fn take(&mut self, bytes: &[u8], lines: &mut Vec<Text>) {
        if let Some(copy) = &mut self.copy
            && copy.write_all(bytes).is_err()
        {
            // The disk is full: the log tells what there was until then.
            self.copy = None;
        }
        if self.unwanted {
            return;
        }
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (piece, ends) = piece.strip_suffix(b"\n").map_or((piece, false), |piece| (piece, true));
            self.rest.extend_from_slice(piece);
            if self.rest.len() > LONG {
                self.put_aside();
            }
            if ends {
                lines.push(self.end_line());
            }
        }
    }

    /// Moves the beginning of a long line into its file.
    fn put_aside(&mut self) {
        if self.long.is_none() {
            let name = uuid::Uuid::new_v4().simple().to_string();
            let create = || {
                fs::create_dir_all(&self.dir)?;
                File::create_new(self.dir.join(&name))
            };
            // Without room for a file the line is cut.
            self.long = create().ok().map(|file| (file, name));
        }
        if let Some((file, _)) = &mut self.long {
            let _ = file.write_all(&self.rest);
        }
        self.rest.clear();
    }

    fn end_line(&mut self) -> Text {
        let rest = mem::take(&mut self.rest);
        match self.long.take() {
            Some((mut file, name)) => {
                let _ = file.write_all(&rest);
                Text::Long(name)
            }
            None => Text::Short(String::from_utf8_lossy(&rest).trim_end().to_owned()),
        }
    }
}
