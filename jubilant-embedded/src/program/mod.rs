//! One executable in many roles: which of them it has been started in.

mod client;
mod install;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use crate::error::Error;
use crate::ground::paths::{PROGRAM, StateDir};
use crate::{agent, controller, tools};

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
    install::install_into(&dir)?;
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
        Some(agent::KEEPER_ROLE) => agent::keep(&args[1..]),
        Some(agent::LAUNCH_ROLE) => agent::launch(&args[1..]),
        Some(controller::ROLE) => controller::main(),
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
