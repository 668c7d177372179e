//! The test harness: what `jubilant::main!()` runs.
//!
//! Modules are the unit of scheduling: each has its own temporary model, and runs its tests in the order
//! written, in a worker process of its own. The way of a run:
//! `options` → `plan` → `supervisor` → `worker` → `record` → `report`.
//! A worker holds the module's `scope`: its models and `fixtures`; the `owner` is the process that makes and
//! destroys the models, whoever is killed; `evidence` is what is saved about a failure before its model goes.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

mod backend;
mod codes;
mod descriptors;
mod evidence;
mod expression;
pub(crate) mod fixtures;
mod keep;
mod link;
mod list;
mod log;
mod misuse;
mod models;
mod options;
mod outcome;
mod owner;
mod place;
mod plan;
mod record;
mod recorder;
mod registry;
mod report;
mod say;
mod scope;
mod selection;
mod settings;
mod suite;
mod supervisor;
mod telling;
mod worker;

pub use fixtures::{Models, fixture_result, module_fixture};
pub use misuse::without_harness;
pub use models::Model;
pub use outcome::{IntoOutcome, Outcome};
pub use registry::{Site, Test};

use codes::{INTERRUPTED, USAGE};
use options::{Ignored, Options, Usage};
use owner::Owner;
use plan::Plan;
use record::{Event, Journal, RunBegan};
use recorder::Recorder;
use say::{complain, say};
use settings::{Settings, WorkOrder};
use supervisor::{Interrupt, Supervisor};

use crate::charm::Charm;

/// What `jubilant::main!()` calls: parses the command line, runs the tests, answers with the exit code.
#[doc(hidden)]
pub fn main() -> ExitCode {
    // First of all, for processes that are no run but a part of one.
    owner::run_if_called();
    worker::run_if_called();
    let options = match Options::read() {
        Ok(options) => options,
        Err(Usage(problem)) => {
            complain!("error: {problem}");
            return ExitCode::from(USAGE);
        }
    };
    act(&options).unwrap_or_else(|problem| {
        complain!("error: {problem}");
        ExitCode::FAILURE
    })
}

/// Does what the command line asks for; the error is one sentence.
fn act(options: &Options) -> Result<ExitCode, String> {
    if options.help {
        say!("{}", options::HELP.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    if options.sweep {
        return Ok(owner::sweep(options.teardown));
    }
    if let Some(journal) = &options.replay {
        return replay(options, journal);
    }
    let all = registry::all();
    let plan = Plan::new(options, &all);
    if options.list {
        list::print(options, &plan);
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(empty) = selection::check(options, &plan, &all) {
        return Ok(refuse(&empty, || {
            let recorder = Recorder::new(options, None);
            let filtered_out = plan.filtered_out;
            recorder.take_of_run(Event::RunBegan(RunBegan { filtered_out, ..RunBegan::default() }));
            recorder.take_of_run(Event::RunEnded);
            recorder.end();
        }));
    }
    run(options, &plan)
}

/// Says why nothing was run; where that is no error, as the end of a run, whose counts others add up.
fn refuse(empty: &selection::Empty, as_a_run: impl FnOnce()) -> ExitCode {
    if empty.code == 0 {
        say!("note: {}", empty.sentence);
        as_a_run();
    } else {
        complain!("error: {}", empty.sentence);
    }
    ExitCode::from(empty.code)
}

fn run(options: &Options, plan: &Plan) -> Result<ExitCode, String> {
    let backend = backend::choose(options.backend, options.controller.as_deref())?;
    if plan.tests().any(|test| test.site.fixtures.contains(&"charm")) {
        // Better said now, once, than by every test after a model has been made for it.
        Charm::find().map_err(|error| error.to_string())?;
    }
    // For tests in this process; a worker has its own.
    log::init();
    let interrupted = watch_signals().map_err(|error| format!("signals cannot be handled: {error}"))?;
    let settings = Settings::new(options, &backend);
    let modules = plan.modules();
    let orders: Vec<WorkOrder> = modules
        .iter()
        .map(|module| WorkOrder {
            module: module.clone(),
            include_ignored: options.ignored != Ignored::Skip,
            settings: settings.clone(),
            nonce: None,
        })
        .collect();
    let began = RunBegan {
        run: settings.run.clone(),
        backend: backend.description,
        program: backend.program,
        prefix: settings.prefix.clone(),
        command: suite::command(),
        filtered_out: plan.filtered_out,
        modules,
    };

    let recorder = Arc::new(Recorder::new(options, Some(&settings.run_directory)));
    recorder.take_of_run(Event::RunBegan(began));
    let owner = Owner::new(settings, Arc::clone(&recorder));
    let interrupt = Interrupt::new(interrupted);
    let in_process = options.in_process && !suite::under_nextest();
    let supervisor = Supervisor::new(&owner, &interrupt, &recorder, in_process);
    supervisor.run(orders, options.jobs);
    owner.finish();
    // Seen here at the latest: the models' end is a part of the run.
    interrupt.is_set(&recorder);
    recorder.take_of_run(Event::RunEnded);
    let code = recorder.end();
    supervisor.see_off();
    Ok(code)
}

/// Reports an earlier run again.
fn replay(options: &Options, journal: &Path) -> Result<ExitCode, String> {
    let recorder = Recorder::new(options, None);
    Journal::read(journal)?.into_iter().for_each(|moment| recorder.take(moment));
    Ok(recorder.end())
}

/// The first signal ends the tests, and the models go as the run's last part; the second one ends this process at
/// once, and the owner of the models goes on alone. The workers get a Ctrl-C too.
fn watch_signals() -> std::io::Result<Arc<AtomicBool>> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // `nohup`: the run is to outlive its terminal.
        if signal == SIGHUP && is_ignored(signal) {
            continue;
        }
        let exit = i32::from(INTERRUPTED);
        // The order matters: it is the second one that finds the flag of the first.
        signal_hook::flag::register_conditional_shutdown(signal, exit, Arc::clone(&interrupted))?;
        signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
    }
    Ok(interrupted)
}

/// Whether this process was started with a signal ignored, where the system tells.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask & (1 << (signal - 1)) != 0
}
