//! The state of a run, as its moments add up to it.
//!
//! It owns the invariant that a run cannot lie: **every planned test ends exactly once, or it failed.** Whatever is
//! missing, comes twice or cannot be read is a failure of the tests concerned. Nothing turns a failure back.

use indexmap::IndexMap;

use super::excerpt::Excerpt;
use super::moment::{Event, Moment, RunBegan, Verdict};

/// A run so far.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) plan: RunBegan,
    pub(crate) began: u64,
    /// When the latest moment was.
    pub(crate) last: u64,
    pub(crate) modules: Vec<Module>,
    /// By their names for `juju`.
    pub(crate) models: IndexMap<String, ModelState>,
    /// Destroyed models that killed runs had left, with those runs.
    pub(crate) swept: Vec<(String, String)>,
    pub(crate) interrupted: bool,
    /// What cannot be true of any planned module.
    pub(crate) faults: Vec<String>,
    ended: bool,
}

#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) name: String,
    /// The planned ones, then failures that belong to no test: of the teardown, of the worker.
    pub(crate) tests: Vec<TestRun>,
    /// What was printed while no test ran.
    pub(crate) between: Excerpt,
    running: Option<usize>,
    /// Its worker has told that it is through.
    through: bool,
    died: Option<Death>,
    closed: bool,
}

/// What the death of a worker did to its module.
#[derive(Debug)]
struct Death {
    /// The failure that stands for it.
    blamed: usize,
    /// Why the tests that were yet to come did not run.
    why: String,
}

#[derive(Debug)]
pub(crate) struct TestRun {
    pub(crate) path: String,
    pub(crate) state: TestState,
    pub(crate) printed: Excerpt,
    /// What was saved about its failure, in short.
    pub(crate) evidence: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TestState {
    Waiting,
    Running,
    Ended { verdict: Verdict, seconds: Option<f64> },
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ModelState {
    Adding,
    Present,
    NotAdded { why: String, doubt: bool },
    Used,
    Destroyed,
    Kept,
    Left { why: String, trying: Option<u32> },
}

/// A test that a moment has given its verdict, as indices of module and test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) module: usize,
    pub(crate) test: usize,
}

/// How many tests ended how.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) ignored: usize,
    pub(crate) skipped: usize,
}

impl Run {
    /// Takes in a moment, and tells which tests have their verdict, or a worse one, by it.
    pub(crate) fn apply(&mut self, moment: &Moment) -> Vec<Settled> {
        self.last = self.last.max(moment.at);
        if self.ended {
            self.faults.push(format!("something came after the end: {:?}", moment.event));
            return Vec::new();
        }
        match (&moment.module, &moment.event) {
            (None, Event::RunBegan(plan)) => self.begin(plan, moment.at),
            (None, Event::RunEnded) => return self.end(),
            (None, Event::RunInterrupted) => self.interrupted = true,
            (_, event) if self.apply_to_models(event) => {}
            (None, Event::Notice { .. } | Event::Command { .. }) => {}
            (None, event) => self.faults.push(format!("this belongs to no module: {event:?}")),
            (Some(name), event) => {
                let interrupted = self.interrupted;
                let Some(module) = self.modules.iter().position(|module| module.name == *name) else {
                    self.faults.push(format!("`{name}` is no module of this run: {event:?}"));
                    return Vec::new();
                };
                let settled = self.modules[module].apply(event, interrupted);
                return settled.into_iter().map(|test| Settled { module, test }).collect();
            }
        }
        Vec::new()
    }

    fn begin(&mut self, plan: &RunBegan, at: u64) {
        if self.began != 0 {
            self.faults.push("the run began twice".to_owned());
            return;
        }
        self.began = at;
        self.modules = plan.modules.iter().map(|module| Module::new(&module.name, &module.tests)).collect();
        self.plan = plan.clone();
    }

    /// Settles what nobody told the end of.
    fn end(&mut self) -> Vec<Settled> {
        self.ended = true;
        if self.began == 0 {
            self.faults.push("the run ended without having begun".to_owned());
        }
        let interrupted = self.interrupted;
        let modules = self.modules.iter_mut().enumerate();
        modules
            .flat_map(|(index, module)| {
                module.close(interrupted).into_iter().map(move |test| Settled { module: index, test })
            })
            .collect()
    }

    /// Settles a run whose end never came; does nothing to one that has ended.
    pub(crate) fn cut_off(&mut self) -> Vec<Settled> {
        if self.ended {
            return Vec::new();
        }
        self.faults.push("it ends before the run did".to_owned());
        self.end()
    }

