//! Runs the modules, each in a worker process, and passes on what they tell.
//!
//! `child` is a worker as a process with its pipes, `merge` makes its two streams one, `following` sees it through.

mod child;
mod following;
mod interrupt;
mod merge;
mod shared;

pub(crate) use interrupt::Interrupt;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::owner::Owner;
use super::record::Event;
use super::recorder::Recorder;
use super::settings::WorkOrder;
use child::Worker;
use following::Following;
use shared::Shared;

/// Sees to the run's modules.
pub(crate) struct Supervisor<'s> {
    shared: Shared<'s>,
    /// In this process, one after the other: what debuggers and `--nocapture` need.
    in_process: bool,
}

impl<'s> Supervisor<'s> {
    pub(crate) fn new(
        owner: &'s Owner,
        interrupt: &'s Interrupt,
        recorder: &'s Recorder,
        in_process: bool,
    ) -> Supervisor<'s> {
        Supervisor { shared: Shared::new(owner, interrupt, recorder), in_process }
    }

    /// Runs the modules, `jobs` at a time. After an interrupt no new one is started.
    pub(crate) fn run(&self, orders: Vec<WorkOrder>, jobs: usize) {
        let queue: Mutex<VecDeque<WorkOrder>> = Mutex::new(orders.into());
        let jobs = if self.in_process { 1 } else { jobs };
        let work = || {
            let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
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

    /// Waits for the workers that are about to exit.
    pub(crate) fn see_off(&self) {
        self.shared.see_off();
    }

    fn run_module(&self, order: WorkOrder) {
        let module = order.module.name.clone();
        let shared = &self.shared;
        let tell = |event| shared.tell(&module, event);
        if !shared.is_interrupted() {
            let worker = if self.in_process { Worker::start_here(order) } else { Worker::start(order) };
            match worker {
                Err(error) => {
                    tell(Event::WorkerDied { how: format!("the worker could not be started: {error}") });
                }
                Ok(worker) => {
                    tell(Event::ModuleBegan { worker: worker.id() });
                    let following = Following::new(shared, &module, worker);
                    let ending = thread::scope(|threads| following.follow(threads));
                    // Not before the scope's end: a model that the owner is asked for later would stay.
                    shared.owner.close(&module, ending);
                }
            }
        }
        tell(Event::ModuleClosed);
    }
}
