//! The terminal's report: one line per test, then the failures with their evidence, then the counts.

use std::collections::HashMap;
use std::io::Write;

use super::style::Style;
use crate::harness::options::{Format, Options};
use crate::harness::record::{Event, ModelState, Moment, Run, Settled, TestRun, TestState, Verdict};
use crate::harness::say::say;

/// How long a wait lasts before it is told, and how long until it is told again, in seconds.
const FIRST: f64 = 5.0;
const AGAIN: f64 = 30.0;

pub(crate) struct Terminal {
    style: Style,
    terse: bool,
    show_output: bool,
    /// When the wait that lasts was told last, by module.
    told: HashMap<String, f64>,
}

impl Terminal {
    pub(crate) fn new(options: &Options) -> Terminal {
        Terminal {
            style: Style::new(options.color),
            terse: options.format == Format::Terse,
            show_output: options.show_output,
            told: HashMap::new(),
        }
    }

    /// Shows what a moment brought: `run` has taken it in, `settled` are the tests that it gave a verdict.
    pub(crate) fn moment(&mut self, moment: &Moment, run: &Run, settled: &[Settled]) {
        match (&moment.event, &moment.module) {
            (Event::RunBegan(plan), _) => {
                let tests = plan.modules.iter().map(|module| module.tests.len()).sum();
                let (tests, modules) = (count(tests, "test"), count(plan.modules.len(), "module"));
                say!("\nrunning {tests} in {modules}");
                // A run of nothing needs none.
                if !plan.backend.is_empty() {
                    say!("backend: {}", plan.backend);
                }
            }
            (Event::RunInterrupted, _) => say!(
                "interrupted: the tests end now, then their models are destroyed (once more, and that goes on without you)"
            ),
            (Event::ModelDestroyed { model }, _) if run.interrupted => {
                say!("     destroyed the model {model}")
            }
            (Event::Notice { text }, _) => say!("note: {text}"),
            (Event::WaitBegan { .. }, Some(module)) => drop(self.told.remove(module)),
            (Event::WaitProgressed { condition, elapsed, limit, unmet }, Some(module)) => {
                self.wait(run, module, condition, (*elapsed, *limit), unmet);
            }
            (Event::ModuleClosed, Some(module)) if self.show_output => {
                print_between(run, module);
            }
            _ => {}
        }
        settled.iter().for_each(|settled| self.test(run.test(*settled)));
        // A pipe that was closed on us ends the output, not the run.
        let _ = std::io::stdout().flush();
    }

    fn wait(&mut self, run: &Run, module: &str, condition: &str, times: (f64, f64), unmet: &[String]) {
        let (elapsed, limit) = times;
        let again = self.told.get(module).is_none_or(|told| elapsed - told >= AGAIN);
        let Some(test) = run.running(module).filter(|_| !self.terse && elapsed >= FIRST && again) else {
            return;
        };
        self.told.insert(module.to_owned(), elapsed);
        let mut text = format!("waits for {condition} ({elapsed:.0} s of {limit:.0} s)");
        if let Some((first, more)) = unmet.split_first() {
            text.push_str(&format!(": {first}"));
            if !more.is_empty() {
                text.push_str(&format!(", and {} more", more.len()));
            }
        }
        say!("     {} {text}", test.path);
    }

    /// The line of a test that has its verdict.
    fn test(&self, test: &TestRun) {
        let TestState::Ended { verdict, seconds } = &test.state else { return };
        let time = seconds.filter(|seconds| *seconds >= 0.1).map(|seconds| format!(" ({seconds:.1} s)"));
        let time = time.unwrap_or_default();
        let (line, terse) = match verdict {
            Verdict::Passed => (format!("{}{time}", self.style.green("ok")), self.style.green(".")),
            Verdict::Failed(failure) => {
                let first = failure.message.lines().next().unwrap_or_default();
                (format!("{}{time}: {first}", self.style.red("FAILED")), self.style.red("F"))
            }
            Verdict::Skipped(reason) => {
                (format!("{}: {reason}", self.style.yellow("skipped")), self.style.yellow("s"))
            }
            Verdict::Ignored(reason) => {
                let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
                (format!("{}{reason}", self.style.yellow("ignored")), self.style.yellow("i"))
            }
        };
        if self.terse {
            let _ = write!(std::io::stdout(), "{terse}");
        } else {
            say!("test {} ... {line}", test.path);
        }
        if self.show_output && !matches!(verdict, Verdict::Failed(_)) && !test.printed.is_empty() {
            say!("---- {} printed ----\n{}", test.path, test.printed.text().trim_end());
        }
    }

