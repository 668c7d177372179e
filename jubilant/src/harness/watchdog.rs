//! The process that destroys the models of a run that was killed.
//!
//! It is this same executable, in a process group of its own, holding a pipe from the process that makes the
//! models as its standard input. `+model` is written before `juju add-model`, `-model` after a confirmed
//! destroy; the end of the file means that nobody else will destroy what is left. No signal to the test
//! process, not even SIGKILL to its whole group, gets past it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::events::{Event, Sink};
use super::evidence;
use super::models;
use crate::Juju;

/// The private argument that makes the executable a watchdog.
pub(crate) const ARGUMENT: &str = "--jubilant-watchdog";

/// How long it goes on trying. A real controller can be away for minutes.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// How long a model must stay unknown: an `add-model` that was killed may still be completed by the controller.
const UNKNOWN: Duration = Duration::from_secs(3);

/// The living end: dropping it, or dying, lets the watchdog act on what it still holds.
pub(crate) struct Watchdog {
    pipe: Mutex<ChildStdin>,
    _process: Child,
}

#[derive(Serialize, Deserialize)]
struct Order {
    program: PathBuf,
    evidence: PathBuf,
    nonce: Option<String>,
}

impl Watchdog {
    pub(crate) fn start(program: &Path, evidence: &Path, sink: &Sink) -> anyhow::Result<Watchdog> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(ARGUMENT).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::inherit());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command.spawn()?;
        let Some(mut pipe) = process.stdin.take() else { anyhow::bail!("it has no standard input") };
        let nonce = match sink {
            Sink::Marks { nonce, .. } => Some(nonce.clone()),
            Sink::Here(_) => None,
        };
        let order = Order { program: program.to_owned(), evidence: evidence.to_owned(), nonce };
        writeln!(pipe, "{}", serde_json::to_string(&order)?)?;
        Ok(Watchdog { pipe: Mutex::new(pipe), _process: process })
    }

    /// From now on the model is destroyed if this process ends.
    pub(crate) fn watch(&self, model: &str) -> std::io::Result<()> {
        self.write('+', model)
    }

    /// The model is known to be gone.
    pub(crate) fn release(&self, model: &str) {
        // If the watchdog is dead already there is nobody who could destroy too much.
        let _ = self.write('-', model);
    }

    fn write(&self, sign: char, model: &str) -> std::io::Result<()> {
        let mut pipe = self.pipe.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        writeln!(pipe, "{sign}{model}")
    }
}

/// Runs the watchdog and exits, if that is what this process was started for.
pub(crate) fn run_if_called() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|argument| argument != ARGUMENT) || arguments.next().is_some() {
        return;
    }
    // Before `main` a write to a closed pipe still kills: whoever is mourned here held the other end of ours.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGPIPE, Arc::default());
    let mut lines = BufReader::new(std::io::stdin()).lines().map_while(Result::ok);
    let Some(order) = lines.next().and_then(|line| serde_json::from_str::<Order>(&line).ok()) else {
        std::process::exit(2);
    };
    let mut left: Vec<String> = Vec::new();
    for line in lines {
        match line.split_at_checked(1) {
            Some(("+", model)) => left.push(model.to_owned()),
            Some(("-", model)) => left.retain(|name| name != model),
            _ => {}
        }
    }
    clean_up(&order, left);
    std::process::exit(0);
}

fn clean_up(order: &Order, mut models: Vec<String>) {
    let say = |event: Event| match &order.nonce {
        Some(nonce) => Sink::Marks { nonce: nonce.clone(), to_stderr: true }.send(event),
        None => {
            let line = match event {
                Event::ModelDestroyed { name } => {
                    format!("jubilant: destroyed the model `{name}` of a run that was killed")
                }
                Event::TeardownFailed { message } => format!("jubilant: {message}"),
                _ => return,
            };
            // Nobody may be listening any more.
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    };
    models.reverse();
    for name in &models {
        let juju = Juju::new().with_program(&order.program).with_model(name.clone());
        let summary = evidence::collect(&juju, &order.evidence);
        say(Event::Evidence { path: String::new(), directory: order.evidence.clone(), summary });
    }
    for name in models {
        let juju = Juju::new().with_program(&order.program);
        match destroy(&juju, &name) {
            Ok(()) => say(Event::ModelDestroyed { name }),
            Err(error) => say(Event::TeardownFailed {
                message: format!(
                    "the model `{name}` is left: {error}; remove it with `juju destroy-model --force {name}`"
                ),
            }),
        }
    }
    say(Event::WatchdogEnded);
}

/// Destroys until Juju has said several times that it does not know the model.
fn destroy(juju: &Juju, name: &str) -> crate::Result<()> {
    let started = Instant::now();
    let mut unknown_since: Option<Instant> = None;
    let mut pause = Duration::from_millis(200);
    loop {
        match juju.destroy_model(models::forced(name)) {
            Ok(()) => return Ok(()),
            Err(error) if models::is_gone(&error) => {
                if unknown_since.get_or_insert_with(Instant::now).elapsed() >= UNKNOWN {
                    return Ok(());
                }
            }
            Err(error) if models::is_unreachable(&error) => return Err(error),
            Err(error) if started.elapsed() >= LIMIT => return Err(error),
            Err(_) => unknown_since = None,
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_secs(10)).min(if unknown_since.is_some() {
            UNKNOWN / 3
        } else {
            LIMIT
        });
    }
}
