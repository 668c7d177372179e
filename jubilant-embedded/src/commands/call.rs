//! One command that the controller runs, and what every command needs of it.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::names::CONTROLLER;
use super::print::{cannot_write, render, write_file};
use crate::ground::args::Args;
use crate::ground::failure::{Failure, fail};
use crate::ground::protocol::Request;
use crate::ground::reply::Reply;
use crate::model::Model;
use crate::state::world::{Found, State, World};

/// How often a command that waits looks whether anybody still waits for it.
const TICK: Duration = Duration::from_secs(1);

/// One command being run by the controller.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a Arc<State>,
    pub(crate) request: &'a Request,
    pub(crate) reply: &'a mut Reply,
    pub(crate) args: Args,
}

impl Call<'_> {
    /// The UUID of the model that the command is for: `--model`, `JUJU_MODEL`, or the one that was switched to.
    pub(super) fn model(&self) -> Result<String, Failure> {
        let world = self.state.world();
        let given = self.args.get("model").or(self.request.env.get("JUJU_MODEL").map(String::as_str));
        let Some(given) = given.filter(|name| !name.is_empty()).or(world.settings.current.as_deref()) else {
            fail!("No selected model.\n\nPlease use \"juju switch\" to select a model.\n")
        };
        Ok(find_model(&world, given)?.uuid.clone())
    }

    /// Looks at that model.
    pub(super) fn look<T>(&self, get: impl FnOnce(&Model) -> Result<T, Failure>) -> Result<T, Failure> {
        self.state.look(&self.model()?, get)
    }

    /// Changes that model, on disk too; nothing happens if `change` fails.
    pub(super) fn update<T>(
        &self,
        change: impl FnOnce(&mut Model) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.state.update(&self.model()?, change)
    }

    /// A path given on the command line.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        self.request.cwd.join(text)
    }

    /// The content of a file given on the command line; `-` is standard input.
    pub(super) fn read(&self, path: &str) -> Result<String, Failure> {
        match path {
            "-" => Ok(self.request.stdin.clone().unwrap_or_default()),
            path => std::fs::read_to_string(self.path(path))
                .map_err(|error| Failure::new(format!("cannot read {path}: {error}"))),
        }
    }

    /// Tells the user something that is no result.
    pub(super) fn tell(&mut self, text: impl Into<String>) {
        if !self.args.has("quiet") {
            self.reply.err(text);
        }
    }

    /// Prints a value, as `tabular` says or in the format that was asked for.
    pub(super) fn print(&mut self, value: &Value, tabular: impl FnOnce() -> String) -> Result<i32, Failure> {
        let text = render(&self.args, value, tabular)?;
        self.write(text)
    }

    /// Prints to standard output, or into the file that `--output` names.
    pub(super) fn write(&mut self, text: String) -> Result<i32, Failure> {
        match self.args.get("output") {
            None => self.reply.out(text),
            Some(path) => write_file(&self.path(path), &text)?,
        }
        Ok(0)
    }

    /// Like [`write`](Self::write) for what may be too long for the memory.
    pub(super) fn stream(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<i32, Failure> {
        match self.args.get("output").map(|path| self.path(path)) {
            None => {
                let mut writer = self.reply.writer();
                write(&mut writer)?;
                writer.flush()?;
            }
            Some(path) => std::fs::File::create(&path)
                .and_then(|file| {
                    let mut file = BufWriter::new(file);
                    write(&mut file)?;
                    file.flush()
                })
                .map_err(|error| cannot_write(&path, &error))?,
        }
        Ok(0)
    }

    /// Waits until `condition` holds and says so, or until the time is over; fails once nobody waits any more.
    pub(super) fn wait(
        &mut self,
        deadline: Option<Instant>,
        condition: impl Fn(&World) -> bool,
    ) -> Result<bool, Failure> {
        loop {
            let tick = Instant::now() + TICK;
            let limit = deadline.map_or(tick, |deadline| deadline.min(tick));
            if self.state.wait(Some(limit), |world| condition(world).then_some(())).is_some() {
                return Ok(true);
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return Ok(false);
            }
            if !self.reply.is_open() || self.state.is_ending() {
                fail!("connection is shut down");
            }
        }
    }

    /// Refuses `--no-wait` where nothing would be waited for.
    pub(super) fn refuse_lone_no_wait(&self) -> Result<(), Failure> {
        if self.args.has("no-wait") && !self.args.has("force") {
            fail!("--no-wait without --force not valid");
        }
        Ok(())
    }
}

/// Finds a model that can be used by `[controller:][user/]name` or UUID.
pub(super) fn find_model<'a>(world: &'a World, given: &str) -> Result<&'a Model, Failure> {
    match find_any_model(world, given)? {
        Found::Readable(model) => Ok(model),
        Found::Unreadable(uuid, unreadable) => {
            let name = unreadable.name.as_deref().unwrap_or(uuid);
            fail!(
                "model \"{name}\" cannot be used: {}; destroy it with \"juju destroy-model {name} --no-prompt\"",
                unreadable.why
            )
        }
    }
}

/// The same, whether or not it can be used.
pub(super) fn find_any_model<'a>(world: &'a World, given: &str) -> Result<Found<'a>, Failure> {
    let (controller, name) = given.split_once(':').unwrap_or((CONTROLLER, given));
    if controller != CONTROLLER {
        fail!("controller {controller} not found");
    }
    let (user, name) = name.rsplit_once('/').unwrap_or(("admin", name));
    match world.find(name).filter(|_| user == "admin") {
        Some(found) => Ok(found),
        None => fail!("model {CONTROLLER}:{user}/{name} not found"),
    }
}
