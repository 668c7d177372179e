//! Options of applications and models: `config`, `model-config`.

use indexmap::IndexMap;

use super::client::Juju;
use crate::cli::Cli;
use crate::error::Result;
use crate::types::{AppConfig, ConfigValue, ModelConfigValue};

impl Juju {
    /// An application's options (`juju config APP`).
    ///
    /// ```no_run
    /// # let juju = jubilant::Juju::new();
    /// let port: Option<u16> = juju.config("web")?.get("port");
    /// # Ok::<(), jubilant::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn config(&self, app: &str) -> Result<AppConfig> {
        Ok(self.output(Cli::new(["config", app, "--format", "json"]).read_only())?.json()?)
    }

    /// Sets an application's options (`juju config APP key=value …`).
    ///
    /// ```no_run
    /// # use jubilant::ConfigValue;
    /// # let juju = jubilant::Juju::new();
    /// juju.set_config("web", [("greeting", "hello")])?;
    /// juju.set_config("web", [("port", 8080)])?;
    /// juju.set_config("web", [("port", ConfigValue::from(8080)), ("debug", true.into())])?;
    /// # Ok::<(), jubilant::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn set_config<K, V>(&self, app: &str, options: impl IntoIterator<Item = (K, V)>) -> Result<()>
    where
        K: AsRef<str>,
        V: Into<ConfigValue>,
    {
        self.set(Cli::new(["config", app]), options)
    }

    /// Sets an application's options back to the charm's defaults (`juju config APP --reset`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn reset_config<K: AsRef<str>>(&self, app: &str, options: impl IntoIterator<Item = K>) -> Result<()> {
        self.reset(Cli::new(["config", app]), options)
    }

    /// The model's options (`juju model-config`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn model_config(&self) -> Result<IndexMap<String, ModelConfigValue>> {
        Ok(self.output(Cli::new(["model-config", "--format", "json"]).read_only())?.json()?)
    }

    /// Sets options of the model (`juju model-config key=value …`).
    ///
    /// ```no_run
    /// # let juju = jubilant::Juju::new();
    /// juju.set_model_config([("update-status-hook-interval", "10s")])?;
    /// # Ok::<(), jubilant::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn set_model_config<K, V>(&self, options: impl IntoIterator<Item = (K, V)>) -> Result<()>
    where
        K: AsRef<str>,
        V: Into<ConfigValue>,
    {
        self.set(Cli::new(["model-config"]), options)
    }

    /// Sets options of the model back to their defaults (`juju model-config --reset`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn reset_model_config<K: AsRef<str>>(&self, options: impl IntoIterator<Item = K>) -> Result<()> {
        self.reset(Cli::new(["model-config"]), options)
    }

    fn set<K, V>(&self, command: Cli, options: impl IntoIterator<Item = (K, V)>) -> Result<()>
    where
        K: AsRef<str>,
        V: Into<ConfigValue>,
    {
        let mut options = options.into_iter().peekable();
        // Without options the same command would print the configuration.
        if options.peek().is_none() {
            return Ok(());
        }
        self.done(options.fold(command, |cli, (key, value)| cli.setting(key.as_ref(), &value.into())))
    }

    fn reset<K: AsRef<str>>(&self, command: Cli, options: impl IntoIterator<Item = K>) -> Result<()> {
        let keys: Vec<String> = options.into_iter().map(|key| key.as_ref().to_owned()).collect();
        if keys.is_empty() {
            return Ok(());
        }
        self.done(command.arg("--reset").arg(keys.join(",")))
    }
}
