//! Applications: `refresh`, `remove-application`, `trust`, `expose`, `scale-application`, `attach-resource`.

use std::path::{Path, PathBuf};

use super::client::Juju;
use super::deploy::{Source, resource};
use crate::charm::Charm;
use crate::cli::{Cli, Files};
use crate::error::Result;
use crate::types::ConfigValue;

/// Which application to remove, and how: for [`Juju::remove_application`].
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct RemoveApplication {
    apps: Vec<String>,
    destroy_storage: bool,
    force: bool,
    no_wait: bool,
}

impl RemoveApplication {
    /// One application.
    pub fn new(app: impl Into<String>) -> Self {
        RemoveApplication { apps: vec![app.into()], destroy_storage: false, force: false, no_wait: false }
    }

    /// Another application.
    pub fn and(mut self, app: impl Into<String>) -> Self {
        self.apps.push(app.into());
        self
    }

    /// Destroys its storage with it, rather than detaching it.
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
}

impl<S: Into<String>> From<S> for RemoveApplication {
    fn from(app: S) -> Self {
        RemoveApplication::new(app)
    }
}

/// Whom to trust, and with what: for [`Juju::trust`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Trust {
    app: String,
    scope: Option<String>,
    remove: bool,
}

impl Trust {
    /// An application that may use the cloud's credentials.
    pub fn new(app: impl Into<String>) -> Self {
        Trust { app: app.into(), scope: None, remove: false }
    }

    /// `--scope=cluster`, which Juju wants on Kubernetes.
    pub fn cluster(mut self) -> Self {
        self.scope = Some("cluster".into());
        self
    }

    /// Takes the trust away.
    pub fn remove(mut self) -> Self {
        self.remove = true;
        self
    }
}

impl<S: Into<String>> From<S> for Trust {
    fn from(app: S) -> Self {
        Trust::new(app)
    }
}

/// What to refresh an application to: for [`Juju::refresh`].
///
/// ```no_run
/// # use jubilant::{Charm, Juju, Refresh};
/// # let (juju, charm) = (Juju::new(), Charm::find()?);
/// juju.refresh("postgresql")?;
/// juju.refresh(Refresh::new("web").charm(&charm))?;
/// # Ok::<(), jubilant::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Refresh {
    app: String,
    path: Option<PathBuf>,
    switch: Option<String>,
    channel: Option<String>,
    revision: Option<u64>,
    base: Option<String>,
    config: Vec<(String, ConfigValue)>,
    resources: Vec<(String, String)>,
    storage: Vec<(String, String)>,
    trust: bool,
    force: bool,
}

impl Refresh {
    /// An application, to the newest revision in its channel.
    pub fn new(app: impl Into<String>) -> Self {
        Refresh {
            app: app.into(),
            path: None,
            switch: None,
            channel: None,
            revision: None,
            base: None,
            config: Vec::new(),
            resources: Vec::new(),
            storage: Vec::new(),
            trust: false,
            force: false,
        }
    }

    /// To this charm. An application that came from Charmhub is thereby switched to the local one.
    pub fn charm(self, charm: &Charm) -> Self {
        self.path(charm.path())
    }

    /// To the charm in this file.
    pub fn path(mut self, path: impl AsRef<Path>) -> Self {
        self.path = Some(path.as_ref().into());
        self
    }

    /// To another charm, by its Charmhub name.
    pub fn switch(mut self, charm: impl Into<String>) -> Self {
        self.switch = Some(charm.into());
        self
    }

    /// To another channel.
    pub fn channel(mut self, channel: impl Into<String>) -> Self {
        self.channel = Some(channel.into());
        self
    }

    /// To this Charmhub revision.
    pub fn revision(mut self, revision: u64) -> Self {
        self.revision = Some(revision);
        self
    }

    /// To another operating system, such as `ubuntu@24.04`.
    pub fn base(mut self, base: impl Into<String>) -> Self {
        self.base = Some(base.into());
        self
    }

    /// Sets one of the charm's options on the way.
    pub fn config(mut self, option: impl Into<String>, value: impl Into<ConfigValue>) -> Self {
        self.config.push((option.into(), value.into()));
        self
    }

