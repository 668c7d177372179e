//! `cargo xtask integration` and what else runs the suite: the charms packed, their paths in the environment.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::handover;
use crate::options::PackOptions;
use crate::pack::{self, Charm, Interpreter, VARIABLE};
use crate::shown::shown;
use crate::workspace::{Workspace, cargo};

/// A charm ready for the suite.
pub(crate) struct ReadyCharm {
    name: String,
    path: PathBuf,
}

/// Packs the charms, except those that the environment already names.
pub(crate) fn charms(
    dirs: &[PathBuf],
    workspace: &Workspace,
    options: &PackOptions,
) -> Result<Vec<ReadyCharm>> {
    let mut ready = Vec::new();
    let mut unpacked = Vec::new();
    for (index, dir) in dirs.iter().enumerate() {
        let name = Charm::read(dir)?.name()?;
        let path = given(&name, index == 0)?;
        if path.is_none() {
            unpacked.push(dir.clone());
        }
        ready.push((name, path));
    }
    let mut packed = pack::pack_all(&unpacked, workspace, options)?.into_iter();
    let ready = ready.into_iter();
    Ok(ready
        .filter_map(|(name, path)| Some(ReadyCharm { name, path: path.or_else(|| packed.next())? }))
        .collect())
}

/// The interpreter that the suite is told. One that was asked for must be there; a suite of charms that are no Python
/// needs none.
pub(crate) fn python(options: &PackOptions) -> Result<Option<PathBuf>> {
    let asked = options.python.is_some() || env::var_os(VARIABLE).is_some_and(|value| !value.is_empty());
    match Interpreter::choose(options.python.as_deref()) {
        Err(error) if asked => Err(error),
        found => Ok(found.ok().map(|found| found.executable)),
    }
}

/// The packed charm that the environment names; `CHARM_PATH` stands for the first charm.
fn given(name: &str, first: bool) -> Result<Option<PathBuf>> {
    let mut variables = vec![variable(name)];
    if first {
        variables.push("CHARM_PATH".into());
    }
    for variable in variables {
        let Some(value) = env::var_os(&variable).filter(|value| !value.is_empty()) else { continue };
        let path = Path::new(&value);
        if !path.is_file() {
            bail!(
                "{variable} names {}, which is not a file: unset it to have the charm packed",
                path.display()
            );
        }
        let path = path.canonicalize().with_context(|| format!("{variable} names {}", path.display()))?;
        eprintln!("{name}: {} (given by {variable})", shown(&path));
        return Ok(Some(path));
    }
    Ok(None)
}

fn variable(charm: &str) -> String {
    format!("CHARM_PATH_{}", charm.to_uppercase().replace('-', "_"))
}

/// A run of the suite.
pub(crate) struct Suite<'a> {
    pub(crate) package: Option<&'a str>,
    pub(crate) backend: Option<String>,
    pub(crate) charms: Vec<ReadyCharm>,
    /// What the charms' hooks are to run with.
    pub(crate) python: Option<PathBuf>,
    pub(crate) args: Vec<OsString>,
}

impl Suite<'_> {
    /// Builds the suite and runs it. This process becomes the suite's executable, so that signals and the exit code
    /// need no one in between.
    pub(crate) fn run(self, workspace: &Workspace) -> Result<ExitCode> {
        eprintln!("running cargo {}", words(&self.command(workspace, &[])));
        handover::run(workspace, |options| self.command(workspace, options))
    }

    fn command(&self, workspace: &Workspace, options: &[&str]) -> Command {
        let mut command = Command::new(cargo());
        command.current_dir(&workspace.root).arg("test");
        if let Some(package) = self.package {
            command.args(["--package", package]);
        }
        command.args(["--test", "integration"]).args(options);
        if !self.args.is_empty() {
            command.arg("--").args(&self.args);
        }
        for charm in &self.charms {
            command.env(variable(&charm.name), &charm.path);
        }
        if let Some(first) = self.charms.first() {
            command.env("CHARM_PATH", &first.path);
        }
        if let Some(python) = &self.python {
            command.env(VARIABLE, python);
        }
        if let Some(backend) = &self.backend {
            command.env("JUBILANT_BACKEND", backend);
        }
        command
    }
}

fn words(command: &Command) -> String {
    // Words with spaces in quotes, so that the line can be read and, mostly, pasted.
    let word = |arg: &std::ffi::OsStr| match arg.to_string_lossy() {
        arg if arg.is_empty() || arg.contains(char::is_whitespace) => format!("{arg:?}"),
        arg => arg.into_owned(),
    };
    command.get_args().map(word).collect::<Vec<_>>().join(" ")
}
