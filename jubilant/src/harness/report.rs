//! What the user sees: one line per test, then the failures with their evidence, then the counts.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::events::{Event, Item};
use super::options::{Color, Format, Options};
use super::outcome::Verdict;
use super::plan::Plan;
use super::settings::{Settings, WorkOrder};
use super::supervisor::Progress;

/// Collects the results of all modules and prints them as they come.
pub(crate) struct Report {
    style: Style,
    terse: bool,
    show_output: bool,
    modules: Vec<Module>,
    failures: Vec<Failure>,
    passed: usize,
    failed: usize,
    ignored: usize,
    skipped: usize,
    filtered_out: usize,
    kept: Vec<String>,
    interrupted: bool,
    started: Instant,
}

struct Module {
    name: String,
    /// Tests that have not ended, in order.
    waiting: Vec<String>,
    /// The test that is running, with what it printed.
    running: Option<Running>,
    died: Option<String>,
    open_models: Vec<String>,
    /// What came while no test ran: the commands of the teardown, and what a fixture's `Drop` prints.
    between: Vec<u8>,
}

#[derive(Default)]
struct Running {
    path: String,
    output: Vec<u8>,
    evidence: Vec<String>,
}

struct Failure {
    path: String,
    message: String,
    output: String,
    evidence: Vec<String>,
}

impl Report {
    pub(crate) fn new(options: &Options, plan: &Plan, orders: &[WorkOrder]) -> Report {
        let modules = orders.iter().map(|order| Module {
            name: order.module.clone(),
            waiting: order.tests.clone(),
            running: None,
            died: None,
            open_models: Vec::new(),
            between: Vec::new(),
        });
        Report {
            style: Style::new(options.color),
            terse: options.format == Format::Terse,
            show_output: options.show_output,
            modules: modules.collect(),
            failures: Vec::new(),
            passed: 0,
            failed: 0,
            ignored: 0,
            skipped: 0,
            filtered_out: plan.filtered_out,
            kept: Vec::new(),
            interrupted: false,
            started: Instant::now(),
        }
    }

    pub(crate) fn begin(&self, backend: &str) {
        let tests: usize = self.modules.iter().map(|module| module.waiting.len()).sum();
        say!(
            "\nrunning {} in {}\nbackend: {backend}",
            count(tests, "test"),
            count(self.modules.len(), "module")
        );
    }

    pub(crate) fn progress(&mut self, module: usize, progress: Progress) {
        match progress {
            Progress::Item(Item::Output(bytes)) => self.output(module, &bytes),
            Progress::Item(Item::Event(event)) => self.event(module, event),
            Progress::Died(message) => self.modules[module].died = Some(message),
            Progress::Closed => self.close(module),
        }
        // A pipe that was closed on us ends the output, not the run.
        let _ = std::io::stdout().flush();
    }

    fn output(&mut self, module: usize, bytes: &[u8]) {
        let state = &mut self.modules[module];
        let output = state.running.as_mut().map_or(&mut state.between, |running| &mut running.output);
        output.extend_from_slice(bytes);
    }

    fn event(&mut self, module: usize, event: Event) {
        let state = &mut self.modules[module];
        match event {
            Event::TestStarted { path } => {
                state.waiting.retain(|waiting| *waiting != path);
                state.running = Some(Running { path, ..Running::default() });
            }
            Event::TestEnded { verdict, seconds, .. } => {
                let running = state.running.take().unwrap_or_default();
                self.end_test(running, verdict, Some(seconds));
            }
            Event::Waiting { progress } => {
                if let Some(running) = state.running.as_ref().filter(|_| !self.terse) {
                    say!("     {} {progress}", running.path);
                }
            }
            Event::Model { name, .. } => state.open_models.push(name),
            Event::ModelDestroyed { name } | Event::ModelNotMade { name } => {
                state.open_models.retain(|open| *open != name)
            }
            Event::ModelKept { name } => {
                state.open_models.retain(|open| *open != name);
                self.kept.push(name);
            }
            Event::Evidence { summary, .. } => {
                if let Some(running) = &mut state.running {
                    running.evidence.push(summary);
                }
            }
            Event::TeardownFailed { message } => {
                let path = format!("{}::teardown", state.name);
                let output = std::mem::take(&mut state.between);
                self.end_test(Running { path, output, ..Running::default() }, Verdict::Failed(message), None);
            }
            Event::ModuleEnded | Event::WatchdogEnded => {}
        }
    }