    /// One of the charm's resources: a file's path, an image, or a revision.
    pub fn resource(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.resources.push((name.into(), value.into()));
        self
    }

    /// Several of the charm's resources, such as those of [`Charm::upstream_resources`].
    pub fn resources<N, V>(self, resources: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        resources.into_iter().fold(self, |refresh, (name, value)| refresh.resource(name, value))
    }

    /// A storage directive.
    pub fn storage(mut self, name: impl Into<String>, directive: impl Into<String>) -> Self {
        self.storage.push((name.into(), directive.into()));
        self
    }

    /// Lets the application use the cloud's credentials.
    pub fn trust(mut self) -> Self {
        self.trust = true;
        self
    }

    /// Goes on where the new charm says it does not fit.
    pub fn force(mut self) -> Self {
        self.force = true;
        self
    }

    fn cli(&self, files: &mut Files) -> Result<Cli> {
        let path = self.path.clone().map(Source::File).map(|source| source.give(files)).transpose()?;
        let mut cli = Cli::new(["refresh"])
            .arg(&self.app)
            .option("--path", path)
            .option("--switch", self.switch.as_ref())
            .option("--channel", self.channel.as_ref())
            .option("--revision", self.revision)
            .option("--base", self.base.as_ref())
            .flag("--trust", self.trust)
            .flag("--force", self.force);
        for (option, value) in &self.config {
            cli = cli.arg("--config").setting(option, value);
        }
        for (name, value) in &self.resources {
            cli = cli.arg("--resource").arg(resource(files, name, value)?);
        }
        for (name, directive) in &self.storage {
            cli = cli.arg("--storage").arg(format!("{name}={directive}"));
        }
        Ok(cli)
    }
}

impl<S: Into<String>> From<S> for Refresh {
    fn from(app: S) -> Self {
        Refresh::new(app)
    }
}

impl Juju {
    /// Brings an application to another charm revision (`juju refresh`).
    ///
    /// # Errors
    /// If a file cannot be read or the command fails, see [`Juju`].
    pub fn refresh(&self, refresh: impl Into<Refresh>) -> Result<()> {
        let mut files = self.files();
        self.done(refresh.into().cli(&mut files)?)
    }

    /// Removes applications (`juju remove-application --no-prompt`). Juju removes them in the background: see
    /// [`gone`](crate::gone).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn remove_application(&self, remove: impl Into<RemoveApplication>) -> Result<()> {
        let remove = remove.into();
        let cli = Cli::new(["remove-application", "--no-prompt"]).args(remove.apps);
        self.done(
            cli.flag("--destroy-storage", remove.destroy_storage)
                .flag("--force", remove.force)
                .flag("--no-wait", remove.no_wait),
        )
    }

    /// Lets an application use the cloud's credentials (`juju trust`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn trust(&self, trust: impl Into<Trust>) -> Result<()> {
        let trust = trust.into();
        let scope = trust.scope.map(|scope| format!("--scope={scope}"));
        self.done(Cli::new(["trust"]).arg(trust.app).args(scope).flag("--remove", trust.remove))
    }

    /// Makes an application reachable from outside (`juju expose`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn expose(&self, app: &str) -> Result<()> {
        self.done(Cli::new(["expose", app]))
    }

    /// Takes back [`expose`](Self::expose) (`juju unexpose`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn unexpose(&self, app: &str) -> Result<()> {
        self.done(Cli::new(["unexpose", app]))
    }

    /// Sets the number of units on Kubernetes (`juju scale-application`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn scale_application(&self, app: &str, units: u32) -> Result<()> {
        self.done(Cli::new(["scale-application", app]).arg(units.to_string()))
    }

    /// Gives an application another resource (`juju attach-resource`): a file's path or an image.
    ///
    /// # Errors
    /// If a file cannot be read or the command fails, see [`Juju`].
    pub fn attach_resource(&self, app: &str, name: &str, value: &str) -> Result<()> {
        let mut files = self.files();
        let value = resource(&mut files, name, value)?;
        self.done(Cli::new(["attach-resource", app]).arg(value))
    }
}
