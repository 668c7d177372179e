//! The controller's birth and end.

use std::env;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustix::process::{getpid, getsid, setsid};

use super::process::{Controller, lock};
use super::{agents, descriptors, server};
use crate::agent::end_hooks;
use crate::ground::note::note;
use crate::ground::paths::StateDir;
use crate::ground::{protocol, socket};
use crate::state::world::State;

/// First argument that makes the program the controller.
pub(crate) const ROLE: &str = "--embedded-controller";

/// How long a controller without models stays for the next command, in milliseconds.
const IDLE_VARIABLE: &str = "JUBILANT_EMBEDDED_IDLE_MS";
const IDLE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(100);

/// The controller process. Returns its exit code.
pub(crate) fn main() -> i32 {
    match run() {
        Ok(()) => 0,
        Err(error) => {
            note(format_args!("the controller ends: {error}"));
            1
        }
    }
}

fn run() -> io::Result<()> {
    // First of all, while every open descriptor is the starter's.
    descriptors::close_inherited()?;
    // A client that goes away before its answer must not take the controller along: before `main`, where this
    // runs in a test executable, Rust has not set SIGPIPE aside yet.
    signal_hook::flag::register(signal_hook::consts::SIGPIPE, Arc::default())?;
    leave_session()?;
    let dir = StateDir::from_env().map_err(io::Error::other)?;
    let lock = OpenOptions::new().create(true).append(true).mode(0o600).open(dir.controller_lock())?;
    // Held until the process ends. A predecessor that is about to end still holds it for a moment.
    lock.lock()?;
    let identity = protocol::identity(&dir);
    let controller = Arc::new(Controller::new(State::load(dir.clone()), identity));
    end_interrupted_hooks(&controller.state);
    let listener = listen(&dir)?;
    let supervised = Arc::clone(&controller);
    thread::spawn(move || agents::supervise(&supervised));
    let accepting = Arc::clone(&controller);
    thread::spawn(move || server::accept(&accepting, &listener));
    wait_for_end(&controller);
    Ok(())
}

/// Out of the terminal's session: closing it or pressing Ctrl-C is not for the controller.
fn leave_session() -> io::Result<()> {
    match setsid() {
        Ok(_) => Ok(()),
        // The leader of a session cannot start another one, and need not.
        Err(_) if getsid(None)? == getpid() => Ok(()),
        Err(error) => {
            let error = io::Error::from(error);
            Err(io::Error::new(error.kind(), format!("it cannot leave its starter's session: {error}")))
        }
    }
}

/// Ends the hooks that a killed predecessor left; their units run them again.
fn end_interrupted_hooks(state: &State) {
    for model in state.world().models.values() {
        let dir = state.dir.model(&model.uuid);
        model.units.keys().for_each(|unit| end_hooks(&dir.unit(unit)));
    }
}

fn listen(dir: &StateDir) -> io::Result<UnixListener> {
    // The lock proves that whoever made this file is gone.
    let _ = fs::remove_file(dir.socket());
    let listener = socket::at(&dir.socket(), |path| UnixListener::bind(path))?;
    fs::set_permissions(dir.socket(), fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Returns when the process is no longer needed; nobody can connect any more by then.
fn wait_for_end(controller: &Controller) {
    let idle =
        env::var(IDLE_VARIABLE).ok().and_then(|text| text.parse().ok()).map_or(IDLE, Duration::from_millis);
    loop {
        thread::sleep(TICK.min(idle));
        let world = controller.state.world();
        let has_models = !(world.models.is_empty() && world.condemned.is_empty());
        drop(world);
        let activity = lock(&controller.activity);
        let unused = activity.last.elapsed() >= idle && !has_models;
        if activity.running == 0 && (controller.state.is_ending() || unused) {
            // While we hold `activity` no command begins; a client that connected and gets no answer
            // starts a new controller.
            let _ = fs::remove_file(controller.state.dir.socket());
            std::mem::forget(activity);
            return;
        }
    }
}
