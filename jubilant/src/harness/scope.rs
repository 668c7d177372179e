//! A module's scope: its models, its fixtures, and the charm, from the first test that needs them to the
//! module's end.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use anyhow::Context;
use once_cell::sync::OnceCell;

use super::events::{Event, Sink};
use super::evidence;
use super::models::{self, Model};
use super::outcome::panic_message;
use super::settings::{Keep, Settings};
use super::waiting;
use super::watchdog::Watchdog;
use crate::{Charm, Juju};

pub(crate) struct Scope {
    module: String,
    pub(crate) settings: Settings,
    sink: Sink,
    models: Mutex<Vec<OwnedModel>>,
    fixtures: Mutex<Vec<Fixture>>,
    /// The fixtures being built: a thread that asks for one again would do so for ever.
    building: Mutex<Vec<(&'static str, ThreadId)>>,
    charm: OnceCell<Charm>,
    watchdog: OnceCell<Watchdog>,
}

struct OwnedModel {
    suffix: Option<String>,
    juju: Juju,
    name: String,
    /// Found, not made by this run: it is never destroyed.
    adopted: bool,
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
    pub(crate) fn open(module: &str, settings: Settings, sink: Sink) -> Arc<Scope> {
        let scope = Arc::new(Scope {
            module: module.to_owned(),
            settings,
            sink,
            models: Mutex::default(),
            fixtures: Mutex::default(),
            building: Mutex::default(),
            charm: OnceCell::new(),
            watchdog: OnceCell::new(),
        });
        *lock(&CURRENT) = Some(Arc::clone(&scope));
        scope
    }

    /// The charm under test, found once per module.
    pub(crate) fn charm(&self) -> crate::Result<&Charm> {
        self.charm.get_or_try_init(Charm::find)
    }

    /// The model that `request` describes: the one already open, or a new one.
    pub(crate) fn model(&self, request: &Model) -> anyhow::Result<Juju> {
        let mut owned = lock(&self.models);
        if let Some(model) = owned.iter().find(|model| model.suffix == request.suffix) {
            return Ok(model.juju.clone());
        }
        let name = models::name(&self.settings.prefix, &self.module, request.suffix.as_deref());
        let juju = self.open_model(&name, request)?;
        owned.push(OwnedModel {
            suffix: request.suffix.clone(),
            juju: juju.clone(),
            name,
            adopted: self.settings.no_deploy,
        });
        Ok(juju)
    }

    fn open_model(&self, name: &str, request: &Model) -> anyhow::Result<Juju> {
        let client = Juju::new()
            .with_program(&self.settings.program)
            .observed_by(waiting::observer(self.sink.clone()));
        let controller = request.controller.as_ref().or(self.settings.controller.as_ref());
        let qualified = models::qualified(controller, name);
        if self.settings.no_deploy {
            client.show_model(&qualified).with_context(|| {
                format!("--no-deploy needs the model `{qualified}`, which cannot be used: run once with --model {} --keep-models", self.settings.prefix)
            })?;
            self.sink.send(Event::Model { name: qualified.clone(), adopted: true });
            return Ok(client.with_model(qualified));
        }
        let exists = || {
            anyhow::anyhow!(
                "the model `{qualified}` exists already: choose another --model, destroy it, or run on it with --no-deploy"
            )
        };
        // Asked before it is watched: if this process is killed now, the watchdog must not destroy it.
        if self.settings.named && client.show_model(&qualified).is_ok() {
            return Err(exists());
        }
        if self.settings.keep == Keep::Never {
            // Before the model exists: a kill in the middle of add-model must not leak it.
            self.watchdog()?.watch(&qualified)?;
        }
        self.sink.send(Event::Model { name: qualified.clone(), adopted: false });
        let add = request.add_model(name, controller, self.settings.cloud.as_ref());
        match client.add_model(add) {
            Ok(juju) => Ok(juju),
            Err(error) => {
                // A model of that name belongs to somebody else; any other failure may have left one half made.
                let foreign = error.to_string().contains("already exists");
                if foreign {
                    self.release(&qualified);
                }
                self.sink.send(Event::ModelNotMade { name: qualified.clone() });
                if foreign {
                    return Err(exists());
                }
                Err(error).with_context(|| format!("the module's model `{qualified}` could not be added"))
            }
        }
    }

    fn watchdog(&self) -> anyhow::Result<&Watchdog> {
        self.watchdog.get_or_try_init(|| {
            Watchdog::start(&self.settings.program, &self.evidence_directory("after-the-crash"), &self.sink)
                .context("the watchdog that destroys the models of a killed run could not be started")
        })
    }

    fn release(&self, model: &str) {
        if let Some(watchdog) = self.watchdog.get() {
            watchdog.release(model);
        }
    }

    fn evidence_directory(&self, test: &str) -> PathBuf {
        let plain = |text: &str| text.replace("::", "-");
        self.settings.run_directory.join(plain(&self.module)).join(plain(test))
    }

    /// Saves what can be known about a failed test while its models still exist.
    pub(crate) fn save_evidence(&self, path: &str) {
        let models: Vec<Juju> = lock(&self.models).iter().map(|model| model.juju.clone()).collect();
        let test = path.strip_prefix(&self.module).map_or(path, |rest| rest.trim_start_matches("::"));
        for juju in models {
            let directory = self.evidence_directory(test);
            let summary = unlogged(|| evidence::collect(&juju, &directory));
            self.sink.send(Event::Evidence { path: path.to_owned(), directory, summary });
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

    /// Ends the module: drops the fixtures, last built first, then destroys the models, last made first.
    pub(crate) fn close(&self, failed: bool) {
        while let Some(fixture) = self.last_fixture() {
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(fixture.value))) {
                let message = format!("dropping `{}` panicked: {}", fixture.name, panic_message(&*payload));
                self.sink.send(Event::TeardownFailed { message });
            }
        }
        let models = std::mem::take(&mut *lock(&self.models));
        for model in models.into_iter().rev() {
            self.close_model(&model, failed);
        }
        *lock(&CURRENT) = None;
    }

    /// Takes it out of the lock: its `Drop` may use other fixtures.
    fn last_fixture(&self) -> Option<Fixture> {
        lock(&self.fixtures).pop()
    }

    fn close_model(&self, model: &OwnedModel, failed: bool) {
        let name = model.juju.model().unwrap_or(&model.name).to_owned();
        let keep = match self.settings.keep {
            Keep::Always => true,
            Keep::OnFailure => failed,
            Keep::Never => false,
        };
        if keep || model.adopted {
            self.sink.send(Event::ModelKept { name });
            return;
        }
        match unlogged(|| models::destroy(&model.juju, &name)) {
            Ok(()) => {
                self.release(&name);
                self.sink.send(Event::ModelDestroyed { name });
            }
            // The watchdog still holds the name and goes on trying after this process has ended.
            Err(error) => self.sink.send(Event::TeardownFailed {
                message: format!("the model `{name}` could not be destroyed: {error}"),
            }),
        }
    }
}
