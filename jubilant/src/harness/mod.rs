//! The test harness: what `jubilant::main!()` runs.
//!
//! Modules are the unit of scheduling: each has its own temporary model, and runs its tests in the order
//! written, in a worker process of its own. The way of a run:
//! `options` → `plan` → `supervisor` → `worker` → `report`.
//! A worker holds the module's `scope`: its `models` and `fixtures`; the `watchdog` destroys the models
//! of whoever is killed; `evidence` is what is saved about a failure before its model goes.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A line on standard output. A reader that has gone away (`| head`) ends the output, not the run.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($words)*);
    }};
}

mod backend;
mod backtrace;
mod events;
mod evidence;
mod expression;
pub(crate) mod fixtures;
mod list;
mod models;
mod options;
mod outcome;
mod plan;
mod registry;
mod report;
mod scope;
mod settings;
mod supervisor;
mod waiting;
mod watchdog;
mod worker;

pub use fixtures::{Models, fixture_result, module_fixture};
pub use models::Model;
pub use outcome::{IntoOutcome, Outcome};
pub use registry::{Site, Test};
pub(crate) use watchdog::run_if_called as run_watchdog_if_called;

use options::{Ignored, Options, Usage};
use plan::Plan;
use report::Report;
use settings::{Settings, WorkOrder};

/// Exit codes: libtest's own for failed tests; 2 for a command line that cannot be obeyed.
const FAILED: u8 = 101;
const USAGE: u8 = 2;
const INTERRUPTED: u8 = 130;

/// What `jubilant::main!()` calls: parses the command line, runs the tests, answers with the exit code.
#[doc(hidden)]
pub fn main() -> ExitCode {
    init_log();
    worker::run_if_called();
    let options = match Options::read() {
        Ok(options) => options,
        Err(Usage(problem)) => {
            eprintln!("error: {problem}");
            return ExitCode::from(USAGE);
        }
    };
    if options.help {
        say!("{}", options::HELP.trim_end());
        return ExitCode::SUCCESS;
    }
    let plan = Plan::new(&options);
    if options.list {
        list::print(&options, &plan);
        return ExitCode::SUCCESS;
    }
    run(&options, &plan).unwrap_or_else(|problem| {
        eprintln!("error: {problem}");
        ExitCode::FAILURE
    })
}

fn run(options: &Options, plan: &Plan) -> Result<ExitCode, String> {
    let backend = if plan.modules.is_empty() {
        // Nothing will be asked of it: a filter that names another suite's test needs no controller.
        backend::Backend { program: PathBuf::from("juju"), description: "none needed".to_owned() }
    } else {
        backend::choose(options.backend, options.controller.as_deref())?
    };
    if plan.tests().any(|test| test.site.fixtures.contains(&"charm")) {
        // Better said now, once, than by every test after a model has been made for it.
        crate::Charm::find().map_err(|error| error.to_string())?;
    }
    let settings = settings(options, backend.program);
    let orders: Vec<WorkOrder> = plan
        .modules
        .iter()
        .map(|module| WorkOrder {
            module: module.name.clone(),
            tests: module.tests.iter().map(|test| test.path()).collect(),
            include_ignored: options.ignored != Ignored::Skip,
            settings: settings.clone(),
        })
        .collect();

    let mut report = Report::new(options, plan, &orders);
    report.begin(&backend.description);
    if options.in_process && !list::under_nextest() {
        supervisor::run_here(orders, |module, progress| report.progress(module, progress));
        return Ok(exit_code(report.end(&settings)));
    }
    // The workers get the same Ctrl-C and die of it; staying alive lets the user see the models go.
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // The second one ends the wait at once, and finds the flag of the first.
        let result = signal_hook::flag::register_conditional_shutdown(
            signal,
            INTERRUPTED.into(),
            Arc::clone(&interrupted),
        )
        .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&interrupted)));
        result.map_err(|error| format!("signals cannot be handled: {error}"))?;
    }
    supervisor::run_workers(orders, options.jobs, &interrupted, |module, progress| {
        report.progress(module, progress)
    });
    if interrupted.load(Ordering::Relaxed) {
        report.interrupted();
        report.end(&settings);
        return Ok(ExitCode::from(INTERRUPTED));
    }
    Ok(exit_code(report.end(&settings)))
}

fn exit_code(good: bool) -> ExitCode {
    if good { ExitCode::SUCCESS } else { ExitCode::from(FAILED) }
}

fn settings(options: &Options, program: PathBuf) -> Settings {
    let run = random();
    let run = &run[..8];
    Settings {
        program,
        prefix: options.model.clone().unwrap_or_else(|| format!("jubilant-{run}")),
        named: options.model.is_some(),
        controller: options.controller.clone(),
        cloud: options.cloud.clone(),
        keep: options.keep,
        no_deploy: options.no_deploy,
        run_directory: target_directory().join("jubilant").join(run),
    }
}

/// Cargo's target directory: the executable is `<target>/<profile>/deps/<name>`.
fn target_directory() -> PathBuf {
    let exe = std::env::current_exe().unwrap_or_default();
    let deps = exe.parent().filter(|directory| directory.ends_with("deps"));
    deps.and_then(Path::parent).and_then(Path::parent).map_or_else(|| PathBuf::from("target"), Path::to_owned)
}

/// 16 hexadecimal digits that differ from run to run, from the standard library's own random seed.
fn random() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

/// What the client did goes to standard error: with the test's output to a captured pipe, or to the terminal.
fn init_log() {
    use tracing_subscriber::prelude::*;
    let directives = std::env::var("RUST_LOG").unwrap_or_default();
    let filter: tracing_subscriber::filter::Targets =
        directives.parse().ok().filter(|_| !directives.is_empty()).unwrap_or_else(|| {
            tracing_subscriber::filter::Targets::new().with_target("jubilant", tracing::Level::INFO)
        });
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(false)
        // It would say so on standard error, and panic if that is the pipe that is closed.
        .log_internal_errors(false)
        .with_timer(tracing_subscriber::fmt::time::uptime())
        .with_filter(filter);
    // Somebody who set up their own subscriber keeps it.
    let _ = tracing_subscriber::registry().with(layer).try_init();
}
