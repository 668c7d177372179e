//! uv: that of the `PATH`, else one from PyPI in a directory of ours.

use std::env::consts::ARCH;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, anyhow};

use super::interpreter::Interpreter;
use super::process::{program, run};
use crate::programs::{is_executable, on_path};
use crate::workspace::cache;

/// What is installed where there is none: one version, so that its directory can be named before it is there.
const VERSION: &str = "0.13.9";

#[derive(Debug)]
pub(crate) struct Uv {
    /// On the `PATH`; whether it runs is seen when it is needed.
    found: Option<PathBuf>,
}

impl Uv {
    /// Looks for uv without starting it.
    pub(super) fn locate() -> Uv {
        Uv { found: on_path("uv") }
    }

    /// What changes when uv does: its version costs a process, and may be a shim's.
    pub(crate) fn stamp(&self) -> String {
        let Some(found) = &self.found else { return format!("our {VERSION}") };
        let real = found.canonicalize().unwrap_or_else(|_| found.clone());
        let data = real.metadata().ok();
        let time = data.as_ref().and_then(|data| data.modified().ok()?.duration_since(UNIX_EPOCH).ok());
        format!("{} {:?} {time:?}", real.display(), data.map(|data| data.len()))
    }

    /// A uv that runs: asked for its version, or installed.
    pub(crate) fn ready(&self, python: &Interpreter) -> Result<ReadyUv> {
        if let Some(found) = &self.found
            && let Some(version) = version(found)
        {
            return Ok(ReadyUv { program: found.clone(), version });
        }
        let dir = private_dir()?;
        let ours = dir.join("bin/uv");
        if !is_executable(&ours) {
            install(&dir, python)?;
        }
        let version = version(&ours).ok_or_else(|| {
            anyhow!("{} does not run: remove {} or install uv", ours.display(), dir.display())
        })?;
        Ok(ReadyUv { program: ours, version })
    }
}

/// A uv that was seen to run.
#[derive(Debug)]
pub(crate) struct ReadyUv {
    pub(crate) program: PathBuf,
    pub(crate) version: String,
}

impl ReadyUv {
    /// uv with these arguments, working in `dir` with this interpreter and no other.
    pub(crate) fn command(&self, dir: &Path, python: &Interpreter) -> Command {
        let mut command = program(&self.program);
        command
            .args(["--no-progress", "--color", "never", "--directory"])
            .arg(dir)
            // A link into the cache would change with it, and lets whoever edits the venv edit the cache.
            .env("UV_LINK_MODE", "copy")
            .env("UV_PYTHON_DOWNLOADS", "never")
            .env("UV_PYTHON", &python.executable);
        command
    }

    /// Runs it; the error names the words before the first option.
    pub(crate) fn run(&self, command: &mut Command) -> Result<()> {
        let words: Vec<_> = command.get_args().skip(5).take_while(|arg| !is_option(arg)).collect();
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        self.run_as(command, &format!("uv {}", words.join(" ")))
    }

    /// Runs it under the name of what it runs.
    pub(crate) fn run_as(&self, command: &mut Command, what: &str) -> Result<()> {
        run(command, what)
    }
}

fn is_option(arg: &OsStr) -> bool {
    arg.to_string_lossy().starts_with('-')
}

/// `0.13.9` of `uv 0.13.9 (…)`; none if it does not run, as a shim for a Python that has no uv.
fn version(uv: &Path) -> Option<String> {
    let output = program(uv).arg("--version").output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    let version = said.strip_prefix("uv ")?.split_whitespace().next()?;
    output.status.success().then(|| version.to_owned())
}

/// Where ours is: in the user's cache, for every charm.
fn private_dir() -> Result<PathBuf> {
    let cache = cache().context("uv is not on the PATH, and there is no place for one: install uv")?;
    Ok(cache.join(format!("uv-{VERSION}-{ARCH}")))
}

/// From PyPI by pip, aside, and put into its place as a whole.
fn install(dir: &Path, python: &Interpreter) -> Result<()> {
    eprintln!("uv is not on the PATH: installing uv {VERSION} from PyPI for packing alone");
    let parent = dir.parent().unwrap_or(dir);
    fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    let aside = tempfile::Builder::new()
        .prefix(".uv-")
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in(parent)
        .with_context(|| format!("cannot write in {}", parent.display()))?;
    let mut pip = program(&python.executable);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps"])
        .args(["--only-binary=:all:", "--target"])
        .arg(aside.path())
        .arg(format!("uv=={VERSION}"));
    run(&mut pip, "python3 -m pip install uv").context(
        "this charm is packed by uv, which is neither on the PATH nor could be had from PyPI: install it \
         (pip install uv, or as https://docs.astral.sh/uv says)",
    )?;
    match fs::rename(aside.path(), dir) {
        // Another pack was quicker.
        Err(_) if is_executable(&dir.join("bin/uv")) => Ok(()),
        done => done.with_context(|| format!("cannot make {}", dir.display())),
    }
}
