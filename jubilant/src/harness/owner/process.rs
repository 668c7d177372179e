//! The process that makes and destroys a run's models.
//!
//! It is this same executable in a session of its own: no signal to the test processes reaches it. Whatever it
//! was told to make and not to keep it destroys: when told that a module is over, and when the supervisor's end of
//! the line closes, which the kernel sees to however the supervisor dies.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope};
use std::time::Duration;

use super::adding::{self, Added};
use super::destroy::{Destroyed, Patience, Target, destroy};
use super::ledger::{Entry, Ledger};
use super::protocol::{Ending, Order, Word};
use super::sweep;
use super::voice::Voice;
use crate::harness::models::{Answer, Request};
use crate::harness::record::Event;
use crate::harness::settings::Settings;
use crate::harness::{descriptors, evidence, telling};
use crate::juju::Juju;

/// The private argument that makes the executable the owner of a run's models.
pub(crate) const ARGUMENT: &str = "--jubilant-owner";

/// How long this run waits for what earlier ones have left: at its end, and before it takes a name that may be theirs.
const SWEEP_AT_THE_END: Duration = Duration::from_secs(10);
const SWEEP_BEFORE_A_NAME: Duration = Duration::from_secs(60);

/// Runs the owner and exits, if that is what this process was started for.
pub(crate) fn run_if_called() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|argument| argument != ARGUMENT) || arguments.next().is_some() {
        return;
    }
    // It may outlive the run: nobody must wait for what it was started with.
    descriptors::close_inherited();
    // Fails only for the leader of a process group, which a child of the supervisor is not.
    let _ = rustix::process::setsid();
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        // It ends by itself when all is done, and not before.
        let _ = signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)));
    }
    let begun = descriptors::take_stdin().and_then(|line| {
        let mut reader = BufReader::new(line.try_clone()?);
        let mut first = String::new();
        reader.read_line(&mut first)?;
        Ok((line, reader, serde_json::from_str::<Settings>(&first)?))
    });
    let Ok((line, orders, settings)) = begun else {
        eprintln!("{ARGUMENT} is the harness's own: no run was given");
        std::process::exit(2);
    };
    Owner::new(settings, line).obey(orders);
    std::process::exit(0);
}

struct Owner {
    settings: Settings,
    voice: Voice,
    ledger: Ledger,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    models: Vec<Owned>,
    /// How many `add-model`s of a module are in flight.
    adding: HashMap<String, usize>,
    /// Modules that have been told to be over.
    closed: HashSet<String>,
    /// Pieces of work under way, and how many of them have told that they take too long.
    working: usize,
    overdue: usize,
    /// What earlier runs have left is being looked at.
    sweeping: bool,
}

struct Owned {
    module: String,
    /// As the tests know it.
    name: String,
    target: Target,
}

impl Owner {
    fn new(settings: Settings, line: UnixStream) -> Owner {
        let voice = Voice::new(line);
        let (ledger, problem) = Ledger::begin(&settings);
        if let Some(text) = problem {
            voice.tell(None, Event::Notice { text });
        }
        Owner { settings, voice, ledger, state: Mutex::default(), changed: Condvar::new() }
    }

    fn obey(&self, orders: BufReader<UnixStream>) {
        thread::scope(|threads| {
            self.state().sweeping = true;
            threads.spawn(|| self.sweep());
            for line in orders.lines().map_while(Result::ok) {
                let Ok(order) = serde_json::from_str::<Order>(&line) else { continue };
                match order {
                    Order::Add { number, module, request } => {
                        *self.state().adding.entry(module.clone()).or_default() += 1;
                        threads.spawn(move || self.add(number, &module, &request));
                    }
                    Order::Close { module, ending } => {
                        self.state().closed.insert(module.clone());
                        self.work(threads, move || self.close(threads, &module, ending));
                    }
                    Order::Finish => {
                        threads.spawn(|| self.finish());
                    }
                }
            }
            // The supervisor is gone, and with it whoever would have closed these.
            let state = self.state();
            let open = state.models.iter().map(|model| &model.module).chain(state.adding.keys());
            let open: HashSet<String> =
                open.filter(|module| !state.closed.contains(*module)).cloned().collect();
            for module in open {
                threads.spawn(move || self.close(threads, &module, Ending::Died));
            }
        });
        self.ledger.end();
    }

