//! Runs the modules, each in a worker process, and passes on what they tell.

use std::collections::VecDeque;
use std::io::{Read, Write, pipe};
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::backtrace;
use super::events::{Decoder, Event, Item, Sink};
use super::settings::WorkOrder;
use super::worker;

/// What happened in which module.
pub(crate) enum Progress {
    Item(Item),
    /// The worker ended, or could not be started, before it had run its tests.
    Died(String),
    /// Nothing more comes from this module.
    Closed,
}

/// How long a dead worker's watchdog may need before the report goes on without it.
const WATCHDOG_LIMIT: Duration = Duration::from_secs(120);

/// Said instead of how the worker died of it, which differs between Ctrl-C and a signal to this process alone.
const INTERRUPTED: &str = "the run was interrupted in the middle of the test";

/// Runs one module after the other in this process: what debuggers and `--nocapture` need.
pub(crate) fn run_here(orders: Vec<WorkOrder>, mut report: impl FnMut(usize, Progress)) {
    for (index, order) in orders.into_iter().enumerate() {
        let (sender, receiver) = mpsc::channel();
        let module = thread::Builder::new()
            .name(order.module.clone())
            .spawn(move || worker::run_module(&order, Sink::Here(sender)));
        match module {
            Err(error) => report(index, Progress::Died(format!("no thread could be started: {error}"))),
            Ok(module) => {
                receiver.into_iter().for_each(|item| report(index, Progress::Item(item)));
                if module.join().is_err() {
                    report(index, Progress::Died("the module's thread panicked".to_owned()));
                }
            }
        }
        report(index, Progress::Closed);
    }
}

/// Runs the modules in worker processes, `jobs` at a time. After an interrupt no new one is started.
pub(crate) fn run_workers(
    orders: Vec<WorkOrder>,
    jobs: usize,
    interrupted: &AtomicBool,
    mut report: impl FnMut(usize, Progress),
) {
    let queue: Mutex<VecDeque<_>> = Mutex::new(orders.into_iter().enumerate().collect());
    let (sender, receiver) = mpsc::channel();
    thread::scope(|threads| {
        for _ in 0..jobs {
            let (sender, queue) = (sender.clone(), &queue);
            threads.spawn(move || {
                let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                while let Some((index, order)) = next() {
                    let progress = |progress| {
                        let _ = sender.send((index, progress));
                    };
                    if !interrupted.load(Ordering::Relaxed) {
                        run_worker(&order, interrupted, progress);
                    }
                    progress(Progress::Closed);
                }
            });
        }
        drop(sender);
        receiver.into_iter().for_each(|(index, progress)| report(index, progress));
    });
}

/// A running worker process.
struct Worker {
    /// Its closing tells the worker that nobody waits for its results any more.
    stdin: Option<ChildStdin>,
    seen: Receiver<Seen>,
}

/// What the threads beside a worker see of it.
enum Seen {
    Item(Item),
    Exited(std::io::Result<ExitStatus>),
}

fn run_worker(order: &WorkOrder, interrupted: &AtomicBool, progress: impl Fn(Progress)) {
    match Worker::start(order) {
        Ok(worker) => worker.follow(interrupted, progress),
        Err(error) => progress(Progress::Died(format!("the worker process could not be started: {error}"))),
    }
}

impl Worker {
    fn start(order: &WorkOrder) -> std::io::Result<Worker> {
        let nonce = super::random();
        let (mut output, input) = pipe()?;
        let mut command = Command::new(std::env::current_exe()?);
        if std::env::var_os(backtrace::VARIABLE).is_none() {
            command.env(backtrace::VARIABLE, "1");
        }
        let mut child = command
            .args([worker::ARGUMENT, &nonce, &order.module])
            .stdin(Stdio::piped())
            .stdout(input.try_clone()?)
            .stderr(input)
            .spawn()?;
        let mut stdin = child.stdin.take();
        if let Some(stdin) = &mut stdin {
            writeln!(stdin, "{}", serde_json::to_string(order)?)?;
        }
        let (items, seen) = mpsc::channel();
        let exits = items.clone();
        let mut decoder = Decoder::new(&nonce);
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(length @ 1..) = output.read(&mut buffer) {
                for item in decoder.feed(&buffer[..length]) {
                    let _ = items.send(Seen::Item(item));
                }
            }
        });
        thread::spawn(move || exits.send(Seen::Exited(child.wait())));
        Ok(Worker { stdin, seen })
    }

    /// Passes on what the worker tells until it is through, or dead and cleaned up after.
    fn follow(mut self, interrupted: &AtomicBool, progress: impl Fn(Progress)) {
        let (mut died, mut models): (Option<Instant>, usize) = (None, 0);
        loop {
            if interrupted.load(Ordering::Relaxed) {
                self.stdin = None;
            }
            match self.seen.recv_timeout(Duration::from_millis(100)) {
                Ok(Seen::Item(Item::Event(Event::ModuleEnded | Event::WatchdogEnded)))
                | Err(RecvTimeoutError::Disconnected) => return,
                Ok(Seen::Exited(Ok(status))) if status.code() == Some(worker::FINISHED) => {}
                Ok(Seen::Exited(status)) => {
                    died = Some(Instant::now());
                    let interrupted = interrupted.load(Ordering::Relaxed);
                    progress(Progress::Died(if interrupted {
                        INTERRUPTED.to_owned()
                    } else {
                        describe(status)
                    }));
                }
                Ok(Seen::Item(item)) => {
                    match &item {
                        Item::Event(Event::Model { adopted: false, .. }) => models += 1,
                        // A watchdog destroys once more what a worker did not live to report.
                        Item::Event(Event::ModelDestroyed { .. } | Event::ModelNotMade { .. }) => {
                            models = models.saturating_sub(1);
                        }
                        _ => {}
                    }
                    progress(Progress::Item(item));
                }
                Err(RecvTimeoutError::Timeout) => {
                    // A process that the test left behind may hold the pipe open for ever.
                    let limit = if models > 0 { WATCHDOG_LIMIT } else { Duration::from_secs(1) };
                    if died.is_some_and(|since| since.elapsed() >= limit) {
                        return;
                    }
                }
            }
        }
    }
}

fn describe(status: std::io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) if status.success() => {
            "the process ended with exit code 0 in the middle of the test".to_owned()
        }
        Ok(status) => format!("the process died in the middle of the test ({status})"),
        Err(error) => format!("the process was lost in the middle of the test ({error})"),
    }
}
