//! Runs the modules, each in a worker process, and passes on what they tell.
//!
//! `child` is a worker as a process with its pipes, `merge` makes its two streams one, `following` sees it through.

mod child;
mod following;
mod merge;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::owner::Owner;
use super::record::{Event, Moment};
use super::recorder::Recorder;
use super::settings::WorkOrder;
use super::worker;
use child::Worker;
use following::Following;

/// Whether the user wants the run to end.
pub(crate) struct Interrupt {
    flag: Arc<AtomicBool>,
    told: Once,
}

impl Interrupt {
    pub(crate) fn new(flag: Arc<AtomicBool>) -> Interrupt {
        Interrupt { flag, told: Once::new() }
    }

    /// Tells of it before anything else is told that follows from it.
    pub(crate) fn is_set(&self, recorder: &Recorder) -> bool {
        let set = self.flag.load(Ordering::Relaxed);
        if set {
            self.told.call_once(|| recorder.take_of_run(Event::RunInterrupted));
        }
        set
    }
}

/// What all modules share.
pub(crate) struct Supervisor<'s> {
    owner: &'s Owner,
    interrupt: &'s Interrupt,
    recorder: &'s Recorder,
    /// In this process, one after the other: what debuggers and `--nocapture` need.
    in_process: bool,
    /// Workers that are through and about to exit, which no module waits for.
    leaving: Mutex<Vec<Worker>>,
}

impl<'s> Supervisor<'s> {
    pub(crate) fn new(
        owner: &'s Owner,
        interrupt: &'s Interrupt,
        recorder: &'s Recorder,
        in_process: bool,
    ) -> Supervisor<'s> {
        Supervisor { owner, interrupt, recorder, in_process, leaving: Mutex::default() }
    }

    /// Runs the modules, `jobs` at a time. After an interrupt no new one is started.
    pub(crate) fn run(&self, orders: Vec<WorkOrder>, jobs: usize) {
        let queue: Mutex<VecDeque<WorkOrder>> = Mutex::new(orders.into());
        let jobs = if self.in_process { 1 } else { jobs };
        let work = || {
            let next = || lock(&queue).pop_front();
            while let Some(order) = next() {
                self.run_module(order);
            }
        };
        thread::scope(|threads| {
            for _ in 1..jobs {
                threads.spawn(work);
            }
            work();
        });
    }

    /// Waits until the last worker has exited: what a process writes at its end, such as its coverage, belongs to the
    /// run. One that gets stuck there ends itself.
    pub(crate) fn see_off(&self) {
        let mut leaving = lock(&self.leaving);
        let started = Instant::now();
        let mut pause = Duration::from_micros(50);
        while leaving.iter_mut().any(|worker| worker.is_process() && worker.try_wait().is_none())
            && started.elapsed() < worker::GRACE
        {
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(2));
        }
    }

    fn run_module(&self, order: WorkOrder) {
        let module = order.module.name.clone();
        let tell = |event| self.tell(&module, event);
        if !self.interrupt.is_set(self.recorder) {
            let worker = if self.in_process { Worker::start_here(order) } else { Worker::start(order) };
            match worker {
                Err(error) => {
                    tell(Event::WorkerDied { how: format!("the worker could not be started: {error}") });
                }
                Ok(worker) => {
                    tell(Event::ModuleBegan { worker: worker.id() });
                    let following = Following::new(self, &module, worker);
                    let ending = thread::scope(|threads| following.follow(threads));
                    // Not before the scope's end: a model that the owner is asked for later would stay.
                    self.owner.close(&module, ending);
                }
            }
        }
        tell(Event::ModuleClosed);
    }

    fn tell(&self, module: &str, event: Event) {
        self.recorder.take(Moment::of_module(module, event));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