    /// Does a piece of work that the run's end waits for.
    fn work<'scope>(&'scope self, threads: &'scope Scope<'scope, '_>, work: impl FnOnce() + Send + 'scope) {
        self.state().working += 1;
        threads.spawn(move || {
            work();
            self.state().working -= 1;
            self.changed.notify_all();
        });
    }

    fn finish(&self) {
        drop(self.wait_while(|state| state.working > state.overdue));
        self.wait_for_the_sweep(SWEEP_AT_THE_END);
        self.voice.say(&Word::Finished);
    }

    fn add(&self, number: u64, module: &str, request: &Request) {
        let answer = self.try_to_add(module, request);
        let mut state = self.state();
        if let Some(adding) = state.adding.get_mut(module) {
            *adding -= 1;
        }
        drop(state);
        self.changed.notify_all();
        self.voice.say(&Word::Answer { number, answer });
    }

    fn try_to_add(&self, module: &str, request: &Request) -> Answer {
        let juju = self.juju();
        let name = request.qualified();
        let full = request.qualified_on(self.settings.current_controller.as_deref());
        if self.settings.named {
            // A run of the same name may have been killed a moment ago: its models are on their way out.
            self.wait_for_the_sweep(SWEEP_BEFORE_A_NAME);
            adding::check_name(&juju, &name)?;
        }
        self.ledger
            .note(Entry::Adding { model: full.clone() })
            .map_err(|error| format!("that `{name}` is about to be made cannot be noted: {error}"))?;
        self.voice.tell(Some(module), Event::ModelAdding { model: name.clone() });
        let added = adding::add(&juju, request, &full, self.settings.named);
        let (model, target) =
            (name.clone(), Target { name: full.clone(), uuid: None, may_still_come: false });
        let (entry, event, answer) = match added {
            Added::Made { uuid } => {
                self.own(module, &name, Target { uuid: uuid.clone(), ..target });
                (
                    Entry::Added { model: full, uuid: uuid.clone() },
                    Event::ModelAdded { model, uuid },
                    Ok(name),
                )
            }
            Added::NotMade { why } => (Entry::Gone { model: full }, not_added(model, &why, false), Err(why)),
            Added::Doubtful { why } => {
                (Entry::Doubtful { model: full }, not_added(model, &why, true), Err(why))
            }
            Added::PerhapsMade { why, may_still_come } => {
                self.own(module, &name, Target { may_still_come, ..target });
                (Entry::Adding { model: full }, not_added(model, &why, false), Err(why))
            }
        };
        self.note(entry);
        self.voice.tell(Some(module), event);
        answer
    }

    fn own(&self, module: &str, name: &str, target: Target) {
        self.state().models.push(Owned { module: module.to_owned(), name: name.to_owned(), target });
    }

    /// Keeps or destroys the models of a module, once none is being added any more.
    fn close<'scope>(&'scope self, threads: &'scope Scope<'scope, '_>, module: &str, ending: Ending) {
        let mut state = self.wait_while(|state| state.adding.get(module).is_some_and(|adding| *adding > 0));
        let (models, others): (Vec<Owned>, Vec<Owned>) =
            std::mem::take(&mut state.models).into_iter().partition(|model| model.module == module);
        state.models = others;
        drop(state);
        if ending == Ending::Died {
            self.save_evidence(module, &models);
        }
        let keep = self.settings.keep.after(ending != Ending::Passed);
        for model in models {
            if keep {
                self.note(Entry::Kept { model: model.target.name.clone() });
                self.voice.tell(Some(module), Event::ModelKept { model: model.name });
            } else {
                self.work(threads, move || self.destroy(&model));
            }
        }
    }

    fn save_evidence(&self, module: &str, models: &[Owned]) {
        let directory = evidence::directory(&self.settings.run_directory, module, "after-the-crash");
        for model in models {
            let juju = self.juju().with_model(&model.name);
            let summary = evidence::collect(&juju, &directory, evidence::AFTER_A_DEATH);
            let directory = directory.clone();
            self.voice.tell(Some(module), Event::Evidence { test: None, directory, summary });
        }
    }

    fn destroy(&self, model: &Owned) {
        let (module, name) = (Some(model.module.as_str()), || model.name.clone());
        let mut overdue = 0;
        let end = destroy(&self.juju(), &model.target, Patience::and_more(self.settings.teardown), |why| {
            // The run's end need not wait for this one.
            let trying = Some(std::process::id());
            self.voice.tell(module, Event::ModelLeft { model: name(), why: why.to_owned(), trying });
            overdue = 1;
            self.state().overdue += overdue;
            self.changed.notify_all();
        });
        self.state().overdue -= overdue;
        match end {
            Destroyed::Done | Destroyed::NotOurs => {
                self.note(Entry::Gone { model: model.target.name.clone() });
                self.voice.tell(module, Event::ModelDestroyed { model: name() });
            }
            Destroyed::Left(why) => {
                self.voice.tell(module, Event::ModelLeft { model: name(), why, trying: None });
            }
        }
    }

    /// Removes what earlier runs have left.
    fn sweep(&self) {
        sweep::dead_runs(Some(&self.settings.run), self.settings.teardown, &|swept| {
            swept.event().into_iter().for_each(|event| self.voice.tell(None, event));
        });
        self.state().sweeping = false;
        self.changed.notify_all();
    }

    fn wait_for_the_sweep(&self, limit: Duration) {
        drop(self.changed.wait_timeout_while(self.state(), limit, |state| state.sweeping));
    }

    fn juju(&self) -> Juju {
        let voice = self.voice.clone();
        Juju::new().with_program(&self.settings.program).observed_by(move |activity| {
            if let Some(event) = telling::command(activity) {
                voice.tell(None, event);
            }
        })
    }

    fn note(&self, entry: Entry) {
        // A model that cannot be noted as gone is looked for once more by the next sweep.
        let _ = self.ledger.note(entry);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while(&self, condition: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let waited = self.changed.wait_while(self.state(), |state| condition(state));
        waited.unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_added(model: String, why: &str, doubt: bool) -> Event {
    Event::ModelNotAdded { model, why: why.to_owned(), doubt }
}