    /// Settles what a worker that died could not report itself.
    fn close(&mut self, module: usize) {
        let state = &mut self.modules[module];
        let waiting = std::mem::take(&mut state.waiting);
        let open_models = std::mem::take(&mut state.open_models);
        let (running, died) = (state.running.take(), state.died.take());
        let between = std::mem::take(&mut state.between);
        self.kept.extend(open_models);
        let mut reason = died.clone().unwrap_or_else(|| "the run was interrupted".to_owned());
        match (running, died) {
            (Some(running), died) => {
                reason = format!("the process died in `{}`", running.path);
                let message = died.unwrap_or_else(|| "the test was interrupted".to_owned());
                self.end_test(running, Verdict::Failed(message), None);
            }
            (None, Some(message)) => {
                let path = format!("{}::worker", self.modules[module].name);
                let running = Running { path, output: between, ..Running::default() };
                self.end_test(running, Verdict::Failed(message), None);
            }
            (None, None) if self.show_output && !between.is_empty() => {
                let name = &self.modules[module].name;
                say!(
                    "---- {name} printed beside its tests ----\n{}",
                    String::from_utf8_lossy(&between).trim_end()
                );
            }
            (None, None) => {}
        }
        for path in waiting {
            let running = Running { path, ..Running::default() };
            self.end_test(running, Verdict::Skipped(reason.clone()), None);
        }
    }

    fn end_test(&mut self, running: Running, verdict: Verdict, seconds: Option<f64>) {
        let Running { path, output, evidence } = running;
        let output = String::from_utf8_lossy(&output).into_owned();
        let time = seconds.filter(|seconds| *seconds >= 0.1).map(|seconds| format!(" ({seconds:.1} s)"));
        let time = time.unwrap_or_default();
        let (line, terse) = match &verdict {
            Verdict::Passed => {
                self.passed += 1;
                (format!("{}{time}", self.style.green("ok")), self.style.green("."))
            }
            Verdict::Failed(message) => {
                self.failed += 1;
                let first = message.lines().next().unwrap_or_default();
                (format!("{}{time}: {first}", self.style.red("FAILED")), self.style.red("F"))
            }
            Verdict::Skipped(reason) => {
                self.skipped += 1;
                (format!("{}: {reason}", self.style.yellow("skipped")), self.style.yellow("s"))
            }
            Verdict::Ignored(reason) => {
                self.ignored += 1;
                let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
                (format!("{}{reason}", self.style.yellow("ignored")), self.style.yellow("i"))
            }
        };
        if self.terse {
            let _ = write!(std::io::stdout(), "{terse}");
        } else {
            say!("test {path} ... {line}");
        }
        if let Verdict::Failed(message) = verdict {
            self.failures.push(Failure { path, message, output, evidence });
        } else if self.show_output && !output.is_empty() {
            say!("---- {path} printed ----\n{}", output.trim_end());
        }
    }

    pub(crate) fn interrupted(&mut self) {
        self.interrupted = true;
    }

    /// Prints the failures and the counts; the answer is whether the run is a success.
    pub(crate) fn end(self, settings: &Settings) -> bool {
        for failure in &self.failures {
            self.print_failure(failure);
        }
        if !self.failures.is_empty() {
            say!("\nfailures:");
            self.failures.iter().for_each(|failure| say!("    {}", failure.path));
        }
        self.print_kept(settings);
        let good = self.failed == 0 && !self.interrupted;
        let verdict = match (good, self.interrupted) {
            (true, _) => self.style.green("ok"),
            (false, true) => self.style.red("INTERRUPTED"),
            (false, false) => self.style.red("FAILED"),
        };
        let skipped = if self.skipped > 0 { format!(" {} skipped;", self.skipped) } else { String::new() };
        say!(
            "\ntest result: {verdict}. {} passed; {} failed; {} ignored; 0 measured; {} filtered out;{skipped} finished in {}\n",
            self.passed,
            self.failed,
            self.ignored,
            self.filtered_out,
            seconds(self.started.elapsed()),
        );
        good
    }

    fn print_failure(&self, failure: &Failure) {
        say!("\n---- {} ----", self.style.red(&failure.path));
        if !failure.output.is_empty() {
            say!("{}\n", failure.output.trim_end());
        }
        say!("{}", failure.message.trim_end());
        for evidence in &failure.evidence {
            say!("\n{}", evidence.trim_end());
        }
    }

    fn print_kept(&self, settings: &Settings) {
        if self.kept.is_empty() {
            return;
        }
        say!("\nkept models: {}", self.kept.join(", "));
        say!(
            "  run on them again:  {} --model {} --keep-models --no-deploy",
            rerun_command(),
            settings.prefix
        );
        say!("  look at one:        {} status --model {}", settings.program.display(), self.kept[0]);
    }
}

/// The command that runs this suite again, as cargo was most likely called.
fn rerun_command() -> String {
    let exe: PathBuf = std::env::current_exe().unwrap_or_default();
    let name = exe.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    // Cargo names a test executable `<target>-<hash>`.
    let target = name.rsplit_once('-').map_or(name.as_str(), |(target, _)| target);
    format!("cargo test --test {target} --")
}

fn seconds(duration: Duration) -> String {
    format!("{:.2}s", duration.as_secs_f64())
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// ANSI colours, where they are wanted.
struct Style {
    colored: bool,
}

impl Style {
    fn new(color: Color) -> Style {
        let colored = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        };
        Style { colored }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colored { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn green(&self, text: &str) -> String {
        self.paint("32", text)
    }

    fn red(&self, text: &str) -> String {
        self.paint("31", text)
    }

    fn yellow(&self, text: &str) -> String {
        self.paint("33", text)
    }
}
