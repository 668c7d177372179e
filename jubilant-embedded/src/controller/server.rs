//! Answering connections: one thread and one request each.

use std::io::{BufRead, BufReader};
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use super::{Controller, lock};
use crate::client::socket;
use crate::commands;
use crate::commands::failure::Failure;
use crate::protocol::{Frame, Kind, Request};
use crate::tools;

/// The way back to the client.
pub(crate) struct Reply {
    stream: UnixStream,
    /// The client is gone; there is nobody left to write to.
    closed: bool,
}

impl Reply {
    pub(crate) fn out(&mut self, text: impl Into<String>) {
        self.send(&Frame::Out(text.into()));
    }

    pub(crate) fn err(&mut self, text: impl Into<String>) {
        self.send(&Frame::Err(text.into()));
    }

    /// Finds out whether anybody is still listening.
    pub(crate) fn is_open(&mut self) -> bool {
        self.send(&Frame::Alive);
        !self.closed
    }

    fn send(&mut self, frame: &Frame) {
        if self.closed {
            return;
        }
        let Ok(mut line) = serde_json::to_vec(frame) else { return };
        line.push(b'\n');
        self.closed = socket::send(&self.stream, &line).is_err();
    }
}

pub(super) fn accept(controller: &Arc<Controller>, listener: &UnixListener) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let controller = Arc::clone(controller);
        thread::spawn(move || serve(&controller, stream));
    }
}

fn serve(controller: &Arc<Controller>, stream: UnixStream) {
    let Some(request) = read(&stream) else { return };
    let mut reply = Reply { stream, closed: false };
    {
        let mut activity = lock(&controller.activity);
        let is_cli = matches!(request.kind, Kind::Cli);
        if is_cli && (activity.ending || request.identity != controller.identity) {
            reply.send(&Frame::Superseded);
            return;
        }
        activity.running += 1;
    }
    // A bug in one command must not take the others' controller away, nor leave the client waiting.
    let answer = catch_unwind(AssertUnwindSafe(|| answer(controller, request, &mut reply)));
    let result = answer.unwrap_or_else(|_| {
        let log = controller.dir.controller_log();
        Err(Failure::new(format!("the embedded Juju has a bug: see {}", log.display())))
    });
    let code = result.unwrap_or_else(|failure| {
        reply.err(format!("ERROR {}\n", failure.text));
        failure.code
    });
    let mut activity = lock(&controller.activity);
    activity.running -= 1;
    activity.last = Instant::now();
    drop(activity);
    reply.send(&Frame::Code(code));
}

fn read(stream: &UnixStream) -> Option<Request> {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    serde_json::from_str(&line).ok()
}

fn answer(controller: &Arc<Controller>, request: Request, reply: &mut Reply) -> Result<i32, Failure> {
    match &request.kind {
        Kind::Cli => commands::answer(controller, &request, reply),
        Kind::Tool { name, context } => tools::run(controller, name, context, &request, reply),
        Kind::End => {
            controller.end();
            Ok(0)
        }
    }
}
