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

use super::{Controller, descriptors, lock, server};
use crate::agent::reap;
use crate::client::socket;
use crate::model::task::State;
use crate::model::time::Timestamp;
use crate::paths::StateDir;
use crate::protocol;

/// How long a controller without models stays for the next command, in milliseconds.
const IDLE_VARIABLE: &str = "JUBILANT_EMBEDDED_IDLE_MS";
const IDLE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(100);

/// The controller process. Returns its exit code.
pub(crate) fn main() -> i32 {
    match run() {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("the controller ends: {error}");
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
    let controller = Arc::new(Controller::new(dir.clone(), identity));
    recover(&controller);
    let listener = listen(&dir)?;
    controller.start_agents();
    super::models::resume(&controller);
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

/// Ends the hooks that a killed predecessor left; their units run them again. An action is not repeated: who
/// asked for it has been told that the connection broke.
fn recover(controller: &Controller) {
    let mut world = controller.world();
    let uuids: Vec<String> = world.models.keys().cloned().collect();
    for uuid in uuids {
        controller.commit(&mut world, &uuid, |model| {
            for task in model.tasks.values_mut().filter(|task| task.state == State::Running) {
                task.finish(State::Failed, Some("action terminated".into()), Timestamp::now());
            }
        });
    }
    for model in world.models.values() {
        for unit in model.units() {
            let dir = controller.dir.model(&model.uuid).unit(&unit.name);
            reap::end_hooks(&dir);
        }
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
        let has_models = !controller.world().models.is_empty();
        let activity = lock(&controller.activity);
        let unused = activity.running == 0 && activity.last.elapsed() >= idle && !has_models;
        if (activity.ending && activity.running == 0) || unused {
            // While we hold `activity` no command begins; a client that connected and gets no answer
            // starts a new controller.
            let _ = fs::remove_file(controller.dir.socket());
            std::mem::forget(activity);
            return;
        }
    }
}