    fn apply_to_models(&mut self, event: &Event) -> bool {
        let (model, state) = match event {
            Event::ModelAdding { model } => (model, ModelState::Adding),
            Event::ModelAdded { model, .. } => (model, ModelState::Present),
            Event::ModelNotAdded { model, why, doubt } => {
                (model, ModelState::NotAdded { why: why.clone(), doubt: *doubt })
            }
            Event::ModelUsed { model } => (model, ModelState::Used),
            Event::ModelDestroyed { model } => (model, ModelState::Destroyed),
            Event::ModelKept { model } => (model, ModelState::Kept),
            Event::ModelLeft { model, why, trying } => {
                (model, ModelState::Left { why: why.clone(), trying: *trying })
            }
            Event::ModelSwept { model, run } => {
                self.swept(model, run);
                return true;
            }
            _ => return false,
        };
        self.models.insert(model.clone(), state);
        true
    }

    fn swept(&mut self, full_name: &str, run: &str) {
        // The run's own, if the process that should have destroyed it died: known here without its controller.
        let name = full_name.rsplit(':').next().unwrap_or(full_name);
        let known = [full_name, name].into_iter().find(|name| self.models.contains_key(*name));
        match known.filter(|_| run == self.plan.run) {
            Some(known) => drop(self.models.insert(known.to_owned(), ModelState::Destroyed)),
            None => self.swept.push((full_name.to_owned(), run.to_owned())),
        }
    }

    /// The tests, planned and not, with their modules' order.
    pub(crate) fn tests(&self) -> impl Iterator<Item = &TestRun> {
        self.modules.iter().flat_map(|module| &module.tests)
    }

    pub(crate) fn test(&self, settled: Settled) -> &TestRun {
        &self.modules[settled.module].tests[settled.test]
    }

    /// The test that a module is running.
    pub(crate) fn running(&self, module: &str) -> Option<&TestRun> {
        let module = self.modules.iter().find(|known| known.name == module)?;
        module.tests.get(module.running?)
    }

    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for verdict in self.tests().filter_map(TestRun::verdict) {
            match verdict {
                Verdict::Passed => counts.passed += 1,
                Verdict::Failed(_) => counts.failed += 1,
                Verdict::Skipped(_) => counts.skipped += 1,
                Verdict::Ignored(_) => counts.ignored += 1,
            }
        }
        counts
    }

    /// Whether the run has ended, whole, and without a failure.
    pub(crate) fn is_success(&self) -> bool {
        self.ended && !self.interrupted && self.faults.is_empty() && self.counts().failed == 0
    }
}

impl TestRun {
    fn new(path: impl Into<String>) -> TestRun {
        TestRun {
            path: path.into(),
            state: TestState::Waiting,
            printed: Excerpt::default(),
            evidence: Vec::new(),
        }
    }

    pub(crate) fn verdict(&self) -> Option<&Verdict> {
        match &self.state {
            TestState::Ended { verdict, .. } => Some(verdict),
            TestState::Waiting | TestState::Running => None,
        }
    }

    fn has_failed(&self) -> bool {
        matches!(self.verdict(), Some(Verdict::Failed(_)))
    }
}

impl Module {
    fn new(name: &str, tests: &[String]) -> Module {
        Module {
            name: name.to_owned(),
            tests: tests.iter().map(TestRun::new).collect(),
            between: Excerpt::default(),
            running: None,
            through: false,
            died: None,
            closed: false,
        }
    }

    /// Takes in what happened in the module; the answer is the tests that it settled.
    fn apply(&mut self, event: &Event, interrupted: bool) -> Vec<usize> {
        match event {
            Event::TestBegan { test } => self.test_began(test),
            Event::TestEnded { test, verdict, seconds } => self.test_ended(test, verdict, *seconds),
            Event::Printed { test, text } => {
                let test = test.as_ref().and_then(|test| self.find(test));
                let printed = test.map_or(&mut self.between, |test| &mut self.tests[test].printed);
                printed.push(text);
                Vec::new()
            }
            Event::Damaged { test, what } => {
                let named = test.as_ref().and_then(|test| self.find(test));
                match named.or(self.running) {
                    Some(test) => self.fail(test, what),
                    None => self.fail_beside("harness", what),
                }
            }
            Event::Evidence { test, summary, .. } => {
                let named = test.as_ref().and_then(|test| self.find(test));
                // Evidence that the owner of the models saves is about whatever took the worker along.
                let blamed = self.died.as_ref().map(|death| death.blamed);
                let last = || self.tests.iter().rposition(TestRun::has_failed);
                if let Some(test) = named.or(self.running).or(blamed).or_else(last) {
                    self.tests[test].evidence.push(summary.clone());
                }
                Vec::new()
            }
            Event::TeardownFailed { message } => self.fail_beside("teardown", message),
            Event::ModuleEnded => {
                self.through = true;
                Vec::new()
            }
            Event::WorkerDied { how } => self.worker_died(how, interrupted),
            Event::ModuleClosed => self.close(interrupted),
            _ => Vec::new(),
        }
    }

