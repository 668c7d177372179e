//! What `cargo xtask` works on: a repository, its charms, its suite.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::called::told;
use crate::integration::{ReadyCharm, Suite};
use crate::options::{self, Task};
use crate::secrets::hidden;
use crate::workspace::Workspace;
use crate::{handover, integration, pack, reports};

/// A repository with one or more charms and their integration suite.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     // Two charms in one repository, and a suite in a package of its own:
///     jubilant_xtask::Project::here().charm("charms/server").charm("charms/agent").package("suite").main()
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Project {
    manifest: PathBuf,
    charms: Vec<PathBuf>,
    package: Option<String>,
}

impl Project {
    /// The cargo workspace that the running program belongs to: the one it was started in by `cargo run`, else
    /// that of the current directory. Packing needs no workspace: where there is none, it is the current directory, and
    /// what is kept from one pack to the next lies in `~/.cache/jubilant`.
    ///
    /// Its charm is the workspace's root directory, unless [`charm`](Project::charm) names others.
    pub fn here() -> Project {
        let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
        Project { manifest: package.join("Cargo.toml"), charms: Vec::new(), package: None }
    }

    /// Adds the directory of a charm, relative to the workspace's root. The first one is the charm under test, which
    /// the suite finds by `CHARM_PATH`; every one of them is in `CHARM_PATH_<NAME>`.
    #[must_use]
    pub fn charm(mut self, dir: impl Into<PathBuf>) -> Project {
        self.charms.push(dir.into());
        self
    }

    /// Names the package that has the test target `integration`; without it, the workspace's default members are
    /// meant, as in `cargo test --test integration`.
    #[must_use]
    pub fn package(mut self, name: impl Into<String>) -> Project {
        self.package = Some(name.into());
        self
    }

    /// Does what the command line asks for.
    ///
    /// The exit code is 2 for a wrong command line, 1 when something failed, and that of the suite after
    /// `integration`, or of cargo if the suite does not compile. Errors are one sentence on stderr.
    ///
    /// To run the suite, cargo calls this program again with a command that is not in its help text: a program with
    /// commands of its own leaves those it does not know to this function.
    pub fn main(self) -> ExitCode {
        self.run_args(env::args_os().skip(1).collect())
    }

    pub(crate) fn run_args(self, args: Vec<OsString>) -> ExitCode {
        if let Some(done) = handover::note_call() {
            return done;
        }
        if let Some(done) = pack::craftctl() {
            return done;
        }
        let task = match options::parse(args) {
            Ok(task) => task,
            Err(usage) => {
                eprintln!("error: {}", told(&format!("{usage:#}")));
                return ExitCode::from(2);
            }
        };
        self.run(task).unwrap_or_else(|error| {
            eprintln!("error: {}", told(&hidden(&format!("{error:#}"))));
            ExitCode::FAILURE
        })
    }

    fn run(&self, task: Task) -> Result<ExitCode> {
        match task {
            Task::Help => {
                print!("{}", told(options::HELP));
                Ok(ExitCode::SUCCESS)
            }
            Task::Pack { dirs, options } => {
                let workspace = Workspace::or_here(&self.manifest)?;
                let dirs = if dirs.is_empty() { self.charm_dirs(&workspace)? } else { dirs };
                for path in pack::pack_all(&dirs, &workspace, &options)? {
                    // stdout is for programs: nothing but the paths.
                    println!("{}", path.display());
                }
                Ok(ExitCode::SUCCESS)
            }
            Task::Integration { backend, options, args } => {
                let workspace = Workspace::of(&self.manifest)?;
                let python = integration::python(&options)?;
                let charms = integration::charms(&self.charm_dirs(&workspace)?, &workspace, &options)?;
                Suite { backend, python, ..self.suite(charms, args) }.run(&workspace)
            }
            Task::Sweep { args } => {
                let args = [OsString::from("--sweep")].into_iter().chain(args).collect();
                self.suite(Vec::new(), args).run(&Workspace::of(&self.manifest)?)
            }
            Task::Report { file, args } => {
                let workspace = Workspace::of(&self.manifest)?;
                let record = reports::record(file.as_deref(), &workspace.target)?;
                let args = ["--replay".into(), record.into()].into_iter().chain(args).collect();
                self.suite(Vec::new(), args).run(&workspace)
            }
        }
    }

    fn suite(&self, charms: Vec<ReadyCharm>, args: Vec<OsString>) -> Suite<'_> {
        Suite { package: self.package.as_deref(), backend: None, charms, python: None, args }
    }

    fn charm_dirs(&self, workspace: &Workspace) -> Result<Vec<PathBuf>> {
        if !self.charms.is_empty() {
            return Ok(self.charms.iter().map(|dir| workspace.root.join(dir)).collect());
        }
        // Old charms have only the second.
        if ["charmcraft.yaml", "metadata.yaml"].iter().any(|file| workspace.root.join(file).exists()) {
            return Ok(vec![workspace.root.clone()]);
        }
        bail!(
            "there is no charmcraft.yaml in {}: name the charms' directories, by pack DIR or in xtask's main.rs, such as \
             Project::here().charm(\"..\")",
            workspace.root.display()
        )
    }
}
