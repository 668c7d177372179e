//! `juju deploy`.

use std::path::{Path, PathBuf};

use super::bundle;
use super::client::Juju;
use crate::charm::Charm;
use crate::cli::{Cli, Files};
use crate::error::Result;
use crate::types::ConfigValue;

/// What to deploy, and how: for [`Juju::deploy`].
///
/// ```no_run
/// # use jubilant::{Charm, Deploy, Juju};
/// # let (juju, charm) = (Juju::new(), Charm::find()?);
/// juju.deploy(
///     Deploy::new(&charm).app("front").units(2).config("greeting", "hello").resources(charm.upstream_resources()?),
/// )?;
/// juju.deploy(Deploy::new("postgresql").channel("16/stable").trust())?;
/// # Ok::<(), jubilant::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Deploy {
    charm: Source,
    app: Option<String>,
    channel: Option<String>,
    revision: Option<u64>,
    base: Option<String>,
    config: Vec<(String, ConfigValue)>,
    resources: Vec<(String, String)>,
    units: Option<u32>,
    trust: bool,
    force: bool,
    constraints: Vec<String>,
    to: Vec<String>,
    bind: Option<String>,
    storage: Vec<(String, String)>,
    attach_storage: Vec<String>,
    overlays: Vec<PathBuf>,
}

/// Where a charm or bundle comes from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    Name(String),
    File(PathBuf),
}

impl From<&str> for Source {
    /// As for `juju deploy`: what begins with `.` or `/` is a file. So is a bare `web.charm` or `bundle.yaml`,
    /// since a charm's name has no dot.
    fn from(text: &str) -> Self {
        let is_file =
            text.starts_with(['.', '/']) || [".charm", ".yaml", ".yml"].iter().any(|end| text.ends_with(end));
        if is_file { Source::File(text.into()) } else { Source::Name(text.into()) }
    }
}

impl Source {
    /// The argument for `juju`.
    pub(super) fn give(&self, files: &mut Files) -> Result<String> {
        match self {
            Source::Name(name) => Ok(name.clone()),
            Source::File(path) if path.extension().is_some_and(|end| end == "yaml" || end == "yml") => {
                bundle::give(files, path)
            }
            Source::File(path) => Ok(files.give(path)?),
        }
    }
}

impl Deploy {
    /// A charm or bundle: a Charmhub name, a path, or a [`Charm`].
    pub fn new(charm: impl Into<Deploy>) -> Self {
        charm.into()
    }

    fn source(charm: Source) -> Self {
        Deploy {
            charm,
            app: None,
            channel: None,
            revision: None,
            base: None,
            config: Vec::new(),
            resources: Vec::new(),
            units: None,
            trust: false,
            force: false,
            constraints: Vec::new(),
            to: Vec::new(),
            bind: None,
            storage: Vec::new(),
            attach_storage: Vec::new(),
            overlays: Vec::new(),
        }
    }

    /// The application's name, instead of the charm's.
    pub fn app(mut self, name: impl Into<String>) -> Self {
        self.app = Some(name.into());
        self
    }

    /// The Charmhub channel, such as `16/stable`.
    pub fn channel(mut self, channel: impl Into<String>) -> Self {
        self.channel = Some(channel.into());
        self
    }

    /// The Charmhub revision; Juju wants a [`channel`](Self::channel) with it.
    pub fn revision(mut self, revision: u64) -> Self {
        self.revision = Some(revision);
        self
    }

    /// The operating system, such as `ubuntu@24.04`.
    pub fn base(mut self, base: impl Into<String>) -> Self {
        self.base = Some(base.into());
        self
    }

    /// One of the charm's options.
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
        resources.into_iter().fold(self, |deploy, (name, value)| deploy.resource(name, value))
    }

    /// The number of units, instead of 1.
    pub fn units(mut self, count: u32) -> Self {
        self.units = Some(count);
        self
    }

    /// Lets the application use the cloud's credentials.
    pub fn trust(mut self) -> Self {
        self.trust = true;
        self
    }

    /// Deploys even where the charm says it does not fit.
    pub fn force(mut self) -> Self {
        self.force = true;
        self
    }

    /// A constraint, such as `mem` `4G`.
    pub fn constraint(mut self, key: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.constraints.push(format!("{}={}", key.as_ref(), value.as_ref()));
        self
    }

    /// Where a unit goes, such as `0` or `lxd:1`; call it again for further units.
    pub fn to(mut self, placement: impl Into<String>) -> Self {
        self.to.push(placement.into());
        self
    }

    /// Endpoint bindings, such as `public db=private`.
    pub fn bind(mut self, bindings: impl Into<String>) -> Self {
        self.bind = Some(bindings.into());
        self
    }

    /// A storage directive, such as `data` `rootfs,1G`.
    pub fn storage(mut self, name: impl Into<String>, directive: impl Into<String>) -> Self {
        self.storage.push((name.into(), directive.into()));
        self
    }

    /// An existing storage to attach, such as `data/0`.
    pub fn attach_storage(mut self, storage: impl Into<String>) -> Self {
        self.attach_storage.push(storage.into());
        self
    }

    /// A bundle overlay.
    pub fn overlay(mut self, path: impl Into<PathBuf>) -> Self {
        self.overlays.push(path.into());
        self
    }

    fn cli(&self, files: &mut Files) -> Result<Cli> {
        let mut cli = Cli::new(["deploy"])
            .arg(self.charm.give(files)?)
            .args(self.app.clone())
            .option("--channel", self.channel.as_ref())
            .option("--revision", self.revision)
            .option("--base", self.base.as_ref())
            .option("--num-units", self.units)
            .option("--bind", self.bind.as_ref())
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
        for overlay in &self.overlays {
            cli = cli.arg("--overlay").arg(bundle::give(files, overlay)?);
        }
        let joined = |list: &[String], by: &str| (!list.is_empty()).then(|| list.join(by));
        Ok(cli
            .option("--constraints", joined(&self.constraints, " "))
            .option("--to", joined(&self.to, ","))
            .option("--attach-storage", joined(&self.attach_storage, ",")))
    }
}

