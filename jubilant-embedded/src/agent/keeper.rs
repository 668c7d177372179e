//! A unit's keeper: the process that all programs of the unit descend from.
//!
//! A process may signal whom the same confinement holds, so that a hook reaches a daemon of an earlier one only if one
//! process, confined once, has started both. That process lives as long as its unit and outlives the controller; it
//! runs one program after the other for whoever asks on the unit's socket.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::sockopt::socket_peercred;

use super::order::{self, Answer, Order};
use super::{brand, confine, launch};
use crate::ground::note::note;
use crate::ground::paths::{StateDir, UnitDir};
use crate::ground::socket;

/// First argument that makes the program a unit's keeper; the unit's directory follows, standard input is the socket.
pub(crate) const ROLE: &str = "--embedded-keeper";

/// The socket's name, with the version of what is said on it: a controller of another build starts a keeper of its own.
const SOCKET: &str = "keeper-1.sock";

/// How often it looks whether its unit is still there.
const LOOK: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };

/// The process. Returns only if it cannot be the keeper.
pub(crate) fn main(args: &[OsString]) -> i32 {
    let failure = match args {
        [unit] => run(&UnitDir::at(unit.into())),
        _ => io::Error::other("no unit is named"),
    };
    note(format_args!("a unit's hooks cannot be run: {failure}"));
    1
}

fn run(unit: &UnitDir) -> io::Error {
    brand::brand(unit);
    let listener = match confined(unit) {
        Ok(listener) => listener,
        Err(error) => return error,
    };
    loop {
        match poll(&mut [PollFd::new(&listener, PollFlags::IN)], Some(&LOOK)) {
            // The state was deleted under the controller; nobody else will ever end this process.
            Ok(0) if !unit.path().exists() => return ErrorKind::NotFound.into(),
            Ok(0) | Err(Errno::INTR) => continue,
            Ok(_) => {}
            Err(error) => return error.into(),
        }
        match listener.accept() {
            Ok((stream, _)) if !is_of_unit(&stream) => serve(unit, &stream),
            Ok(_) => {}
            Err(error) => return error,
        }
    }
}

fn confined(unit: &UnitDir) -> io::Result<UnixListener> {
    // Neither Ctrl-C nor a closed terminal is for it.
    let _ = rustix::process::setsid();
    confine::confine(unit.path()).map_err(io::Error::other)?;
    Ok(UnixListener::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// Units are asked for nothing by other units.
fn is_of_unit(stream: &UnixStream) -> bool {
    socket_peercred(stream).map_or(true, |peer| brand::is_of_unit(peer.pid.as_raw_pid()))
}

/// Runs one program to its end. Whoever asked may be gone by then.
fn serve(unit: &UnitDir, stream: &UnixStream) {
    let Ok((order, [out, err])) = order::receive(stream) else { return };
    let answer = run_program(unit, order, out.into(), err.into()).map_err(|error| error.to_string());
    let _ = order::send_answer(stream, &answer);
}

fn run_program(unit: &UnitDir, order: Order, out: Stdio, err: Stdio) -> io::Result<i32> {
    // The program that this process runs as may have been replaced meanwhile.
    let mut command = Command::new("/proc/self/exe");
    command.arg(launch::ROLE).arg(unit.path()).args(order.args);
    command.env_clear().envs(order.env).current_dir(order.dir);
    command.stdin(Stdio::null()).stdout(out).stderr(err);
    let mut child = command.spawn()?;
    // The command holds the pipes' writing ends, too.
    drop(command);
    Ok(child.wait()?.into_raw())
}

/// A program that a keeper runs.
pub(super) struct Running(UnixStream);

impl Running {
    /// Has the unit's keeper start a program; without a keeper, one is started.
    pub(super) fn start(
        state: &StateDir,
        unit: &UnitDir,
        order: &Order,
        output: [impl AsFd; 2],
    ) -> io::Result<Self> {
        let socket = unit.path().join(SOCKET);
        let stream = match socket::connect(&socket) {
            Ok(stream) => stream,
            Err(_) => {
                start(state, unit, &socket)?;
                socket::connect(&socket)?
            }
        };
        order::send(&stream, order, output)?;
        Ok(Self(stream))
    }

    /// Waits for the program's end; ready to be read, its descriptor tells of it.
    pub(super) fn wait(&self) -> io::Result<ExitStatus> {
        let answer: Answer = order::receive_answer(&self.0)?;
        answer.map(ExitStatus::from_raw).map_err(io::Error::other)
    }
}

impl AsFd for Running {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Starts a keeper. It can be asked at once: its socket is open before it lives.
fn start(state: &StateDir, unit: &UnitDir, socket: &Path) -> io::Result<()> {
    // Left by a keeper that was killed, or put there by a hook.
    let _ = fs::remove_file(socket);
    let listener = socket::at(socket, |path| UnixListener::bind(path))?;
    let mut command = Command::new(state.program());
    command.arg(ROLE).arg(unit.path()).current_dir("/");
    // Where nothing can be branded, it is known by this: see `reap`.
    command.env_clear().env("JUJU_CHARM_DIR", unit.charm());
    command.stdin(OwnedFd::from(listener)).stdout(Stdio::null());
    let mut child = command.spawn()?;
    // So that it is no zombie when it ends before the controller does.
    thread::spawn(move || child.wait());
    Ok(())
}
