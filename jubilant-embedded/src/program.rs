//! Installing the program and finding out as what it was called.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process;

use serde::{Deserialize, Serialize};

use crate::agent::confine;
use crate::client;
use crate::controller;
use crate::paths::{PROGRAM, StateDir};
use crate::{Error, tools};

/// First argument that makes the program the controller.
pub(crate) const CONTROLLER_ROLE: &str = "--embedded-controller";
/// First argument that makes the program confine itself and become a hook.
pub(crate) const CONFINE_ROLE: &str = "--embedded-confine";

/// The directory that holds the embedded Juju's state: `JUBILANT_EMBEDDED_DIR`, else
/// `$XDG_STATE_HOME/jubilant/embedded`, else `~/.local/state/jubilant/embedded`.
///
/// # Errors
/// If none of these variables is set.
///
/// ```
/// let dir = jubilant_embedded::state_dir()?;
/// assert!(dir.is_absolute());
/// # Ok::<(), jubilant_embedded::Error>(())
/// ```
pub fn state_dir() -> Result<PathBuf, Error> {
    Ok(StateDir::from_env()?.path().to_owned())
}

/// Installs the running executable as the embedded Juju and returns the path of its `juju` program.
///
/// The executable must call [`run_if_called`] when it starts. Installing again is cheap; a rebuilt executable
/// replaces its former self.
///
/// # Errors
/// If the state directory cannot be written, or on a system other than Linux.
///
/// ```no_run
/// let juju = jubilant_embedded::install()?;
/// std::process::Command::new(juju).arg("version").status()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn install() -> Result<PathBuf, Error> {
    let dir = StateDir::from_env()?;
    install_into(&dir)?;
    Ok(dir.juju())
}

/// Acts as the embedded Juju and exits, if this process was started as one; otherwise returns at once.
///
/// It is cheap and may run before `main`.
///
/// ```
/// jubilant_embedded::run_if_called(); // returns: this is not the installed program
/// ```
pub fn run_if_called() {
    let Ok(exe) = env::current_exe() else { return };
    // A running program whose file was replaced shows as "… (deleted)".
    let name = exe.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if name.strip_suffix(" (deleted)").unwrap_or(name) == PROGRAM {
        run();
    }
}

/// The standalone program: the `juju` command line of the embedded Juju.
pub fn main() {
    run()
}

/// Runs the role that the arguments name, and exits.
fn run() -> ! {
    let mut args = arguments().into_iter();
    let called_as = args.next().unwrap_or_default();
    let called_as =
        Path::new(&called_as).file_name().and_then(|name| name.to_str()).unwrap_or(PROGRAM).to_owned();
    let args: Vec<OsString> = args.collect();
    let code = match args.first().and_then(|arg| arg.to_str()) {
        Some(CONFINE_ROLE) => confine::main(&args[1..]),
        Some(CONTROLLER_ROLE) => controller::main(),
        _ if tools::is_tool(&called_as) => client::tool::main(&called_as, &args),
        _ => client::cli::main(&args),
    };
    process::exit(code)
}

/// The command line. Before `main`, some C libraries have not handed it to std yet.
fn arguments() -> Vec<OsString> {
    use std::os::unix::ffi::OsStringExt;
    let args: Vec<OsString> = env::args_os().collect();
    if !args.is_empty() {
        return args;
    }
    let line = fs::read("/proc/self/cmdline").unwrap_or_default();
    let line = line.strip_suffix(b"\0").unwrap_or(&line);
    line.split(|byte| *byte == 0).map(|arg| OsString::from_vec(arg.to_vec())).collect()
}

/// What `bin/source` records about the installed program.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Source {
    version: String,
    path: PathBuf,
    inode: u64,
    modified: i64,
    length: u64,
}

/// Makes the directory complete: program, `juju`, hook tools.
pub(crate) fn install_into(dir: &StateDir) -> Result<(), Error> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Install { path, source }
    };
    dir.create().map_err(at(dir.path()))?;
    let exe = env::current_exe().map_err(at(&dir.program()))?;
    if exe.parent() == Some(&dir.bin()) {
        return Ok(()); // the installed program itself
    }
    for sub in [dir.bin(), dir.tools(), dir.models()] {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&sub).map_err(at(&sub))?;
    }
    let source = describe(&exe).map_err(at(&exe))?;
    if is_current(dir, &source) {
        return Ok(());
    }
    link_program(dir, &exe).map_err(at(&dir.program()))?;
    link(Path::new(PROGRAM), &dir.juju()).map_err(at(&dir.juju()))?;
    let target = Path::new("../bin").join(PROGRAM);
    for tool in tools::names() {
        let path = dir.tools().join(tool);
        link(&target, &path).map_err(at(&path))?;
    }
    // Last: where it is, all is there.
    let record = dir.bin().join("source");
    let text = serde_json::to_vec(&source).map_err(io::Error::from).map_err(at(&record))?;
    write_atomically(&record, &text).map_err(at(&record))
}

fn describe(exe: &Path) -> io::Result<Source> {
    let meta = fs::metadata(exe)?;
    Ok(Source {
        version: env!("CARGO_PKG_VERSION").into(),
        path: exe.into(),
        inode: meta.ino(),
        modified: meta.mtime(),
        length: meta.len(),
    })
}

/// Whether the installed program serves: it came from this very file, or from another one of the same version
/// that was built later (two test executables must not replace each other in turns, and none must run on what
/// an older build of the project left).
fn is_current(dir: &StateDir, source: &Source) -> bool {
    let Ok(text) = fs::read(dir.bin().join("source")) else { return false };
    let Ok(installed) = serde_json::from_slice::<Source>(&text) else { return false };
    dir.program().exists()
        && installed.version == source.version
        && (installed == *source || (installed.path != source.path && installed.modified >= source.modified))
}

/// Links (or, across file systems, copies) the program into place in one step.
fn link_program(dir: &StateDir, exe: &Path) -> io::Result<()> {
    let temporary = dir.bin().join(format!(".{PROGRAM}.{}", process::id()));
    let _ = fs::remove_file(&temporary);
    fs::hard_link(exe, &temporary).or_else(|_| fs::copy(exe, &temporary).map(drop))?;
    // Renaming one link of a file over another does nothing and leaves both.
    fs::rename(&temporary, dir.program())?;
    let _ = fs::remove_file(&temporary);
    Ok(())
}

fn link(target: &Path, path: &Path) -> io::Result<()> {
    match symlink(target, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Writes a file so that a reader sees the old or the new content, never half of it.
pub(crate) fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    io::Write::write_all(&mut file, content)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
