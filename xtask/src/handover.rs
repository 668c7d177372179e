//! The suite in the foreground: this process becomes the suite's executable.
//!
//! With `cargo test` in between, Ctrl-C would kill cargo, and the shell would not wait for the suite, which has models
//! to destroy. So cargo builds, but instead of running the suite it calls its *runner*: this program in a private
//! role, which notes what was to be run. Once cargo has ended, this process runs that, with the arguments, the
//! directory and the environment that cargo made.

use std::env;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, anyhow};
use rustix::io::{FdFlags, fcntl_setfd};
use serde::{Deserialize, Serialize};
use signal_hook::consts::SIGINT;

use crate::workspace::{Workspace, cargo};

/// The first argument of the private role: `xtask __note-call FILE PROGRAM ARGS…`.
const NOTE_CALL: &str = "__note-call";

/// What cargo was to run.
#[derive(Serialize, Deserialize)]
struct Call {
    program: OsString,
    args: Vec<OsString>,
    // No `PathBuf`, which serde takes for UTF-8.
    directory: OsString,
    environment: Vec<(OsString, OsString)>,
}

/// Runs `cargo test`, as the function makes it with the given options of cargo's, the suite in the foreground.
///
/// It returns after a failure only, or where the configuration has a runner of its own: then cargo runs the suite.
pub(crate) fn run(workspace: &Workspace, cargo_test: impl Fn(&[&str]) -> Command) -> Result<ExitCode> {
    // A file without a name: nobody else can open it, and it is gone with this process, however that ends.
    let notes = tempfile::tempfile().context("cannot make a temporary file")?;
    let runner = match runner(&notes)? {
        Some(runner) if is_alone(&runner, workspace)? => runner,
        _ => return Err(cargo_test(&[]).exec()).context("cannot run cargo test"),
    };
    let status = cargo_test(&["--config", &runner]).status().context("cannot run cargo test")?;
    let mut calls = noted(notes)?;
    match calls.pop() {
        Some(last) if status.success() => run_calls(&calls, &last),
        // It was not built, or a runner for this very target, which goes before ours, has run it.
        _ => Ok(exit_code(status)),
    }
}

/// The setting that makes cargo call this program, as TOML; a path that is not UTF-8 cannot be told to cargo.
fn runner(notes: &File) -> Result<Option<String>> {
    let program = env::current_exe().context("cannot find this program")?;
    let Some(program) = program.to_str() else { return Ok(None) };
    fcntl_setfd(notes, FdFlags::empty()).context("cannot hand a file to cargo")?;
    let file = format!("/dev/fd/{}", notes.as_raw_fd());
    // A list of texts looks the same in JSON and TOML.
    let words = serde_json::to_string(&[program, NOTE_CALL, &file])?;
    Ok(Some(format!("target.'cfg(all())'.runner={words}")))
}

/// Whether cargo takes this runner: it refuses two that fit by `cfg(…)`. Asked with a package in which there is
/// nothing to build, so that the answer takes no time and a refusal is not seen.
fn is_alone(runner: &str, workspace: &Workspace) -> Result<bool> {
    let package = tempfile::tempdir().context("cannot make a temporary directory")?;
    let manifest = package.path().join("Cargo.toml");
    let text = "[package]\nname = \"nothing\"\nedition = \"2021\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n";
    std::fs::write(&manifest, text)?;
    std::fs::write(package.path().join("lib.rs"), "")?;
    let status = Command::new(cargo())
        .args(["build", "--offline", "--bins", "--config", runner, "--manifest-path"])
        .arg(&manifest)
        .arg("--target-dir")
        .arg(&workspace.target)
        // Whose `.cargo/config.toml` it is about.
        .current_dir(&workspace.root)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    Ok(status.context("cannot run cargo")?.success())
}

/// The private role, if this process was started for it.
pub(crate) fn note_call() -> Option<ExitCode> {
    let mut args = env::args_os().skip(1);
    if args.next()? != NOTE_CALL {
        return None;
    }
    Some(match write_call(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: cannot note how cargo runs the suite: {error:#}");
            ExitCode::FAILURE
        }
    })
}

fn write_call(mut args: impl Iterator<Item = OsString>) -> Result<()> {
    let (file, program) = (args.next(), args.next());
    let (file, program) = file.zip(program).ok_or_else(|| anyhow!("an argument is missing"))?;
    let call = Call {
        program,
        args: args.collect(),
        directory: env::current_dir()?.into(),
        environment: env::vars_os().collect(),
    };
    let mut line = serde_json::to_vec(&call)?;
    line.push(b'\n');
    Ok(OpenOptions::new().append(true).open(file)?.write_all(&line)?)
}

/// The calls in the order in which cargo made them: one for each package with such a suite.
fn noted(mut notes: File) -> Result<Vec<Call>> {
    notes.rewind()?;
    let lines = BufReader::new(notes).lines();
    let calls: io::Result<Vec<Call>> = lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect();
    calls.context("cannot read how cargo runs the suite")
}

/// Runs the suites, the last one in place of this process.
fn run_calls(others: &[Call], last: &Call) -> Result<ExitCode> {
    if !others.is_empty() {
        // A suite that is a child gets Ctrl-C as well, and this process is to see how it ends.
        let interrupted = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(SIGINT, Arc::clone(&interrupted)).context("cannot handle Ctrl-C")?;
        for call in others {
            let status = call.command().status().with_context(|| call.failure())?;
            if !status.success() {
                return Ok(exit_code(status));
            }
            if interrupted.load(Ordering::Relaxed) {
                return Ok(ExitCode::from(130));
            }
        }
    }
    Err(last.command().exec()).with_context(|| last.failure())
}

impl Call {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(&self.directory);
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    fn failure(&self) -> String {
        format!("cannot run {}", self.program.display())
    }
}

/// The code with which a shell tells of the end of a process.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}
