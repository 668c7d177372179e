//! The last step before a hook: the process gets a session of its own, then becomes the hook.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, Command};
use std::thread;
use std::time::{Duration, Instant};

/// First argument that makes the program become a hook.
pub(crate) const ROLE: &str = "--embedded-launch";

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
    // A session of its own tells the hook's processes from daemons that detached themselves.
    let _ = rustix::process::setsid();
    // Written by the hook's own process, so that there is no moment in which it runs unrecorded.
    // On a full disk it runs all the same: the model must stay destroyable.
    if let Err(error) = fs::write(Path::new(unit).join(PID_FILE), process::id().to_string())
        && error.kind() != ErrorKind::StorageFull
    {
        eprintln!("cannot record the hook: {error}");
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
