//! The invariant, anomaly by anomaly. `random` has it for whatever nobody thought of.

use super::super::moment::{Event, Failure, Moment, PlannedModule, RunBegan, Verdict};
use super::*;

mod random;

fn began(test: &str) -> Event {
    Event::TestBegan { test: test.to_owned() }
}

fn ended(test: &str, verdict: Verdict) -> Event {
    Event::TestEnded { test: test.to_owned(), verdict, seconds: 0.5 }
}

fn passed(test: &str) -> Event {
    ended(test, Verdict::Passed)
}

fn failed(test: &str) -> Event {
    ended(test, Verdict::failed("its own words"))
}

fn died() -> Event {
    Event::WorkerDied { how: "SIGKILL".to_owned() }
}

fn damaged(test: Option<&str>) -> Event {
    Event::Damaged { test: test.map(str::to_owned), what: "a gap".to_owned() }
}

fn evidence(test: Option<&str>) -> Event {
    Event::Evidence { test: test.map(str::to_owned), directory: "/e".into(), summary: "the log".to_owned() }
}

fn plan(modules: &[(&str, &[&str])]) -> Event {
    let module = |(name, tests): &(&str, &[&str])| PlannedModule {
        name: (*name).to_owned(),
        tests: tests.iter().map(|test| (*test).to_owned()).collect(),
    };
    Event::RunBegan(RunBegan { modules: modules.iter().map(module).collect(), ..RunBegan::default() })
}

fn moment(module: Option<&str>, event: Event) -> Moment {
    Moment { at: 1, module: module.map(str::to_owned), event }
}

/// A run of the module `m` with the tests `a` and `b`, and what happened in it.
fn run(events: impl IntoIterator<Item = Event>) -> Run {
    let mut run = Run::default();
    run.apply(&moment(None, plan(&[("m", &["a", "b"])])));
    for event in events {
        let of_run = matches!(event, Event::RunInterrupted | Event::RunEnded);
        run.apply(&moment(if of_run { None } else { Some("m") }, event));
    }
    run
}

/// The same to its end.
fn whole(events: impl IntoIterator<Item = Event>) -> Run {
    run(events.into_iter().chain([Event::ModuleClosed, Event::RunEnded]))
}

/// The verdicts, in short.
fn verdicts(run: &Run) -> Vec<String> {
    let short = |test: &TestRun| match test.verdict() {
        None => format!("{}?", test.path),
        Some(Verdict::Passed) => format!("{} passed", test.path),
        Some(Verdict::Failed(Failure { message, .. })) => format!("{} failed: {message}", test.path),
        Some(Verdict::Skipped(reason)) => format!("{} skipped: {reason}", test.path),
        Some(Verdict::Ignored(reason)) => format!("{} ignored: {reason}", test.path),
    };
    run.tests().map(short).collect()
}

/// A run with these moments is a failure, with these verdicts.
#[track_caller]
fn fails_with<const E: usize>(events: [Event; E], expected: &[&str]) {
    let run = whole(events);
    assert_eq!(verdicts(&run), expected);
    assert!(!run.is_success());
    assert_eq!(run.faults, Vec::<String>::new());
}

#[test]
fn a_test_that_began_and_then_passed_has_passed() {
    let run = whole([began("a"), passed("a"), began("b"), passed("b"), Event::ModuleEnded]);
    assert_eq!(verdicts(&run), ["a passed", "b passed"]);
    assert!(run.is_success());
}

#[test]
fn skipped_and_ignored_are_no_failures() {
    let skipped = ended("a", Verdict::Skipped("why".to_owned()));
    let ignored = ended("b", Verdict::Ignored(String::new()));
    let run = whole([began("a"), skipped, began("b"), ignored, Event::ModuleEnded]);
    assert_eq!(verdicts(&run), ["a skipped: why", "b ignored: "]);
    assert_eq!(run.counts(), Counts { skipped: 1, ignored: 1, ..Counts::default() });
    assert!(run.is_success());
}

#[test]
fn no_run_is_a_success_before_its_end() {
    assert!(!Run::default().is_success());
    let run =
        run([began("a"), passed("a"), began("b"), passed("b"), Event::ModuleEnded, Event::ModuleClosed]);
    assert!(!run.is_success());
}

