//! User secrets: `add-secret`, `update-secret`, `grant-secret`, `show-secret`, `remove-secret`.

use indexmap::IndexMap;
use serde::Deserialize;

use super::client::Juju;
use crate::cli::Cli;
use crate::error::Result;

/// A secret's name and content: for [`Juju::add_secret`]. Its content is hidden in logs and errors.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct Secret {
    name: String,
    content: Vec<(String, String)>,
    info: Option<String>,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys: Vec<_> = self.content.iter().map(|(key, _)| key).collect();
        f.debug_struct("Secret").field("name", &self.name).field("keys", &keys).finish_non_exhaustive()
    }
}

impl Secret {
    /// A secret of this name, as yet without content.
    pub fn new(name: impl Into<String>) -> Self {
        Secret { name: name.into(), content: Vec::new(), info: None }
    }

    /// One key and its value.
    pub fn key(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.content.push((key.into(), value.into()));
        self
    }

    /// What the secret is for.
    pub fn info(mut self, text: impl Into<String>) -> Self {
        self.info = Some(text.into());
        self
    }
}

/// What `show-secret --reveal` prints of one secret.
#[derive(Deserialize)]
struct Revealed {
    content: Content,
}

#[derive(Deserialize)]
struct Content {
    #[serde(rename = "Data", default, deserialize_with = "crate::types::null_as_default")]
    data: IndexMap<String, String>,
}

impl Juju {
    /// Adds a secret of the model and returns its URI, `secret:…` (`juju add-secret`).
    ///
    /// ```no_run
    /// # use jubilant::{Juju, Secret};
    /// # let juju = Juju::new();
    /// let uri = juju.add_secret(Secret::new("login").key("username", "u").key("password", "s3cret"))?;
    /// juju.grant_secret("login", "web")?;
    /// juju.set_config("web", [("login", &uri)])?;
    /// # Ok::<(), jubilant::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn add_secret(&self, secret: Secret) -> Result<String> {
        let cli = Cli::new(["add-secret"]).arg(&secret.name);
        Ok(self.output(content(cli, &secret))?.text()?.trim().to_owned())
    }

    /// Gives a secret a new revision (`juju update-secret`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn update_secret(&self, secret: Secret) -> Result<()> {
        let cli = Cli::new(["update-secret"]).arg(&secret.name);
        self.done(content(cli, &secret))
    }

    /// Lets an application read a secret (`juju grant-secret`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn grant_secret(&self, secret: &str, app: &str) -> Result<()> {
        self.done(Cli::new(["grant-secret", secret, app]))
    }

    /// A secret's content (`juju show-secret --reveal`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn show_secret(&self, secret: &str) -> Result<IndexMap<String, String>> {
        let output = self.output(Cli::new(["show-secret", secret, "--reveal", "--format", "json"]))?;
        let unknown = output.unreadable(&format!("it says nothing of {secret}"));
        let secrets: IndexMap<String, Revealed> = output.json()?;
        secrets.into_iter().next().map(|(_, secret)| secret.content.data).ok_or_else(|| unknown.into())
    }

    /// Removes a secret (`juju remove-secret`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn remove_secret(&self, secret: &str) -> Result<()> {
        self.done(Cli::new(["remove-secret", secret]))
    }
}

fn content(cli: Cli, secret: &Secret) -> Cli {
    let cli = secret.content.iter().fold(cli, |cli, (key, value)| cli.secret(format!("{key}={value}")));
    cli.option("--info", secret.info.as_ref())
}
