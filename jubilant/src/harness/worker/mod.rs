//! Runs the tests of one module, one after the other; what happens goes up its `link`.

use std::io::{BufRead, BufReader, PipeReader, PipeWriter};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::descriptors;
use super::link::marks::Marker;
use super::link::{self, Link};
use super::log;
use super::outcome::judge;
use super::place;
use super::record::{Event, Verdict};
use super::registry::{self, Test};
use super::scope::Scope;
use super::settings::WorkOrder;

/// The private argument that makes the executable a worker, before its module, which is there for who looks at the
/// processes. A variable would also make workers of the suites that a test runs.
pub(crate) const ARGUMENT: &str = "--jubilant-worker";

/// The exit code of a worker that ran all its tests: a test that calls `exit(0)` must not look like one.
pub(crate) const FINISHED: i32 = 86;

/// How long a process's end may take.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// Runs the worker and exits, if that is what this process was started for.
pub(crate) fn run_if_called() {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == ARGUMENT) {
        main();
    }
}

/// The whole life of a worker process.
fn main() -> ! {
    let begun = descriptors::take_line().and_then(|(lines, answers)| {
        let mut answers = BufReader::new(answers);
        let mut first = String::new();
        answers.read_line(&mut first)?;
        let order: WorkOrder = serde_json::from_str(&first)?;
        // A copy of its own: a test may redirect or close the standard output.
        let output = std::io::stdout().as_fd().try_clone_to_owned()?;
        let marker = order.nonce.as_ref().map(|nonce| Marker::new(nonce, output));
        Ok((lines, answers, order, marker))
    });
    let Ok((lines, answers, order, marker)) = begun else {
        eprintln!("{ARGUMENT} is the harness's own: no module to run was given");
        std::process::exit(2);
    };
    log::init();
    run(&order, lines, answers, marker, || std::process::exit(1));
    end_in_any_case();
    std::process::exit(FINISHED)
}

/// No module waits for a worker that is through: should it get stuck in what runs at a process's end, it ends itself.
fn end_in_any_case() {
    thread::spawn(|| {
        thread::sleep(GRACE);
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    });
}

/// Runs a module in this process: what debuggers and `--nocapture` need.
pub(crate) fn run_here(order: &WorkOrder, lines: PipeWriter, answers: PipeReader) {
    run(order, lines, BufReader::new(answers), None, || ());
}

fn run(
    order: &WorkOrder,
    lines: PipeWriter,
    answers: BufReader<PipeReader>,
    marker: Option<Marker>,
    alone: impl Fn() + Send + 'static,
) {
    let (link, sender) = Link::new(lines, marker);
    // When the supervisor's end of the line closes, nobody is left to run tests for.
    thread::spawn(move || {
        link::pass_answers(answers, &sender);
        alone();
    });
    run_module(order, Arc::new(link));
}

/// Runs the module's tests and closes its scope.
fn run_module(order: &WorkOrder, link: Arc<Link>) {
    place::remember();
    let module = &order.module;
    let scope = Scope::open(&module.name, order.settings.clone(), Arc::clone(&link));
    let mut broken_setup = None::<String>;
    // Told together with the next one's beginning: nothing lies between them.
    let mut ended = None;
    for test in registry::find(&module.tests) {
        let path = test.path().to_owned();
        link.tell_marked(ended.take().into_iter().chain([Event::TestBegan { test: path.clone() }]));
        let started = Instant::now();
        let verdict = match reason_not_to_run(order, test, broken_setup.as_deref()) {
            Some(verdict) => verdict,
            None => run_test(test),
        };
        let seconds = started.elapsed().as_secs_f64();
        if matches!(verdict, Verdict::Failed(_)) {
            if test.site.setup {
                broken_setup = Some(path.clone());
            }
            scope.save_evidence(&path);
        }
        ended = Some(Event::TestEnded { test: path, verdict, seconds });
    }
    link.tell_marked(ended);
    scope.close();
    link.tell_marked([Event::ModuleEnded]);
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
    place::forget();
    let result = catch_unwind(AssertUnwindSafe(test.run));
    judge(result, test.should_panic, test.site.file)
}