#[test]
fn a_run_that_never_began_is_no_success() {
    let mut run = Run::default();
    run.apply(&moment(None, Event::RunEnded));
    assert!(!run.is_success());
    assert_eq!(run.faults.len(), 1);
}

#[test]
fn a_run_that_is_cut_off_is_no_success() {
    let mut in_the_middle = run([began("a"), passed("a"), began("b")]);
    assert_eq!(in_the_middle.cut_off(), [Settled { module: 0, test: 1 }]);
    assert_eq!(verdicts(&in_the_middle), ["a passed", "b failed: nothing more was heard of it"]);
    let mut at_the_end = run([began("a"), passed("a"), began("b"), passed("b"), Event::ModuleClosed]);
    assert_eq!(at_the_end.cut_off(), []);
    assert!(!at_the_end.is_success());
    let mut not_at_all = whole([began("a"), passed("a"), began("b"), passed("b")]);
    assert_eq!(not_at_all.cut_off(), []);
    assert!(not_at_all.is_success());
}

#[test]
fn a_test_that_ends_twice_has_failed() {
    let rest = || [began("b"), passed("b")];
    let [b, b_passed] = rest();
    fails_with(
        [began("a"), passed("a"), passed("a"), b, b_passed],
        &["a failed: this test ended twice", "b passed"],
    );
    let [b, b_passed] = rest();
    fails_with(
        [began("a"), passed("a"), failed("a"), b, b_passed],
        &["a failed: this test ended twice", "b passed"],
    );
    let [b, b_passed] = rest();
    fails_with([began("a"), failed("a"), passed("a"), b, b_passed], &["a failed: its own words", "b passed"]);
}

#[test]
fn a_test_that_begins_twice_has_failed() {
    fails_with(
        [began("a"), passed("a"), began("a"), passed("a"), began("b"), passed("b")],
        &["a failed: this test began twice", "b passed"],
    );
    fails_with(
        [began("a"), began("a"), passed("a"), began("b"), passed("b")],
        &["a failed: `a` began before this test had ended", "b passed"],
    );
}

#[test]
fn a_test_that_ends_without_having_begun_has_failed() {
    fails_with(
        [passed("a"), began("b"), passed("b")],
        &["a failed: this test ended without having begun", "b passed"],
    );
    fails_with(
        [passed("a"), began("a"), began("b"), passed("b")],
        &["a failed: this test ended without having begun", "b passed"],
    );
}

#[test]
fn a_test_whose_end_is_missing_has_failed() {
    fails_with(
        [began("a"), began("b"), passed("b"), Event::ModuleEnded],
        &["a failed: `b` began before this test had ended", "b passed"],
    );
    fails_with(
        [began("a"), passed("a"), began("b"), Event::ModuleEnded],
        &["a passed", "b failed: nothing more was heard of it"],
    );
}

#[test]
fn a_test_of_which_nothing_was_told_has_failed() {
    fails_with(
        [began("a"), passed("a"), Event::ModuleEnded],
        &["a passed", "b failed: its module ended without a word about this test"],
    );
    let nothing = "failed: its module ended without a word about this test";
    fails_with([], &[&format!("a {nothing}"), &format!("b {nothing}")]);
}

#[test]
fn a_module_of_which_nothing_was_told_has_failed() {
    let mut run = Run::default();
    run.apply(&moment(None, plan(&[("m", &["a"]), ("n", &["c"])])));
    for event in [began("a"), passed("a"), Event::ModuleEnded, Event::ModuleClosed] {
        run.apply(&moment(Some("m"), event));
    }
    run.apply(&moment(None, Event::RunEnded));
    assert_eq!(verdicts(&run), ["a passed", "c failed: its module ended without a word about this test"]);
    assert!(!run.is_success());
}

#[test]
fn a_test_that_was_not_planned_is_a_failure_beside_the_planned_ones() {
    fails_with(
        [began("x"), passed("x"), began("a"), passed("a"), began("b"), passed("b")],
        &[
            "a passed",
            "b passed",
            "m::harness failed: `x` began, which was not to run",
            "m::harness failed: `x` ended, which was not to run",
        ],
    );
}

