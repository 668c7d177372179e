//! One worker, from its start until it is through or dead.

use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};

use super::child::{Seen, Worker};
use super::merge::{Merge, Merged};
use super::shared::Shared;
use crate::harness::owner::Ending;
use crate::harness::record::{Event, Moment, Verdict};
use crate::harness::worker;

/// How long a worker may go on when it should end: after an interrupt, when it has run its tests, when it has
/// closed its line.
const GRACE: Duration = Duration::from_secs(2);
/// How long a dead worker's line may stay open: a copy of the process may hold it.
const LINGERING: Duration = Duration::from_secs(1);
/// How often is looked for what nothing announces, and for what is about to come.
const TICK: Duration = Duration::from_millis(100);
const SOON: Duration = Duration::from_millis(2);

/// A worker's life, as far as it has been followed.
pub(super) struct Following<'a> {
    shared: &'a Shared<'a>,
    module: &'a str,
    worker: Worker,
    merge: Merge,
    /// What it told that makes its module a failure.
    failed: bool,
    /// It has told that it is through: all that it printed until then has come, too.
    through: bool,
    line_ended: Option<Instant>,
    looked: Instant,
    exited: Option<(Instant, std::io::Result<ExitStatus>)>,
    interrupted: Option<Instant>,
}

impl<'a> Following<'a> {
    pub(super) fn new(shared: &'a Shared<'a>, module: &'a str, worker: Worker) -> Following<'a> {
        let merge = Merge::new(worker.is_process());
        Following {
            shared,
            module,
            worker,
            merge,
            failed: false,
            through: false,
            line_ended: None,
            looked: Instant::now(),
            exited: None,
            interrupted: None,
        }
    }

    /// Passes on what the worker tells until it is through, or has ended.
    pub(super) fn follow<'scope>(mut self, threads: &'scope thread::Scope<'scope, '_>) -> Ending
    where
        'a: 'scope,
    {
        while !self.is_over() {
            self.press();
            let seen = self.see();
            // Something may be printing without end.
            if seen.is_empty() || self.line_ended.is_some() || self.looked.elapsed() >= TICK {
                self.look();
            }
            for seen in seen {
                match seen {
                    Seen::Piece(piece) => self.merge.piece(piece),
                    Seen::Line(line) => self.merge.line(&line),
                    Seen::LinesEnded => self.end_of_line(),
                }
            }
            for merged in self.merge.drain() {
                self.pass_on(merged, threads);
            }
        }
        self.end()
    }

    fn see(&mut self) -> Vec<Seen> {
        let seen = self.worker.see(Duration::ZERO);
        if !seen.is_empty() {
            return seen;
        }
        self.shared.recorder.flush();
        self.worker.see(if self.line_ended.is_some() { SOON } else { TICK })
    }

    fn is_over(&self) -> bool {
        let ended = self.exited.is_some() || !self.worker.is_process();
        let given_up = !self.worker.is_process() && is_late(self.interrupted);
        self.through || (ended && self.merge.is_over()) || given_up
    }

    fn end_of_line(&mut self) {
        self.line_ended = Some(Instant::now());
        self.merge.end_of_lines();
    }

    /// Looks for what nothing announces: the end of the process.
    fn look(&mut self) {
        self.looked = Instant::now();
        if self.exited.is_none() {
            self.exited = self.worker.try_wait().map(|status| (Instant::now(), status));
        }
        if let Some((since, _)) = &self.exited
            && self.line_ended.is_none()
            && since.elapsed() >= LINGERING
        {
            self.end_of_line();
        }
    }

    /// Sees to it that a worker ends that should.
    fn press(&mut self) {
        if self.interrupted.is_none() && self.shared.is_interrupted() {
            self.interrupted = Some(Instant::now());
            self.worker.answers.close();
        }
        // It may be stopped, or stuck in whatever runs at a process's end.
        if self.exited.is_none() && (is_late(self.interrupted) || is_late(self.line_ended)) {
            self.worker.kill();
        }
    }

    fn pass_on<'scope>(&mut self, merged: Merged, threads: &'scope thread::Scope<'scope, '_>)
    where
        'a: 'scope,
    {
        match merged {
            Merged::Event { at, event } => {
                match &event {
                    Event::ModuleEnded => self.through = true,
                    Event::TestEnded { verdict: Verdict::Failed(_), .. }
                    | Event::Damaged { .. }
                    | Event::TeardownFailed { .. } => self.failed = true,
                    _ => {}
                }
                let module = Some(self.module.to_owned());
                self.shared.recorder.take(Moment { at, module, event });
            }
            Merged::AddModel(request) => {
                let (owner, module, answers) = (self.shared.owner, self.module, self.worker.answers.clone());
                // What the worker prints and tells meanwhile is passed on.
                threads.spawn(move || answers.answer(&owner.add(module, request)));
            }
        }
    }

    fn end(mut self) -> Ending {
        let ending = match (self.through, self.failed) {
            (false, _) => Ending::Died,
            (true, true) => Ending::Failed,
            (true, false) => Ending::Passed,
        };
        if ending == Ending::Died {
            self.press();
            let place =
                if self.merge.is_in_a_test() { "in the middle of the test" } else { "outside its tests" };
            let how = match self.exited {
                // Not how it died of that, which differs between Ctrl-C and a signal to this process alone.
                _ if self.interrupted.is_some() => format!("the run was interrupted {place}"),
                Some((_, status)) => describe(status, place),
                None => "the module's thread ended before its tests had".to_owned(),
            };
            self.shared.tell(self.module, Event::WorkerDied { how });
        }
        self.shared.leave(self.worker.leave());
        ending
    }
}

fn is_late(since: Option<Instant>) -> bool {
    since.is_some_and(|since| since.elapsed() >= GRACE)
}

fn describe(status: std::io::Result<ExitStatus>, place: &str) -> String {
    match status {
        Ok(status) if status.success() => format!("the process ended with exit code 0 {place}"),
        Ok(status) if status.code() == Some(worker::FINISHED) => {
            "the process ended as if it had run its tests, without a word about them".to_owned()
        }
        Ok(status) => format!("the process died {place} ({status})"),
        Err(error) => format!("the process was lost {place} ({error})"),
    }
}
