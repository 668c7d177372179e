//! Runs the tests of one module, one after the other.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::backtrace;
use super::events::{Event, Sink};
use super::outcome::{Verdict, judge};
use super::registry::{self, Test};
use super::scope::Scope;
use super::settings::WorkOrder;

/// The private argument that makes the executable a worker, before the nonce of its marks and, for who looks at
/// the processes, its module. A variable would also make workers of the suites that a test runs.
pub(crate) const ARGUMENT: &str = "--jubilant-worker";

/// The exit code of a worker that ran all its tests: a test that calls `exit(0)` must not look like one.
pub(crate) const FINISHED: i32 = 86;

/// Runs the worker and exits, if that is what this process was started for.
pub(crate) fn run_if_called() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|argument| argument == ARGUMENT)
        && let Some(nonce) = arguments.next().and_then(|nonce| nonce.into_string().ok())
    {
        main(nonce);
    }
}

/// The whole life of a worker process.
fn main(nonce: String) -> ! {
    let mut line = String::new();
    let supervisor = take_stdin().and_then(|mut stdin| stdin.read_line(&mut line).map(|_| stdin));
    let (Ok(supervisor), Ok(order)) = (supervisor, serde_json::from_str::<WorkOrder>(&line)) else {
        eprintln!("{ARGUMENT} is the harness's own: no module to run was given");
        std::process::exit(2);
    };
    std::thread::spawn(|| exit_with_the_parent(supervisor));
    let sink = Sink::Marks { nonce, to_stderr: false };
    run_module(&order, sink);
    std::process::exit(FINISHED)
}

/// The pipe from the supervisor, with an empty standard input left in its place: a test, or a program that it
/// starts, must not wait for ever for input that nobody will give.
fn take_stdin() -> std::io::Result<BufReader<File>> {
    let pipe = File::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(BufReader::new(pipe))
}

/// When the supervisor's end of the pipe closes it is dead, and nobody reads the results. Exiting lets the
/// watchdog destroy the models.
fn exit_with_the_parent(mut supervisor: impl Read) {
    let mut byte = [0];
    while matches!(supervisor.read(&mut byte), Ok(1)) {}
    std::process::exit(1);
}

/// Runs the module's tests and closes its scope; everything that happens goes to `sink`.
pub(crate) fn run_module(order: &WorkOrder, sink: Sink) {
    let scope = Scope::open(&order.module, order.settings.clone(), sink.clone());
    let tests = registry::all();
    let (mut failed, mut broken_setup) = (false, None::<String>);
    for path in &order.tests {
        let Some(test) = tests.iter().find(|test| test.path() == *path) else { continue };
        sink.send(Event::TestStarted { path: path.clone() });
        let started = Instant::now();
        let verdict = match reason_not_to_run(order, test, broken_setup.as_deref()) {
            Some(verdict) => verdict,
            None => run_test(test),
        };
        let seconds = started.elapsed().as_secs_f64();
        if matches!(verdict, Verdict::Failed(_)) {
            failed = true;
            if test.site.setup {
                broken_setup = Some(path.clone());
            }
            scope.save_evidence(path);
        }
        sink.send(Event::TestEnded { path: path.clone(), verdict, seconds });
    }
    scope.close(failed);
    sink.send(Event::ModuleEnded);
}

fn reason_not_to_run(order: &WorkOrder, test: &Test, broken_setup: Option<&str>) -> Option<Verdict> {
    if let Some(setup) = broken_setup {
        return Some(Verdict::Skipped(format!("the setup test `{setup}` failed")));
    }
    match test.ignore {
        Some(reason) if !order.include_ignored => return Some(Verdict::Ignored(reason.to_owned())),
        _ => {}
    }
    (test.site.setup && order.settings.no_deploy)
        .then(|| Verdict::Skipped("--no-deploy: an earlier run has set the model up".to_owned()))
}

fn run_test(test: &Test) -> Verdict {
    match judge(catch_unwind(AssertUnwindSafe(test.run)), test.should_panic) {
        Verdict::Failed(message) => Verdict::Failed(backtrace::shorten(&message, test.site.file)),
        other => other,
    }
}