#[test]
fn what_no_planned_module_can_have_told_is_a_fault() {
    let good = || [began("a"), passed("a"), began("b"), passed("b"), Event::ModuleClosed];
    for stray in [moment(Some("x"), passed("a")), moment(None, passed("a")), moment(None, plan(&[]))] {
        let mut run = run(good());
        run.apply(&stray);
        run.apply(&moment(None, Event::RunEnded));
        assert_eq!(verdicts(&run), ["a passed", "b passed"]);
        assert_eq!(run.faults.len(), 1, "{stray:?}");
        assert!(!run.is_success(), "{stray:?}");
    }
}

#[test]
fn a_worker_that_dies_in_a_test_fails_it_and_skips_the_rest() {
    fails_with([began("a"), died()], &["a failed: SIGKILL", "b skipped: the process died in `a`"]);
    // What comes of it later turns nothing back.
    fails_with(
        [began("a"), died(), passed("a")],
        &["a failed: SIGKILL", "b skipped: the process died in `a`"],
    );
}

#[test]
fn a_worker_that_dies_between_tests_is_a_failure_of_its_own() {
    fails_with(
        [began("a"), passed("a"), died()],
        &["a passed", "b skipped: SIGKILL", "m::worker failed: SIGKILL"],
    );
    fails_with([died()], &["a skipped: SIGKILL", "b skipped: SIGKILL", "m::worker failed: SIGKILL"]);
    fails_with(
        [began("a"), passed("a"), began("b"), passed("b"), died(), died()],
        &["a passed", "b passed", "m::worker failed: SIGKILL"],
    );
}

#[test]
fn a_worker_may_end_after_its_word_that_it_is_through() {
    let run = whole([began("a"), passed("a"), began("b"), passed("b"), Event::ModuleEnded, died()]);
    assert!(run.is_success());
}

#[test]
fn damage_fails_the_test_that_it_is_about() {
    fails_with(
        [began("a"), passed("a"), damaged(Some("a")), began("b"), passed("b")],
        &["a failed: a gap", "b passed"],
    );
    fails_with(
        [began("a"), damaged(None), passed("a"), began("b"), passed("b")],
        &["a failed: a gap", "b passed"],
    );
    fails_with(
        [began("a"), failed("a"), damaged(Some("a")), began("b"), passed("b")],
        &["a failed: its own words", "b passed"],
    );
    fails_with(
        [damaged(None), began("a"), passed("a"), began("b"), passed("b")],
        &["a passed", "b passed", "m::harness failed: a gap"],
    );
    fails_with(
        [damaged(Some("x")), began("a"), passed("a"), began("b"), passed("b")],
        &["a passed", "b passed", "m::harness failed: a gap"],
    );
}

#[test]
fn a_module_that_is_closed_twice_is_closed_once() {
    let run = whole([began("a"), passed("a"), died(), Event::ModuleClosed]);
    assert_eq!(verdicts(&run), ["a passed", "b skipped: SIGKILL", "m::worker failed: SIGKILL"]);
    // But nothing may happen in it after that.
    fails_with(
        [began("a"), passed("a"), Event::ModuleClosed, began("b"), passed("b")],
        &["a passed", "b failed: its module ended without a word about this test"],
    );
}

#[test]
fn nothing_that_comes_after_the_end_is_heard() {
    let good = [began("a"), passed("a"), began("b"), passed("b"), Event::ModuleEnded, Event::ModuleClosed];
    for late in [passed("a"), failed("a"), Event::RunEnded] {
        let mut run = run(good.clone().into_iter().chain([Event::RunEnded]));
        assert!(run.is_success());
        let settled = run.apply(&moment(Some("m"), late));
        assert_eq!(settled, []);
        assert_eq!(verdicts(&run), ["a passed", "b passed"]);
        assert!(run.faults[0].starts_with("something came after the end"), "{:?}", run.faults);
        assert!(!run.is_success());
    }
}