    fn find(&self, path: &str) -> Option<usize> {
        self.tests.iter().position(|test| test.path == path)
    }

    fn test_began(&mut self, path: &str) -> Vec<usize> {
        let Some(test) = self.find(path) else {
            return self.fail_beside("harness", &format!("`{path}` began, which was not to run"));
        };
        let mut settled = Vec::new();
        if let Some(other) = self.running.take() {
            settled = self.fail(other, &format!("`{path}` began before this test had ended"));
        }
        if self.tests[test].state == TestState::Waiting {
            self.tests[test].state = TestState::Running;
            self.running = Some(test);
        } else {
            settled.extend(self.fail(test, "this test began twice"));
        }
        settled
    }

    fn test_ended(&mut self, path: &str, verdict: &Verdict, seconds: f64) -> Vec<usize> {
        let Some(test) = self.find(path) else {
            return self.fail_beside("harness", &format!("`{path}` ended, which was not to run"));
        };
        match self.tests[test].state {
            TestState::Running => {
                self.running = None;
                self.tests[test].state =
                    TestState::Ended { verdict: verdict.clone(), seconds: Some(seconds) };
                vec![test]
            }
            TestState::Waiting => self.fail(test, "this test ended without having begun"),
            TestState::Ended { .. } => self.fail(test, "this test ended twice"),
        }
    }

    /// Fails a test for what was seen of it. A failure of its own keeps its words.
    fn fail(&mut self, test: usize, what: &str) -> Vec<usize> {
        if self.running == Some(test) {
            self.running = None;
        }
        let test_run = &mut self.tests[test];
        if test_run.has_failed() {
            return Vec::new();
        }
        let seconds = match test_run.state {
            TestState::Ended { seconds, .. } => seconds,
            TestState::Waiting | TestState::Running => None,
        };
        test_run.state = TestState::Ended { verdict: Verdict::failed(what), seconds };
        vec![test]
    }

    /// A failure that is no planned test's.
    fn fail_beside(&mut self, part: &str, message: &str) -> Vec<usize> {
        let mut failure = TestRun::new(format!("{}::{part}", self.name));
        failure.state = TestState::Ended { verdict: Verdict::failed(message), seconds: None };
        failure.printed = std::mem::take(&mut self.between);
        self.tests.push(failure);
        vec![self.tests.len() - 1]
    }

    fn worker_died(&mut self, how: &str, interrupted: bool) -> Vec<usize> {
        // An interrupt that met no test made none fail.
        let expected = self.through || (interrupted && self.running.is_none());
        if expected || self.died.is_some() {
            return Vec::new();
        }
        // At once: nothing that comes after it can be true of the test that was running.
        let (settled, why) = match self.running {
            Some(test) => (self.fail(test, how), format!("the process died in `{}`", self.tests[test].path)),
            None => (self.fail_beside("worker", how), how.to_owned()),
        };
        self.died = settled.first().map(|blamed| Death { blamed: *blamed, why });
        settled
    }

    /// Settles every test whose end was not told.
    fn close(&mut self, interrupted: bool) -> Vec<usize> {
        if std::mem::replace(&mut self.closed, true) {
            return Vec::new();
        }
        let mut settled = Vec::new();
        if let Some(test) = self.running {
            settled.extend(self.fail(test, "nothing more was heard of it"));
        }
        let why = match &self.died {
            Some(death) => Some(death.why.clone()),
            None if interrupted => Some("the run was interrupted".to_owned()),
            None => None,
        };
        for test in 0..self.tests.len() {
            if self.tests[test].state != TestState::Waiting {
                continue;
            }
            match &why {
                Some(why) => {
                    let verdict = Verdict::Skipped(why.clone());
                    self.tests[test].state = TestState::Ended { verdict, seconds: None };
                    settled.push(test);
                }
                None => settled.extend(self.fail(test, "its module ended without a word about this test")),
            }
        }
        settled
    }
}

#[cfg(test)]
mod tests;
