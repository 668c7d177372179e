//! What all modules of a run share.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::child::Worker;
use super::interrupt::Interrupt;
use crate::harness::owner::Owner;
use crate::harness::record::{Event, Moment};
use crate::harness::recorder::Recorder;
use crate::harness::worker;

/// Whom the modules' workers have to do with.
pub(super) struct Shared<'s> {
    pub(super) owner: &'s Owner,
    pub(super) interrupt: &'s Interrupt,
    pub(super) recorder: &'s Recorder,
    /// Workers that are through and about to exit, which no module waits for.
    leaving: Mutex<Vec<Worker>>,
}

impl<'s> Shared<'s> {
    pub(super) fn new(owner: &'s Owner, interrupt: &'s Interrupt, recorder: &'s Recorder) -> Shared<'s> {
        Shared { owner, interrupt, recorder, leaving: Mutex::default() }
    }

    pub(super) fn tell(&self, module: &str, event: Event) {
        self.recorder.take(Moment::of_module(module, event));
    }

    /// Whether the run is to end.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupt.is_set(self.recorder)
    }

    /// Takes a worker that is through, or has ended.
    pub(super) fn leave(&self, worker: Worker) {
        let mut leaving = self.leaving();
        leaving.push(worker);
        // Those that are gone by now need no entry in the kernel's table any more.
        leaving.retain_mut(|worker| worker.is_process() && worker.try_wait().is_none());
    }

    /// Waits until the last worker has exited: what a process writes at its end, such as its coverage, belongs to the
    /// run. One that gets stuck there ends itself.
    pub(super) fn see_off(&self) {
        let mut leaving = self.leaving();
        let started = Instant::now();
        let mut pause = Duration::from_micros(50);
        while leaving.iter_mut().any(|worker| worker.is_process() && worker.try_wait().is_none())
            && started.elapsed() < worker::GRACE
        {
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(2));
        }
    }

    fn leaving(&self) -> MutexGuard<'_, Vec<Worker>> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
