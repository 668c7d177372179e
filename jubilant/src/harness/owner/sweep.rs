//! Removing what killed runs left: the models that the ledger names as made, and neither kept nor gone.

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use super::destroy::{Destroyed, Patience, Target, destroy};
use super::ledger::{self, DeadRun, Entry, RunEntry, Runs};
use crate::harness::models::{Existence, existence};
use crate::harness::record::Event;
use crate::harness::say::say;
use crate::juju::Juju;

/// What became of a model that a dead run had made.
pub(crate) struct Swept<'a> {
    pub(crate) run: &'a RunEntry,
    pub(crate) model: String,
    pub(crate) outcome: Outcome,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Destroyed,
    /// It was not there any more.
    Gone,
    /// Kept on purpose: left alone.
    Kept,
    /// Nobody knows whether the run made it: left alone.
    Doubtful,
    /// Why it is still there.
    Left(String),
}

impl Swept<'_> {
    /// What a run that sweeps tells about it.
    pub(super) fn event(self) -> Option<Event> {
        let (model, run) = (self.model, self.run.run.clone());
        match self.outcome {
            Outcome::Destroyed => Some(Event::ModelSwept { model, run }),
            Outcome::Left(why) => {
                let text =
                    format!("the model `{model}` of the run {run}, which was killed, is still there: {why}");
                Some(Event::Notice { text })
            }
            Outcome::Gone | Outcome::Kept | Outcome::Doubtful => None,
        }
    }
}

/// Sees to the models of all dead runs, side by side; each is told of as soon as it is done. The answer is the runs
/// that were alive.
pub(crate) fn dead_runs(
    own: Option<&str>,
    limit: Duration,
    tell: &(dyn Fn(Swept<'_>) + Sync),
) -> Vec<RunEntry> {
    let Runs { dead, alive } = ledger::runs(own);
    thread::scope(|threads| {
        for run in &dead {
            threads.spawn(move || sweep_run(run, limit, tell));
        }
    });
    alive
}

fn sweep_run(dead: &DeadRun, limit: Duration, tell: &(dyn Fn(Swept<'_>) + Sync)) {
    let outcomes: Vec<bool> = thread::scope(|threads| {
        let work = dead.models.iter().map(|entry| {
            threads.spawn(move || {
                let (model, outcome) = sweep_model(&dead.run, entry, limit);
                let gone = matches!(outcome, Outcome::Destroyed | Outcome::Gone);
                if gone {
                    dead.gone(&model);
                }
                tell(Swept { run: &dead.run, model, outcome });
                gone
            })
        });
        let work: Vec<_> = work.collect();
        work.into_iter().map(|thread| thread.join().unwrap_or(false)).collect()
    });
    if outcomes.iter().all(|gone| *gone) {
        dead.forget();
    }
}

fn sweep_model(run: &RunEntry, entry: &Entry, limit: Duration) -> (String, Outcome) {
    let juju = run.juju().command_timeout(limit);
    let (model, uuid, ours) = match entry {
        // Known by nothing but a name that a user chose, it may be another's by now.
        Entry::Added { model, uuid } => (model, uuid.clone(), !run.keep && (uuid.is_some() || !run.named)),
        // Its `juju` has ended, with nobody left who heard how. A name with a run's random number is nobody else's.
        Entry::Adding { model } => (model, None, !run.named),
        Entry::Kept { model } | Entry::Doubtful { model } | Entry::Gone { model } => (model, None, false),
        Entry::Run(_) => return (String::new(), Outcome::Gone),
    };
    let outcome = if run.embedded && !run.program.exists() {
        // The embedded Juju's models lie beside its program.
        Outcome::Gone
    } else if ours {
        let target = Target { name: model.clone(), uuid, may_still_come: false };
        sweep_target(&juju, &target, limit)
    } else {
        let kept = matches!(entry, Entry::Kept { .. }) || (matches!(entry, Entry::Added { .. }) && run.keep);
        match existence(&juju, model) {
            Existence::No => Outcome::Gone,
            // Whether it is there or not, it is not for a sweep.
            Existence::Yes { .. } | Existence::Unknown(_) if kept => Outcome::Kept,
            Existence::Yes { .. } | Existence::Unknown(_) => Outcome::Doubtful,
        }
    };
    (model.clone(), outcome)
}

fn sweep_target(juju: &Juju, target: &Target, limit: Duration) -> Outcome {
    if let Existence::No = existence(juju, &target.name) {
        return Outcome::Gone;
    }
    match destroy(juju, target, Patience::only(limit), |_| ()) {
        Destroyed::Done => Outcome::Destroyed,
        Destroyed::NotOurs => Outcome::Gone,
        Destroyed::Left(why) => Outcome::Left(why),
    }
}

/// How long is waited for what a dead run's `juju` is still at.
const IN_FLIGHT: Duration = Duration::from_secs(60);

/// `--sweep`: removes what dead runs have left, and lists what it leaves alone and why.
pub(crate) fn main(limit: Duration) -> ExitCode {
    wait_for_orphans(None);
    let left = std::sync::atomic::AtomicUsize::new(0);
    let found = std::sync::atomic::AtomicUsize::new(0);
    let count = |counter: &std::sync::atomic::AtomicUsize| {
        counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    };
    let alive = dead_runs(None, limit, &|swept| {
        let Swept { run, model, outcome } = swept;
        let run = &run.run;
        count(&found);
        match outcome {
            Outcome::Destroyed => say!("removed   {model}   left by the run {run}, which was killed"),
            Outcome::Gone => say!("gone      {model}   of the run {run}: it is not there any more"),
            Outcome::Kept => say!("kept      {model}   by the run {run}, on purpose"),
            Outcome::Doubtful => say!(
                "doubtful  {model}   the run {run} was cut off while it added it, and it may be another's: \
                 destroy it by hand if it is not"
            ),
            Outcome::Left(why) => {
                count(&left);
                say!("left      {model}   of the run {run}: {why}");
            }
        }
    });
    for run in alive {
        count(&found);
        say!("live      the run {} (process {}), whose models are its own", run.run, run.owner);
    }
    if found.into_inner() == 0 {
        say!("no run has left anything");
    }
    if left.into_inner() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs, or the one that is named, whose owner is dead and whose file is locked all the same have a `juju` that is
/// still at work.
pub(super) fn wait_for_orphans(only: Option<&str>) {
    let started = Instant::now();
    let orphaned = |run: &RunEntry| only.is_none_or(|only| only == run.run) && !is_running(run.owner);
    while started.elapsed() < IN_FLIGHT && ledger::runs(None).alive.iter().any(orphaned) {
        thread::sleep(Duration::from_millis(200));
    }
}

/// Whether a process is there that can still do something.
fn is_running(process: u32) -> bool {
    let id = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
    if id.is_none_or(|id| rustix::process::test_kill_process(id).is_err()) {
        return false;
    }
    // Dead, and nobody has asked how it ended: a container's first process may never do so.
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    !matches!(state, Some('Z' | 'X'))
}
