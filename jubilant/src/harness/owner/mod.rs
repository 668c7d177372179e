//! Who makes and destroys the models: a process of its own, and the supervisor's line to it.
//!
//! Only what this run's own `add-model` made is ever destroyed, and one process knows what that is. `process` is
//! that process, `protocol` what it is told and `voice` what it tells, `adding` and `destroy` a model's way in and
//! out, `ledger` what is on disk about it, `sweep` what is done when not even that process survived.

mod adding;
mod destroy;
mod ledger;
mod process;
mod protocol;
mod sweep;
mod voice;

pub(crate) use process::run_if_called;
pub(crate) use protocol::Ending;
pub(crate) use sweep::main as sweep;

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::models::{Answer, Request};
use super::record::Event;
use super::recorder::Recorder;
use super::settings::Settings;
use protocol::{Order, Word};

/// The owner of the run's models, started when the first one is asked for.
pub(crate) struct Owner {
    settings: Settings,
    /// Where what it tells goes.
    recorder: Arc<Recorder>,
    process: Mutex<Option<Arc<Process>>>,
}

impl Owner {
    pub(crate) fn new(settings: Settings, recorder: Arc<Recorder>) -> Owner {
        Owner { settings, recorder, process: Mutex::new(None) }
    }

    /// Has a model added, and waits for it.
    pub(crate) fn add(&self, module: &str, request: Request) -> Answer {
        let process = self.process().map_err(|error| {
            format!("the process that makes and destroys models could not be started: {error}")
        })?;
        process.add(module, request)
    }

    /// Lets the module's models go, or be kept, and does not wait for it.
    pub(crate) fn close(&self, module: &str, ending: Ending) {
        // If no process runs there are no models.
        if let Some(process) = &*self.lock() {
            process.write(&Order::Close { module: module.to_owned(), ending });
        }
    }

    /// Waits until every model is gone, or overdue, and says so if the owner died instead.
    pub(crate) fn finish(&self) {
        let process = self.lock().take();
        if let Some(process) = process {
            self.finish_process(&process);
        }
    }

    fn finish_process(&self, process: &Process) {
        if process.finish() {
            return;
        }
        let text = "the process that destroys this run's models died: what it has left is swept now";
        self.recorder.take_of_run(Event::Notice { text: text.to_owned() });
        sweep::wait_for_orphans(Some(&self.settings.run));
        sweep::dead_runs(None, self.settings.teardown, &|swept| {
            swept.event().into_iter().for_each(|event| self.recorder.take_of_run(event));
        });
    }

    fn process(&self) -> io::Result<Arc<Process>> {
        let mut process = self.lock();
        if let Some(process) = &*process {
            return Ok(Arc::clone(process));
        }
        let started = Arc::new(Process::start(&self.settings, Arc::clone(&self.recorder))?);
        *process = Some(Arc::clone(&started));
        Ok(started)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Process>>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The running process. Dropping it closes the line: it then destroys whatever it was not told to keep.
struct Process {
    line: UnixStream,
    pending: Arc<Mutex<Pending>>,
    _child: Child,
}

/// Who waits for its answers; gone with it.
#[derive(Default)]
struct Pending {
    number: u64,
    answers: HashMap<u64, Sender<Answer>>,
    finished: Option<Sender<()>>,
    dead: bool,
}

impl Process {
    fn start(settings: &Settings, recorder: Arc<Recorder>) -> io::Result<Process> {
        let (line, theirs) = UnixStream::pair()?;
        // A pipe would be held open by it after this run's end; a terminal is told what becomes of a killed run.
        let stderr = if io::stderr().is_terminal() { Stdio::inherit() } else { Stdio::null() };
        let child = Command::new(std::env::current_exe()?)
            .arg(process::ARGUMENT)
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(stderr)
            .spawn()?;
        write_line(&line, settings)?;
        let pending = Arc::new(Mutex::new(Pending::default()));
        let (reader, known) = (BufReader::new(line.try_clone()?), Arc::clone(&pending));
        thread::spawn(move || listen(reader, &known, &recorder));
        Ok(Process { line, pending, _child: child })
    }

    fn add(&self, module: &str, request: Request) -> Answer {
        let (answer, wait) = mpsc::channel();
        let number = self.expect(|pending, number| drop(pending.answers.insert(number, answer)));
        self.write(&Order::Add { number, module: module.to_owned(), request });
        wait.recv()
            .unwrap_or_else(|_| Err("the process that makes and destroys this run's models died".to_owned()))
    }

    /// Waits until it has done what it was told, or can do no more in time; whether it lived to say so.
    fn finish(&self) -> bool {
        let (finished, wait) = mpsc::channel();
        self.expect(|pending, _| pending.finished = Some(finished));
        self.write(&Order::Finish);
        wait.recv().is_ok()
    }

    /// Notes who waits for an answer; if the process is dead, they are told so by being forgotten.
    fn expect(&self, note: impl FnOnce(&mut Pending, u64)) -> u64 {
        let mut pending = self.pending();
        pending.number += 1;
        let number = pending.number;
        note(&mut pending, number);
        if pending.dead {
            *pending = Pending { dead: true, ..Pending::default() };
        }
        number
    }

    fn write(&self, order: &Order) {
        // If it is dead, whoever waits for it learns that.
        let _ = write_line(&self.line, order);
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The thread that listens has a copy of the descriptor: closing ours alone would tell nobody.
        let _ = self.line.shutdown(Shutdown::Both);
    }
}

fn write_line(mut line: &UnixStream, value: &impl serde::Serialize) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(value)?;
    bytes.push(b'\n');
    line.write_all(&bytes)
}

/// Takes in what the process tells, until it ends.
fn listen(reader: BufReader<UnixStream>, pending: &Mutex<Pending>, recorder: &Recorder) {
    let lock = || pending.lock().unwrap_or_else(PoisonError::into_inner);
    for line in reader.lines().map_while(Result::ok) {
        match serde_json::from_str(&line) {
            Ok(Word::Moment(moment)) => {
                recorder.take(moment);
                recorder.flush();
            }
            Ok(Word::Answer { number, answer }) => {
                if let Some(waiting) = lock().answers.remove(&number) {
                    let _ = waiting.send(answer);
                }
            }
            Ok(Word::Finished) => {
                if let Some(finished) = lock().finished.take() {
                    let _ = finished.send(());
                }
            }
            Err(error) => {
                let text = format!("what the owner of the models told cannot be read: {error}");
                recorder.take_of_run(Event::Notice { text });
            }
        }
    }
    *lock() = Pending { dead: true, ..Pending::default() };
}
