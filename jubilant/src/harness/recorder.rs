//! Takes in a run's moments: its state, its record on disk, and what is shown of it.

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::codes::{FAILED, INTERRUPTED};
use super::options::Options;
use super::record::{Event, Journal, Moment, Run};
use super::report::Terminal;
use super::say::{complain, say};
use super::selection;

/// A run as it comes in, from several threads.
pub(super) struct Recorder(Mutex<Recording>);

struct Recording {
    run: Run,
    journal: Option<Journal>,
    /// What the journal does not have yet.
    unwritten: Vec<Moment>,
    terminal: Terminal,
    ended: bool,
}

/// How many moments may wait for the journal.
const UNWRITTEN: usize = 256;

impl Recorder {
    /// With a directory, the run is recorded there.
    pub(super) fn new(options: &Options, directory: Option<&Path>) -> Recorder {
        let journal = directory.map(Journal::of);
        let terminal = Terminal::new(options);
        let (run, unwritten) = (Run::default(), Vec::new());
        Recorder(Mutex::new(Recording { run, journal, unwritten, terminal, ended: false }))
    }

    /// Takes in what happened next.
    pub(super) fn take(&self, moment: Moment) {
        self.lock().take(moment);
    }

    /// What happened in the run as a whole.
    pub(super) fn take_of_run(&self, event: Event) {
        self.take(Moment::of_run(event));
    }

    /// To be called when there is nothing to take in: from then on what was taken in survives a kill.
    pub(super) fn flush(&self) {
        self.lock().flush();
    }

    /// Shows what remains to be shown at the end, and answers with the exit code.
    pub(super) fn end(&self) -> ExitCode {
        self.lock().end()
    }

    fn lock(&self) -> MutexGuard<'_, Recording> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recording {
    fn take(&mut self, moment: Moment) {
        // The owner of the models may have something to tell that nobody waits for any more.
        if self.ended {
            return;
        }
        self.ended = moment.event == Event::RunEnded;
        let settled = self.run.apply(&moment);
        self.terminal.moment(&moment, &self.run, &settled);
        if self.journal.is_some() {
            self.unwritten.push(moment);
        }
        if self.unwritten.len() >= UNWRITTEN {
            self.flush();
        }
    }

    /// Writes the journal: not with each moment, since the next module's start waits for those of the last one.
    fn flush(&mut self) {
        let Some(journal) = self.journal.as_mut().filter(|_| !self.unwritten.is_empty()) else { return };
        if let Err(problem) = journal.write(self.unwritten.drain(..)) {
            say!("note: {problem}");
            self.journal = None;
        }
    }

    fn end(&mut self) -> ExitCode {
        self.flush();
        let untold = self.run.cut_off();
        self.terminal.moment(&Moment::of_run(Event::RunEnded), &self.run, &untold);
        self.terminal.end(&self.run);
        let empty = selection::check_run(&self.run);
        match empty {
            _ if self.run.interrupted => ExitCode::from(INTERRUPTED),
            Some(empty) if self.run.is_success() => {
                complain!("error: {}", empty.sentence);
                ExitCode::from(empty.code)
            }
            _ if self.run.is_success() => ExitCode::SUCCESS,
            _ => ExitCode::from(FAILED),
        }
    }
}
