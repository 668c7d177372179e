//! Runs a script in its part's directories.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use tempfile::TempDir;

use super::classes::Script;
use super::craftctl::Control;
use super::environment::{Directories, Project, environment, is_plain};
use super::shims::{Shims, quoted};
use crate::secrets::hidden;

/// What came of a script, besides the files it installed.
#[derive(Debug, Default, PartialEq)]
pub(in crate::pack) struct Outcome {
    /// What it set by `craftctl set version=…`.
    pub(in crate::pack) version: Option<String>,
    /// Commands that were not run, as they act on the whole machine.
    pub(in crate::pack) skipped: Vec<String>,
}

/// Runs the script. `default` does the plugin's work at the moment at which the script asks for it.
pub(in crate::pack) fn run(
    script: &Script,
    part: &str,
    project: &Project,
    directories: &Directories,
    programs: &[(&str, PathBuf)],
    default: &mut dyn FnMut() -> Result<()>,
) -> Result<Outcome> {
    let control = control_dir(&project.root)?;
    let (project, directories) = plain_paths(&control, project, directories)?;
    let home = control.path().join("home");
    fs::create_dir(&home)?;
    let socket = control.path().join("craftctl");
    let listener = UnixListener::bind(&socket).context("cannot make a socket for craftctl")?;
    let shims = Shims::make(control.path(), &socket)?;
    for (name, program) in programs {
        symlink(program, shims.dir.join(name)).context("cannot make a link")?;
    }
    let variables = environment(part, &project, &directories, &home, &shims.dir)?;

    let body = control.path().join("override-build");
    fs::write(&body, format!("{}\n", script.text))?;
    let start = control.path().join("start");
    fs::write(&start, start_text(script, &shims, &body)?)?;
    let bash = || {
        let mut command = Command::new("bash");
        command
            .env_clear()
            .envs(variables.iter().cloned())
            .current_dir(&directories.work)
            .stdin(Stdio::null());
        command
    };
    shims.check(&mut bash())?;

    let log = control.path().join("output");
    let output = File::create(&log)?;
    let mut command = bash();
    command.arg(&start).stdout(output.try_clone()?).stderr(output);
    let mut answers = Control { part, adopts: project.adopts.as_deref(), version: None, failure: None };
    let status = serve(command, &listener, &socket, &mut answers, default)?;
    match (answers.failure, status.success()) {
        (Some(error), _) => Err(error),
        (None, true) => Ok(Outcome { version: answers.version, skipped: shims.skipped() }),
        (None, false) => {
            eprint!("{}", hidden(&String::from_utf8_lossy(&fs::read(&log)?)));
            Err(anyhow!("its override-build failed ({status}): see above"))
        }
    }
}

/// A directory that is nothing but the user's own, and gone with the script.
fn control_dir(root: &Path) -> Result<TempDir> {
    const PREFIX: &str = "control-";
    for entry in fs::read_dir(root)?.flatten() {
        // The process that made it was killed: one at a time packs a charm.
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    // Scripts seldom quote, and a socket's path must be short.
    let is_fit = |dir: &Path| dir.to_str().is_some_and(|path| is_plain(path) && path.len() < 65);
    let temporary = std::env::temp_dir();
    let Some(dir) = [root, &temporary].into_iter().find(|dir| is_fit(dir)) else {
        bail!("scripts need a short path of plain characters for temporary files: set TMPDIR to one");
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).tempdir_in(dir).context("cannot make a directory for a script")
}

/// What bash reads first. The stand-ins are functions too, before any `PATH` that the script may set.
fn start_text(script: &Script, shims: &Shims, body: &Path) -> Result<String> {
    Ok(format!(
        "set -euo pipefail\n{}{}set -x\n. {}\n",
        script.environment,
        shims.functions()?,
        quoted(body)?
    ))
}

/// Scripts seldom quote: where a path has a space or the like, they are given one by way of a link without.
fn plain_paths(
    control: &TempDir,
    project: &Project,
    directories: &Directories,
) -> Result<(Project, Directories)> {
    let alias = |real: &Path, name: &str| -> Result<PathBuf> {
        if real.to_str().is_some_and(is_plain) {
            return Ok(real.to_owned());
        }
        let link = control.path().join(name);
        symlink(real, &link).context("cannot make a link")?;
        Ok(link)
    };
    let part = directories.build.parent().unwrap_or(&directories.build);
    let parts = part.parent().unwrap_or(part);
    let place = alias(parts, "parts")?.join(part.file_name().unwrap_or_default());
    let moved = |path: &Path| path.strip_prefix(part).map(|rest| place.join(rest));
    let directories = Directories {
        src: moved(&directories.src)?,
        build: moved(&directories.build)?,
        install: moved(&directories.install)?,
        work: moved(&directories.work)?,
    };
    let dir = alias(&project.dir, "project")?;
    let root = alias(&project.root, "root")?;
    Ok((Project { dir, root, ..project.clone() }, directories))
}

/// Answers the script's calls until it has ended.
fn serve(
    mut command: Command,
    listener: &UnixListener,
    socket: &Path,
    answers: &mut Control<'_>,
    default: &mut dyn FnMut() -> Result<()>,
) -> Result<ExitStatus> {
    let mut child = command.spawn().context("cannot run bash")?;
    let (sender, ended) = mpsc::channel();
    let socket = socket.to_owned();
    let waiter = thread::spawn(move || {
        let _ = sender.send(child.wait());
        // Wakes up who waits for calls.
        let _ = UnixStream::connect(socket);
    });
    loop {
        let (stream, _) = listener.accept().context("cannot wait for craftctl")?;
        if let Ok(status) = ended.try_recv() {
            let _ = waiter.join();
            return status.context("cannot wait for bash");
        }
        answers.serve(stream, default);
    }
}
