//! Models: `add-model`, `destroy-model`, `models`, `show-model`.

use std::time::Duration;

use indexmap::IndexMap;

use super::client::Juju;
use super::times::{MARGIN, duration};
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::types::{ConfigValue, ModelInfo, ModelSummary, model_list};

/// A model to add, and where: for [`Juju::add_model`].
///
/// ```no_run
/// # use jubilant::{AddModel, Juju};
/// let juju = Juju::new().add_model(AddModel::new("demo").controller("k8s").config("logging-config", "<root>=DEBUG"))?;
/// assert_eq!(juju.model(), Some("k8s:demo"));
/// # Ok::<(), jubilant::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct AddModel {
    name: String,
    controller: Option<String>,
    cloud: Option<String>,
    credential: Option<String>,
    config: Vec<(String, ConfigValue)>,
}

impl AddModel {
    /// A model of this name on the current controller and its default cloud.
    pub fn new(name: impl Into<String>) -> Self {
        AddModel { name: name.into(), controller: None, cloud: None, credential: None, config: Vec::new() }
    }

    /// On this controller.
    pub fn controller(mut self, controller: impl Into<String>) -> Self {
        self.controller = Some(controller.into());
        self
    }

    /// On this cloud, `cloud` or `cloud/region`.
    pub fn cloud(mut self, cloud: impl Into<String>) -> Self {
        self.cloud = Some(cloud.into());
        self
    }

    /// With this credential.
    pub fn credential(mut self, credential: impl Into<String>) -> Self {
        self.credential = Some(credential.into());
        self
    }

    /// With this model option.
    pub fn config(mut self, option: impl Into<String>, value: impl Into<ConfigValue>) -> Self {
        self.config.push((option.into(), value.into()));
        self
    }

    /// The name that binds a [`Juju`] to it.
    fn full_name(&self) -> String {
        match &self.controller {
            Some(controller) => format!("{controller}:{}", self.name),
            None => self.name.clone(),
        }
    }
}

impl<S: Into<String>> From<S> for AddModel {
    fn from(name: S) -> Self {
        AddModel::new(name)
    }
}

/// A model to destroy, and how: for [`Juju::destroy_model`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct DestroyModel {
    name: String,
    destroy_storage: bool,
    force: bool,
    no_wait: bool,
    timeout: Option<Duration>,
    give_up: Option<Duration>,
}

impl DestroyModel {
    /// The model of this name, `model` or `controller:model`.
    pub fn new(name: impl Into<String>) -> Self {
        DestroyModel {
            name: name.into(),
            destroy_storage: false,
            force: false,
            no_wait: false,
            timeout: None,
            give_up: None,
        }
    }

    /// Destroys its storage with it; without this, Juju refuses to destroy a model that has storage.
    pub fn destroy_storage(mut self) -> Self {
        self.destroy_storage = true;
        self
    }

    /// Goes on in spite of errors.
    pub fn force(mut self) -> Self {
        self.force = true;
        self
    }

    /// With [`force`](Self::force): goes on without waiting for each step.
    pub fn no_wait(mut self) -> Self {
        self.no_wait = true;
        self
    }

    /// How long the command waits for the model to be gone (10 minutes if not given). With [`force`](Self::force)
    /// Juju is told as well, and goes on by force after that time.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Ends the command after this time, without telling Juju, which goes on.
    #[cfg(feature = "harness")]
    pub(crate) fn give_up_after(mut self, limit: Duration) -> Self {
        self.give_up = Some(limit);
        self
    }
}

impl<S: Into<String>> From<S> for DestroyModel {
    fn from(name: S) -> Self {
        DestroyModel::new(name)
    }
}

/// Removing units, machines and storage takes its time.
const DESTROY_LIMIT: Duration = Duration::from_secs(600);

impl Juju {
    /// Adds a model and returns a `Juju` bound to it (`juju add-model --no-switch`): the current model stays.
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn add_model(&self, model: impl Into<AddModel>) -> Result<Juju> {
        let model = model.into();
        let mut cli = Cli::new(["add-model", "--no-switch"])
            .arg(&model.name)
            .args(model.cloud.clone())
            .option("--controller", model.controller.as_ref())
            .option("--credential", model.credential.as_ref());
        for (option, value) in &model.config {
            cli = cli.arg("--config").setting(option, value);
        }
        self.done(cli)?;
        Ok(self.clone().with_model(model.full_name()))
    }

    /// Destroys a model and waits until it is gone (`juju destroy-model --no-prompt`).
    ///
    /// A model that vanishes under the command, because something else destroys it too, is no error.
    ///
    /// # Errors
    /// If the command fails or takes more than 10 minutes, see [`DestroyModel::timeout`] and [`Juju`].
    pub fn destroy_model(&self, model: impl Into<DestroyModel>) -> Result<()> {
        let model = model.into();
        let told = model.timeout.filter(|_| model.force).map(duration);
        let limit = model.timeout.map_or(DESTROY_LIMIT, |limit| limit + MARGIN);
        let limit = model.give_up.unwrap_or(limit);
        let cli = Cli::new(["destroy-model", "--no-prompt"])
            .arg(model.name)
            .flag("--destroy-storage", model.destroy_storage)
            .flag("--force", model.force)
            .flag("--no-wait", model.no_wait)
            .option("--timeout", told)
            .timeout(limit);
        match self.done(cli) {
            Err(Error::Command(error)) if error.stderr().contains(DESTROYED_MEANWHILE) => Ok(()),
            done => done,
        }
    }

    /// The models of the current controller, or of the one that this `Juju`'s model is on (`juju models`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn models(&self) -> Result<Vec<ModelSummary>> {
        let controller =
            self.model().and_then(|model| model.split_once(':')).map(|(controller, _)| controller);
        let cli = Cli::new(["models", "--format", "json"]).option("--controller", controller);
        Ok(model_list(self.output(cli)?.json()?))
    }

    /// One model (`juju show-model`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn show_model(&self, name: &str) -> Result<ModelInfo> {
        let output = self.output(Cli::new(["show-model", name, "--format", "json"]))?;
        let unknown = output.unreadable(&format!("it says nothing of {name}"));
        let models: IndexMap<String, ModelInfo> = output.json()?;
        models.into_iter().next().map(|(_, model)| model).ok_or_else(|| unknown.into())
    }
}

const DESTROYED_MEANWHILE: &str = "model not found, it may have been destroyed during this operation";
