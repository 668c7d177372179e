//! The last step before a hook: the process gives up writing outside its unit's directory, then becomes the hook.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, Command};
use std::thread;
use std::time::{Duration, Instant};

use landlock::{
    ABI, AccessFs, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, path_beneath_rules,
};

use super::brand;
use crate::ground::paths::UnitDir;

/// First argument that makes the program confine itself and become a hook.
pub(crate) const ROLE: &str = "--embedded-confine";

/// Holds the process ID (and session) of the hook that is running.
pub(super) const PID_FILE: &str = "hook.pid";

/// How long a program's file may be busy.
const BUSY: Duration = Duration::from_secs(2);

/// Arguments: the unit's directory, the program and its arguments. Returns only if the hook cannot be run.
pub(crate) fn main(args: &[OsString]) -> i32 {
    let [unit, program, rest @ ..] = args else {
        eprintln!("nothing to run");
        return 2;
    };
    let unit = Path::new(unit);
    brand::brand(&UnitDir::at(unit.to_owned()));
    // A session of its own tells the hook's processes from daemons that detached themselves.
    let _ = rustix::process::setsid();
    // Written by the hook's own process, so that there is no moment in which it runs unrecorded.
    // On a full disk it runs all the same: the model must stay destroyable.
    if let Err(error) = fs::write(unit.join(PID_FILE), process::id().to_string())
        && error.kind() != ErrorKind::StorageFull
    {
        eprintln!("cannot record the hook: {error}");
        return 126;
    }
    if let Err(error) = restrict(unit) {
        eprintln!("cannot confine the hook: {error}");
        return 126;
    }
    let error = become_program(program, rest);
    eprintln!("cannot run {}: {error}", Path::new(program).display());
    if error.kind() == ErrorKind::NotFound { 127 } else { 126 }
}

/// Returns only if it cannot.
fn become_program(program: &OsString, args: &[OsString]) -> io::Error {
    let deadline = Instant::now() + BUSY;
    loop {
        let error = Command::new(program).args(args).exec();
        // Another unit's process that is just being started may still have the file open for writing, as the
        // controller had when it brought the charm; it lets go when it becomes its own program.
        if error.kind() != ErrorKind::ExecutableFileBusy || Instant::now() > deadline {
            return error;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Best effort: a kernel without Landlock confines nothing.
fn restrict(unit: &Path) -> Result<(), RulesetError> {
    let abi = ABI::V5;
    // Device control is not a write.
    let writes: BitFlags<AccessFs> = AccessFs::from_write(abi) & !BitFlags::from(AccessFs::IoctlDev);
    let devices = AccessFs::WriteFile | AccessFs::Truncate;
    Ruleset::default()
        .handle_access(writes)?
        .create()?
        .add_rules(path_beneath_rules([unit], writes))?
        .add_rules(path_beneath_rules(
            [
                "/dev/null",
                "/dev/zero",
                "/dev/full",
                "/dev/random",
                "/dev/urandom",
                "/dev/tty",
                "/dev/ptmx",
                "/dev/pts",
            ],
            devices,
        ))?
        .restrict_self()?;
    Ok(())
}
