//! A module's scope: its models, its fixtures, and the charm, from the first test that needs them to the
//! module's end.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use anyhow::Context;
use once_cell::sync::OnceCell;

use super::link::Link;
use super::models::Model;
use super::outcome::panic_message;
use super::record::Event;
use super::settings::Settings;
use super::{evidence, registry, telling};
use crate::charm::Charm;
use crate::juju::Juju;

pub(crate) struct Scope {
    module: String,
    settings: Settings,
    link: Arc<Link>,
    models: Mutex<Vec<OpenModel>>,
    fixtures: Mutex<Vec<Fixture>>,
    /// The fixtures being built: a thread that asks for one again would do so for ever.
    building: Mutex<Vec<(&'static str, ThreadId)>>,
    charm: OnceCell<Charm>,
}

struct OpenModel {
    suffix: Option<String>,
    juju: Juju,
}

struct Fixture {
    name: &'static str,
    /// A failure is remembered: building it again for each test would take as long and fail as well.
    value: Result<Arc<dyn Any + Send + Sync>, String>,
}

static CURRENT: Mutex<Option<Arc<Scope>>> = Mutex::new(None);

/// The scope of the module whose tests this process is running.
pub(crate) fn current() -> Option<Arc<Scope>> {
    lock(&CURRENT).clone()
}

/// Runs what the harness itself asks of `juju`: the log of a test shows the test's own commands.
fn unlogged<T>(work: impl FnOnce() -> T) -> T {
    tracing::subscriber::with_default(tracing::subscriber::NoSubscriber::default(), work)
}

/// A test that panicked while it held a lock must not take the teardown down with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Scope {
    /// Opens the scope of `module` and makes it the current one.
    pub(crate) fn open(module: &str, settings: Settings, link: Arc<Link>) -> Arc<Scope> {
        let scope = Arc::new(Scope {
            module: module.to_owned(),
            settings,
            link,
            models: Mutex::default(),
            fixtures: Mutex::default(),
            building: Mutex::default(),
            charm: OnceCell::new(),
        });
        *lock(&CURRENT) = Some(Arc::clone(&scope));
        scope
    }

    /// The charm under test, found once per module.
    pub(crate) fn charm(&self) -> crate::error::Result<&Charm> {
        self.charm.get_or_try_init(Charm::find)
    }

    /// The model that `model` describes: the one already open, or a new one.
    pub(crate) fn model(&self, model: &Model) -> anyhow::Result<Juju> {
        let mut open = lock(&self.models);
        if let Some(known) = open.iter().find(|known| known.suffix == model.suffix) {
            return Ok(known.juju.clone());
        }
        let juju = self.open_model(model)?;
        open.push(OpenModel { suffix: model.suffix.clone(), juju: juju.clone() });
        Ok(juju)
    }

    fn open_model(&self, model: &Model) -> anyhow::Result<Juju> {
        let request = model.request(&self.settings, &self.module, &registry::modules());
        let client = Juju::new().with_program(&self.settings.program);
        let client = telling::observed(client, Arc::clone(&self.link));
        if self.settings.no_deploy {
            let name = request.qualified();
            client.show_model(&name).with_context(|| {
                format!("--no-deploy needs the model `{name}`, which cannot be used: run once with --model {} --keep-models", self.settings.prefix)
            })?;
            self.link.tell(Event::ModelUsed { model: name.clone() });
            return Ok(client.with_model(name));
        }
        let name = self.link.add_model(request).map_err(anyhow::Error::msg)?;
        Ok(client.with_model(name))
    }

    /// Saves what can be known about a failed test while its models still exist.
    pub(crate) fn save_evidence(&self, path: &str) {
        let models: Vec<Juju> = lock(&self.models).iter().map(|model| model.juju.clone()).collect();
        let test = path.strip_prefix(&self.module).map_or(path, |rest| rest.trim_start_matches("::"));
        let directory = evidence::directory(&self.settings.run_directory, &self.module, test);
        for juju in models {
            let summary = unlogged(|| evidence::collect(&juju, &directory, evidence::AFTER_A_FAILURE));
            let (test, directory) = (Some(path.to_owned()), directory.clone());
            self.link.tell(Event::Evidence { test, directory, summary });
        }
    }

    /// The one value of a module fixture, built if this is the first test that needs it.
    pub(crate) fn fixture<T: Send + Sync + 'static>(
        &self,
        name: &'static str,
        build: impl FnOnce() -> Result<T, String>,
    ) -> Result<Arc<T>, String> {
        let short = name.rsplit("::").next().unwrap_or(name);
        let known = lock(&self.fixtures)
            .iter()
            .find(|fixture| fixture.name == name)
            .map(|fixture| fixture.value.clone());
        let value = match known {
            Some(value) => value.map_err(|error| format!(" earlier in this module: {error}")),
            None => {
                let this = (name, std::thread::current().id());
                if lock(&self.building).contains(&this) {
                    return Err(format!(
                        "the module fixture `{short}` needs itself, directly or through others"
                    ));
                }
                lock(&self.building).push(this);
                // Not under the lock: building one fixture may need another.
                let built = catch_unwind(AssertUnwindSafe(build))
                    .unwrap_or_else(|payload| Err(panic_message(&*payload)))
                    .map(|value| Arc::new(value) as Arc<dyn Any + Send + Sync>);
                lock(&self.building).retain(|building| *building != this);
                lock(&self.fixtures).push(Fixture { name, value: built.clone() });
                built.map_err(|error| format!(": {error}"))
            }
        };
        value
            .map_err(|error| format!("the module fixture `{short}` failed{error}"))?
            .downcast()
            .map_err(|_| format!("the module fixture `{short}` has two types: `{name}` names both"))
    }

    /// Ends the module: drops the fixtures, last built first. The models go afterwards, by their owner.
    pub(crate) fn close(&self) {
        while let Some(fixture) = self.last_fixture() {
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(fixture.value))) {
                let message = format!("dropping `{}` panicked: {}", fixture.name, panic_message(&*payload));
                self.link.tell(Event::TeardownFailed { message });
            }
        }
        *lock(&CURRENT) = None;
    }

    /// Takes it out of the lock: its `Drop` may use other fixtures.
    fn last_fixture(&self) -> Option<Fixture> {
        lock(&self.fixtures).pop()
    }
}