    /// Shows the failures, the models that are still there, and the counts.
    pub(crate) fn end(&self, run: &Run) {
        let failed = || run.tests().filter(|test| matches!(test.verdict(), Some(Verdict::Failed(_))));
        failed().for_each(|test| self.failure(test));
        if failed().next().is_some() {
            say!("\nfailures:");
            failed().for_each(|test| say!("    {}", test.path));
        }
        for fault in &run.faults {
            say!("\n{}: {fault}", self.style.red("the record of this run is not right"));
        }
        print_models(run);
        let verdict = match (run.is_success(), run.interrupted) {
            (true, _) => self.style.green("ok"),
            (false, true) => self.style.red("INTERRUPTED"),
            (false, false) => self.style.red("FAILED"),
        };
        let counts = run.counts();
        let skipped =
            if counts.skipped > 0 { format!(" {} skipped;", counts.skipped) } else { String::new() };
        let microseconds = run.last.saturating_sub(run.began);
        say!(
            "\ntest result: {verdict}. {} passed; {} failed; {} ignored; 0 measured; {} filtered out;{skipped} finished in {:.2}s\n",
            counts.passed,
            counts.failed,
            counts.ignored,
            run.plan.filtered_out,
            std::time::Duration::from_micros(microseconds).as_secs_f64(),
        );
    }

    fn failure(&self, test: &TestRun) {
        let Some(Verdict::Failed(failure)) = test.verdict() else { return };
        say!("\n---- {} ----", self.style.red(&test.path));
        if !test.printed.is_empty() {
            say!("{}\n", test.printed.text().trim_end());
        }
        say!("{}", failure.message.trim_end());
        if let Some(place) = &failure.place {
            say!("\nat {place}");
        }
        test.evidence.iter().for_each(|evidence| say!("\n{}", evidence.trim_end()));
    }
}

fn print_between(run: &Run, module: &str) {
    let module = run.modules.iter().find(|known| known.name == module && !known.between.is_empty());
    if let Some(module) = module {
        say!("---- {} printed beside its tests ----\n{}", module.name, module.between.text().trim_end());
    }
}

/// The models that outlive the run, on purpose or not, and those that an earlier one had left.
fn print_models(run: &Run) {
    for (model, earlier) in &run.swept {
        say!("\ndestroyed the model {model}, which the run {earlier} had left when it was killed");
    }
    let kept: Vec<&str> = run
        .models
        .iter()
        .filter(|(_, state)| matches!(state, ModelState::Kept | ModelState::Used))
        .map(|(model, _)| model.as_str())
        .collect();
    if let Some(first) = kept.first() {
        let plan = &run.plan;
        say!("\nkept models: {}", kept.join(", "));
        say!("  run on them again:  {} --model {} --keep-models --no-deploy", plan.command, plan.prefix);
        say!("  look at one:        {} status --model {first}", plan.program.display());
    }
    let left: Vec<(&String, String)> =
        run.models.iter().filter_map(|(model, state)| Some((model, left(state)?))).collect();
    if !left.is_empty() {
        say!("\nmodels that are still there:");
        left.iter().for_each(|(model, why)| say!("  {model}: {why}"));
        say!("  list and remove what is left:  {} --sweep", run.plan.command);
    }
}

/// Why a model is still there that nobody asked to keep.
fn left(state: &ModelState) -> Option<String> {
    match state {
        ModelState::Left { why, trying: Some(process) } => {
            Some(format!("not destroyed yet, the process {process} goes on trying: {why}"))
        }
        ModelState::Left { why, trying: None } => Some(format!("it could not be destroyed: {why}")),
        ModelState::NotAdded { doubt: true, .. } => {
            Some("add-model failed, and whether it is there, and whose it is, is not known".to_owned())
        }
        ModelState::Adding | ModelState::Present => Some("nothing was heard of its end".to_owned()),
        ModelState::NotAdded { .. } | ModelState::Used | ModelState::Destroyed | ModelState::Kept => None,
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