#[test]
fn an_interrupted_run_is_no_success() {
    let interrupted = whole([Event::RunInterrupted]);
    assert_eq!(
        verdicts(&interrupted),
        ["a skipped: the run was interrupted", "b skipped: the run was interrupted"]
    );
    assert!(!interrupted.is_success());
    // Also if the worker was there already: no test is to blame for that, and none failed.
    let between = whole([began("a"), passed("a"), Event::RunInterrupted, died(), Event::ModuleClosed]);
    assert_eq!(verdicts(&between), ["a passed", "b skipped: the run was interrupted"]);
    assert!(!between.is_success());
    let in_the_middle = whole([began("a"), Event::RunInterrupted, died()]);
    assert_eq!(verdicts(&in_the_middle), ["a failed: SIGKILL", "b skipped: the process died in `a`"]);
    let at_the_end = whole([began("a"), passed("a"), began("b"), passed("b"), Event::RunInterrupted]);
    assert_eq!(verdicts(&at_the_end), ["a passed", "b passed"]);
    assert!(!at_the_end.is_success());
}

#[test]
fn a_failed_teardown_is_a_failure_of_its_own_with_what_it_printed() {
    let printed = Event::Printed { test: None, text: "it said so".to_owned() };
    let torn = Event::TeardownFailed { message: "drop panicked".to_owned() };
    let run = whole([began("a"), passed("a"), began("b"), passed("b"), printed, torn, Event::ModuleEnded]);
    assert_eq!(verdicts(&run), ["a passed", "b passed", "m::teardown failed: drop panicked"]);
    assert_eq!(run.tests().last().map(|test| test.printed.text()).as_deref(), Some("it said so"));
    assert!(!run.is_success());
}

#[test]
fn output_is_kept_with_the_test_that_printed_it() {
    let printed = |test: Option<&str>, text: &str| Event::Printed {
        test: test.map(str::to_owned),
        text: text.to_owned(),
    };
    let run = whole([
        printed(None, "0"),
        began("a"),
        printed(Some("a"), "1"),
        passed("a"),
        printed(Some("a"), "2"),
        printed(Some("x"), "3"),
        began("b"),
        passed("b"),
    ]);
    let texts: Vec<String> = run.tests().map(|test| test.printed.text()).collect();
    assert_eq!(
        (texts, run.modules[0].between.text()),
        (vec!["12".to_owned(), String::new()], "03".to_owned())
    );
}

/// The tests that evidence was kept with.
fn with_evidence(run: &Run) -> Vec<&str> {
    run.tests().filter(|test| !test.evidence.is_empty()).map(|test| test.path.as_str()).collect()
}

#[test]
fn evidence_is_kept_with_the_test_that_it_is_about() {
    let named = whole([began("a"), failed("a"), began("b"), evidence(Some("a")), failed("b")]);
    assert_eq!(with_evidence(&named), ["a"]);
    // The owner of the models saves it when a worker is dead, and knows no test.
    let in_a_test = whole([began("a"), failed("a"), began("b"), died(), evidence(None)]);
    assert_eq!(with_evidence(&in_a_test), ["b"]);
    let between = whole([began("a"), failed("a"), died(), evidence(None)]);
    assert_eq!(with_evidence(&between), ["m::worker"]);
    let after_all = whole([began("a"), passed("a"), began("b"), passed("b"), died(), evidence(None)]);
    assert_eq!(with_evidence(&after_all), ["m::worker"]);
    let torn = Event::TeardownFailed { message: String::new() };
    let torn = whole([began("a"), died(), torn, evidence(None)]);
    assert_eq!(with_evidence(&torn), ["a"]);
}

#[test]
fn each_verdict_is_told_when_it_is_there() {
    let mut run = run([began("a")]);
    let a = Settled { module: 0, test: 0 };
    let b = Settled { module: 0, test: 1 };
    assert_eq!(run.apply(&moment(Some("m"), passed("a"))), [a]);
    assert_eq!(run.apply(&moment(Some("m"), passed("a"))), [a], "it is a worse one now");
    assert_eq!(run.apply(&moment(Some("m"), passed("a"))), [], "it is no worse than before");
    assert_eq!(run.apply(&moment(None, Event::RunEnded)), [b]);
}
