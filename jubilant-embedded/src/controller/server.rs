//! Answering connections: one thread and one request each.

use std::io::{BufRead, BufReader};
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use super::peer;
use super::process::{Controller, lock};
use crate::commands;
use crate::ground::failure::Failure;
use crate::ground::protocol::{Frame, Kind, Request};
use crate::ground::reply::Reply;
use crate::state::context::HookContext;
use crate::state::world::State;
use crate::tools;

pub(super) fn accept(controller: &Arc<Controller>, listener: &UnixListener) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let controller = Arc::clone(controller);
        thread::spawn(move || serve(&controller, stream));
    }
}

/// Answers a command.
fn serve(controller: &Arc<Controller>, stream: UnixStream) {
    let state = &controller.state;
    let is_of_unit = peer::is_of_unit(&stream);
    let Some(request) = read(&stream) else { return };
    let mut reply = Reply::new(stream);
    {
        let mut activity = lock(&controller.activity);
        let is_cli = matches!(request.kind, Kind::Cli);
        if is_cli && !is_of_unit && (state.is_ending() || request.identity != controller.identity) {
            reply.send(&Frame::Superseded);
            return;
        }
        activity.running += 1;
    }
    let code = answer(state, &mut reply, |reply| match request.kind {
        _ if is_of_unit => Err(Failure::new(REFUSAL)),
        Kind::Cli => commands::answer(state, &request, reply),
        Kind::Tool { name, .. } => Err(Failure::new(format!("{name} works only inside a hook"))),
        Kind::End => {
            state.end();
            Ok(0)
        }
    });
    let mut activity = lock(&controller.activity);
    activity.running -= 1;
    activity.last = Instant::now();
    drop(activity);
    reply.send(&Frame::Code(code));
}

const REFUSAL: &str = "a process of a unit reaches its hook's tools and nothing else of the controller";

/// Answers a hook tool: see [`crate::agent::ServeTool`].
pub(super) fn serve_tool(state: &Arc<State>, context: &Arc<HookContext>, stream: UnixStream) {
    // What the hook left behind may call when it likes, and take its time.
    if stream.set_nonblocking(false).is_err() {
        return;
    }
    let Some(request) = read(&stream) else { return };
    let mut reply = Reply::new(stream);
    let code = answer(state, &mut reply, |reply| match &request.kind {
        Kind::Tool { name, context: id } if *id == context.id => {
            tools::run(state, context, name, &request, reply)
        }
        _ => Err(Failure::new("this is not the context of the hook that runs: see JUJU_CONTEXT_ID")),
    });
    reply.send(&Frame::Code(code));
}

fn read(stream: &UnixStream) -> Option<Request> {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    serde_json::from_str(&line).ok()
}

/// Says how a command or tool failed, and returns its exit code.
fn answer(state: &State, reply: &mut Reply, run: impl FnOnce(&mut Reply) -> Result<i32, Failure>) -> i32 {
    // A bug in one command must not take the others' controller away, nor leave the client waiting.
    let result = catch_unwind(AssertUnwindSafe(|| run(reply))).unwrap_or_else(|_| {
        let log = state.dir.controller_log();
        Err(Failure::new(format!("the embedded Juju has a bug: see {}", log.display())))
    });
    result.unwrap_or_else(|failure| {
        reply.err(format!("ERROR {}\n", failure.text));
        failure.code
    })
}