/// A `NAME=VALUE` for `--resource`: a value that names an existing file is one.
pub(super) fn resource(files: &mut Files, name: &str, value: &str) -> Result<String> {
    let path = Path::new(value);
    let is_file = value.starts_with("./") || value.starts_with("../") || path.is_absolute() || path.is_file();
    Ok(format!("{name}={}", if is_file { files.give(path)? } else { value.into() }))
}

impl From<&str> for Deploy {
    fn from(charm: &str) -> Self {
        Deploy::source(charm.into())
    }
}

impl From<String> for Deploy {
    fn from(charm: String) -> Self {
        charm.as_str().into()
    }
}

impl From<&String> for Deploy {
    fn from(charm: &String) -> Self {
        charm.as_str().into()
    }
}

impl From<PathBuf> for Deploy {
    fn from(path: PathBuf) -> Self {
        Deploy::source(Source::File(path))
    }
}

impl From<&Path> for Deploy {
    fn from(path: &Path) -> Self {
        path.to_path_buf().into()
    }
}

impl From<&PathBuf> for Deploy {
    fn from(path: &PathBuf) -> Self {
        path.clone().into()
    }
}

impl From<&Charm> for Deploy {
    fn from(charm: &Charm) -> Self {
        charm.path().into()
    }
}

impl Juju {
    /// Deploys a charm or bundle (`juju deploy`).
    ///
    /// ```no_run
    /// # let juju = jubilant::Juju::new();
    /// juju.deploy("ubuntu")?;
    /// juju.deploy(jubilant::Deploy::new("postgresql").app("db").channel("16/stable").trust())?;
    /// # Ok::<(), jubilant::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a file cannot be read ([`Error::File`](crate::Error::File)) or the command fails, see [`Juju`].
    pub fn deploy(&self, deploy: impl Into<Deploy>) -> Result<()> {
        let mut files = self.files();
        self.done(deploy.into().cli(&mut files)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_becomes_its_flag() {
        let program = crate::cli::Program { path: "/bin/sh".into(), env: Vec::new() };
        let deploy = Deploy::new("web")
            .app("front")
            .channel("1/edge")
            .revision(7)
            .base("ubuntu@24.04")
            .units(2)
            .config("port", 80)
            .config("greeting", "hello world")
            .resource("image", "nginx:1")
            .storage("data", "1G")
            .constraint("mem", "4G")
            .constraint("arch", "amd64")
            .to("0")
            .to("lxd:1")
            .bind("alpha")
            .attach_storage("data/0")
            .trust()
            .force();
        let cli = deploy.cli(&mut Files::of(&program)).unwrap();
        assert_eq!(
            cli.argv(Some("m")),
            [
                "deploy",
                "--model",
                "m",
                "web",
                "front",
                "--channel",
                "1/edge",
                "--revision",
                "7",
                "--base",
                "ubuntu@24.04",
                "--num-units",
                "2",
                "--bind",
                "alpha",
                "--trust",
                "--force",
                "--config",
                "port=80",
                "--config",
                "greeting=hello world",
                "--resource",
                "image=nginx:1",
                "--storage",
                "data=1G",
                "--constraints",
                "mem=4G arch=amd64",
                "--to",
                "0,lxd:1",
                "--attach-storage",
                "data/0"
            ]
        );
        assert!(cli.display(None).contains("port=80 --config greeting=… "), "{}", cli.display(None));
    }

    #[test]
    fn a_path_is_told_from_a_name() {
        for (text, is_file) in [
            ("web", false),
            ("./web.charm", true),
            ("/c/web.charm", true),
            ("../web", true),
            ("web.charm", true),
            ("b.yaml", true),
        ] {
            assert_eq!(matches!(Source::from(text), Source::File(_)), is_file, "{text}");
        }
    }

    #[test]
    fn a_missing_file_is_refused_before_juju_runs() {
        let error = Juju::new().deploy("./nowhere.charm").unwrap_err();
        assert!(error.to_string().contains("/nowhere.charm"), "{error}");
    }
}
