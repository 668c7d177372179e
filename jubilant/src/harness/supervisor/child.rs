//! A worker: its start, its two streams, its end.

use std::io::{self, PipeReader, PipeWriter, Read, Write, pipe};
use std::os::fd::AsFd;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::harness::link::marks::{END, Marker, Piece, Splitter};
use crate::harness::models::Answer;
use crate::harness::settings::{WorkOrder, random};
use crate::harness::{place, worker};

/// What is seen of a worker.
pub(super) enum Seen {
    Piece(Piece),
    Line(String),
    /// No line can come any more.
    LinesEnded,
}

/// A running worker.
pub(super) struct Worker {
    pub(super) answers: Answers,
    lines: PipeReader,
    /// What has come of a line that is not whole; none when no more can come.
    partial: Option<Vec<u8>>,
    output: Option<Output>,
    /// None if it is a thread of this process.
    process: Option<Process>,
    buffer: Vec<u8>,
}

struct Output {
    pipe: PipeReader,
    splitter: Splitter,
}

/// Its process, and what marks the end of its output.
struct Process {
    child: Child,
    marker: Option<Marker>,
}

/// The way to the worker. Its closing tells the worker that nobody waits for its results any more.
#[derive(Clone)]
pub(super) struct Answers(Arc<Mutex<Option<PipeWriter>>>);

impl Answers {
    pub(super) fn write(&self, value: &impl serde::Serialize) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(value)?;
        bytes.push(b'\n');
        match &mut *self.lock() {
            Some(pipe) => pipe.write_all(&bytes),
            None => Ok(()),
        }
    }

    pub(super) fn answer(&self, answer: &Answer) {
        // Who is gone needs no answer.
        let _ = self.write(answer);
    }

    pub(super) fn close(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<PipeWriter>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// Starts a process that runs the module.
    pub(super) fn start(order: WorkOrder) -> io::Result<Worker> {
        let nonce = random();
        // A pipe for each way: where one socket serves both, each line wakes who waits for an answer, too.
        let ((lines, their_lines), (their_answers, answers)) = (pipe()?, pipe()?);
        let (output, input) = pipe()?;
        let mut command = Command::new(std::env::current_exe()?);
        if std::env::var_os(place::VARIABLE).is_none() {
            command.env(place::VARIABLE, "1");
        }
        // As `descriptors::take_line` expects it.
        command.stdin(their_answers).stdout(their_lines).stderr(input.try_clone()?);
        let child = command.args([worker::ARGUMENT, &order.module.name]).spawn()?;
        // The descriptors in it are the child's: here they would hold the streams open.
        drop(command);
        let output = Output { pipe: output, splitter: Splitter::new(&nonce) };
        let marker = Some(Marker::new(&nonce, input.into()));
        let worker = Worker::new(lines, answers, Some(output), Some(Process { child, marker }));
        worker.answers.write(&WorkOrder { nonce: Some(nonce), ..order })?;
        Ok(worker)
    }

    /// Runs the module in a thread of this process, whose output is not captured.
    pub(super) fn start_here(order: WorkOrder) -> io::Result<Worker> {
        let ((lines, their_lines), (their_answers, answers)) = (pipe()?, pipe()?);
        thread::Builder::new()
            .name(order.module.name.clone())
            .spawn(move || worker::run_here(&order, their_lines, their_answers))?;
        Ok(Worker::new(lines, answers, None, None))
    }

    fn new(
        lines: PipeReader,
        answers: PipeWriter,
        output: Option<Output>,
        process: Option<Process>,
    ) -> Worker {
        let answers = Answers(Arc::new(Mutex::new(Some(answers))));
        Worker { answers, lines, partial: Some(Vec::new()), output, process, buffer: vec![0; 16 * 1024] }
    }

    /// What there is to see; waits for it, but not longer than `limit`.
    pub(super) fn see(&mut self, limit: Duration) -> Vec<Seen> {
        let (line, output) = self.ready(limit).unwrap_or_default();
        let mut seen = Vec::new();
        if output {
            self.read_output(&mut seen);
        }
        if line {
            self.read_line(&mut seen);
        }
        seen
    }

    /// Whether there is something to read on the line and in the output.
    fn ready(&self, limit: Duration) -> rustix::io::Result<(bool, bool)> {
        let line = self.partial.is_some().then_some(self.lines.as_fd());
        let output = self.output.as_ref().map(|output| output.pipe.as_fd());
        let mut fds: Vec<PollFd<'_>> = [line, output]
            .into_iter()
            .flatten()
            .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
            .collect();
        let limit = Timespec { tv_sec: limit.as_secs() as i64, tv_nsec: limit.subsec_nanos().into() };
        // An end is something to read, too.
        poll(&mut fds, Some(&limit))?;
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        let mut next = |there: bool| there && ready.next().unwrap_or_default();
        Ok((next(line.is_some()), next(output.is_some())))
    }

    fn read_output(&mut self, seen: &mut Vec<Seen>) {
        let Some(output) = &mut self.output else { return };
        let (pieces, ended) = match output.pipe.read(&mut self.buffer) {
            Ok(length @ 1..) => (output.splitter.feed(&self.buffer[..length]), false),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return,
            Ok(0) | Err(_) => {
                let mut rest = output.splitter.rest();
                rest.push(Piece::Mark(END));
                (rest, true)
            }
        };
        // What comes after the end is of a program that the module left behind; the pipe is closed on it.
        if ended || pieces.contains(&Piece::Mark(END)) {
            self.output = None;
        }
        seen.extend(pieces.into_iter().map(Seen::Piece));
    }

    fn read_line(&mut self, seen: &mut Vec<Seen>) {
        let Some(partial) = &mut self.partial else { return };
        match self.lines.read(&mut self.buffer) {
            Ok(length @ 1..) => {
                let mut rest = &self.buffer[..length];
                while let Some(end) = memchr::memchr(b'\n', rest) {
                    partial.extend_from_slice(&rest[..end]);
                    let line = std::mem::take(partial);
                    seen.push(Seen::Line(String::from_utf8_lossy(&line).into_owned()));
                    rest = &rest[end + 1..];
                }
                partial.extend_from_slice(rest);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => {
                if !partial.is_empty() {
                    seen.push(Seen::Line(String::from_utf8_lossy(partial).into_owned()));
                }
                self.partial = None;
                seen.push(Seen::LinesEnded);
            }
        }
    }

    /// The process that its tests run in.
    pub(super) fn id(&self) -> u32 {
        self.process.as_ref().map_or_else(std::process::id, |process| process.child.id())
    }

    pub(super) fn is_process(&self) -> bool {
        self.process.is_some()
    }

    /// How it has ended, if it has.
    ///
    /// All that it printed is in the pipe then: a mark behind it tells where that ends, whoever else still holds the
    /// pipe.
    pub(super) fn try_wait(&mut self) -> Option<io::Result<ExitStatus>> {
        let process = self.process.as_mut()?;
        let status = process.child.try_wait().transpose()?;
        if let Some(marker) = process.marker.take() {
            // Not here: while the pipe is full this waits for the reader.
            thread::spawn(move || marker.write(END));
        }
        Some(status)
    }

    /// Nobody asks for its output any more.
    pub(super) fn leave(mut self) -> Worker {
        self.output = None;
        if let Some(process) = &mut self.process {
            process.marker = None;
        }
        self
    }

    /// Ends it, stopped or not. Does nothing to one that has ended.
    pub(super) fn kill(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.child.kill();
        }
    }
}
