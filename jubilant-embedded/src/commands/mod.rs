//! The `juju` commands. One file per family; [`list::COMMANDS`] says where each is.

mod actions;
mod bundle;
mod config;
mod deploy;
pub(crate) mod failure;
mod inspect;
mod list;
mod logs;
mod model_config;
mod models;
mod own;
mod relations;
mod resources;
mod run;
mod status;
mod tasks;
mod units;
mod verbosity;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::args::{self, Args, switch};
use crate::controller::{Controller, Reply};
use crate::model::Model;
use crate::paths::StateDir;
use crate::protocol::Request;
use crate::yaml;
use failure::{Failure, fail, misuse, unsupported};
use list::{COMMANDS, COMMON, Command, REAL, Run};

/// What charms see as the version: `ops` accepts nothing but numbers.
pub(crate) const NUMBER: &str = "3.6.0";
/// What people see. It stands in for Juju 3.6.
pub(crate) const VERSION: &str = "3.6.0-embedded";
/// The name of the controller, cloud and region.
pub(crate) const CONTROLLER: &str = "embedded";
pub(crate) const CLOUD: &str = "localhost";

/// There is one controller per state directory and nothing asks for its UUID; it only has to look like one.
pub(crate) const CONTROLLER_UUID: &str = "0e3bedde-d000-4000-8000-000000000000";

/// The Debian name of the machine's architecture, as Juju uses it.
pub(crate) fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64el",
        other => other,
    }
}

/// One command being run by the controller.
pub(crate) struct Call<'a> {
    pub(crate) controller: &'a Arc<Controller>,
    pub(crate) request: &'a Request,
    pub(crate) reply: &'a mut Reply,
    pub(crate) args: Args,
}

/// What a command line asks for.
enum Asked {
    Help(String),
    Client(list::ByClient, Args),
    Controller(list::ByController, Args),
}

/// Answers in the client's process, if that needs no controller; a wrong command line needs none, either.
pub(crate) fn answer_alone(dir: &StateDir, args: &[String]) -> Result<Option<String>, Failure> {
    let line = args;
    let (run, args) = match read(line)? {
        Asked::Help(text) => return Ok(Some(text)),
        Asked::Controller(_, args) => {
            eprint!("{}", verbosity::log(&args, line)?);
            return Ok(None);
        }
        Asked::Client(run, args) => (run, args),
    };
    eprint!("{}", verbosity::log(&args, line)?);
    let text = run(dir, &args)?;
    let written = match args.get("output") {
        None => Ok(Some(text)),
        Some(path) => write_file(Path::new(path), &text).map(|()| Some(String::new())),
    };
    eprint!("{}", args.ignored().unwrap_or_default());
    written
}

/// Runs the command that the request names.
pub(crate) fn answer(
    controller: &Arc<Controller>,
    request: &Request,
    reply: &mut Reply,
) -> Result<i32, Failure> {
    match read(&request.args)? {
        Asked::Controller(run, args) => {
            let mut call = Call { controller, request, reply, args };
            let code = run(&mut call)?;
            call.args.ignored().into_iter().for_each(|warning| call.reply.err(warning));
            Ok(code)
        }
        Asked::Help(_) | Asked::Client(..) => fail!("a client answers this by itself"),
    }
}

fn read(args: &[String]) -> Result<Asked, Failure> {
    let position = position(args)?;
    let mut args = args.to_vec();
    if args.get(position).is_none() {
        return without_command(&args);
    }
    let name = args.remove(position);
    if name == "help" {
        let args = args::parse("help", &args, &[COMMON], false)?;
        args.check("[<topic>]", &[])?;
        return topic(args.positionals.first()).map(Asked::Help);
    }
    let Some(command) = find(&name) else {
        if REAL.contains(&name.as_str()) {
            return Err(unsupported(&format!("\"{name}\"")));
        }
        misuse!("juju: \"{name}\" is not a juju command. See \"juju --help\".")
    };
    let args = args::parse(&name, &args, &command.flags(), command.first_ends)?;
    if args.has("help") {
        return Ok(Asked::Help(command_help(command)));
    }
    args.check(command.takes, command.formats)?;
    // The client sees to these.
    for flag in COMMON {
        let _ = args.get(flag.long);
    }
    if let Some(other) = args.get("controller").filter(|other| *other != CONTROLLER) {
        fail!("controller {other} not found");
    }
    Ok(match command.run {
        Run::Client(run) => Asked::Client(run, args),
        Run::Controller(run) => Asked::Controller(run, args),
    })
}

fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.names.contains(&name))
}

/// `juju`, `juju --version`
fn without_command(args: &[String]) -> Result<Asked, Failure> {
    let args = args::parse("juju", args, &[&[switch("version")], COMMON], false)?;
    match args.has("version") {
        true => Ok(Asked::Client(own::version, args)),
        false => Ok(Asked::Help(help())),
    }
}

/// `juju help`, `juju help status`
fn topic(topic: Option<&String>) -> Result<String, Failure> {
    match topic.map(|topic| (topic, find(topic))) {
        None => Ok(help()),
        Some((_, Some(command))) => Ok(command_help(command)),
        Some((topic, None)) => fail!("unknown command or topic for {topic}"),
    }
}

/// Where the command's name stands: global options may come before it.
fn position(args: &[String]) -> Result<usize, Failure> {
    let takes_value =
        ["-m", "--model", "-c", "--controller", "--format", "-o", "--output", "--logging-config"];
    let mut index = 0;
    while let Some(arg) = args.get(index).filter(|arg| arg.starts_with('-')) {
        index += if takes_value.contains(&arg.as_str()) { 2 } else { 1 };
    }
    if index > args.len() {
        misuse!("option needs an argument: {}", args[args.len() - 1]);
    }
    Ok(index)
}

fn help() -> String {
    let mut text = "This is the embedded Juju: it runs local charms without a controller.\n\n".to_owned();
    text.push_str("Usage: juju <command> [options] [arguments]\n\nCommands:\n");
    for command in COMMANDS {
        text.push_str(&format!("    {}\n", command.names[0]));
    }
    text
}

fn command_help(command: &Command) -> String {
    let takes = if command.takes.is_empty() { String::new() } else { format!(" {}", command.takes) };
    let mut text = format!("Usage: juju {} [options]{takes}\n\nOptions:\n", command.names[0]);
    text.extend(command.flags().into_iter().flatten().map(|flag| flag.help(command.formats)));
    text
}

impl Call<'_> {
    /// The UUID of the model that the command is for: `--model`, `JUJU_MODEL`, or the one that was switched to.
    fn model(&self) -> Result<String, Failure> {
        let world = self.controller.world();
        let given = self.args.get("model").or(self.request.env.get("JUJU_MODEL").map(String::as_str));
        let Some(given) = given.filter(|name| !name.is_empty()).or(world.settings.current.as_deref()) else {
            fail!("No selected model.\n\nPlease use \"juju switch\" to select a model.\n")
        };
        Ok(find_model(world.models.values(), given)?.uuid.clone())
    }

    /// Looks at that model.
    fn look<T>(&self, get: impl FnOnce(&Model) -> Result<T, Failure>) -> Result<T, Failure> {
        let uuid = self.model()?;
        let world = self.controller.world();
        match world.models.get(&uuid) {
            Some(model) => get(model),
            None => fail!("model not found, it may have been destroyed during this operation"),
        }
    }

    /// Changes that model, on disk too; nothing happens if `change` fails.
    fn update<T>(&self, change: impl FnOnce(&mut Model) -> Result<T, Failure>) -> Result<T, Failure> {
        self.controller.update(&self.model()?, change)
    }

    /// A path given on the command line.
    fn path(&self, text: &str) -> PathBuf {
        self.request.cwd.join(text)
    }

    /// The content of a file given on the command line; `-` is standard input.
    fn read(&self, path: &str) -> Result<String, Failure> {
        match path {
            "-" => Ok(self.request.stdin.clone().unwrap_or_default()),
            path => std::fs::read_to_string(self.path(path))
                .map_err(|error| Failure::new(format!("cannot read {path}: {error}"))),
        }
    }

    /// Tells the user something that is no result.
    fn tell(&mut self, text: impl Into<String>) {
        if !self.args.has("quiet") {
            self.reply.err(text);
        }
    }

    /// Prints a value, as `tabular` says or in the format that was asked for.
    fn print(&mut self, value: &Value, tabular: impl FnOnce() -> String) -> Result<i32, Failure> {
        let text = render(&self.args, value, tabular)?;
        self.write(text)
    }

    /// Prints to standard output, or into the file that `--output` names.
    fn write(&mut self, text: String) -> Result<i32, Failure> {
        match self.args.get("output") {
            None => self.reply.out(text),
            Some(path) => write_file(&self.path(path), &text)?,
        }
        Ok(0)
    }
}

/// A value as text, as `tabular` says or in the format that was asked for.
fn render(args: &Args, value: &Value, tabular: impl FnOnce() -> String) -> Result<String, Failure> {
    Ok(match args.get("format") {
        Some("json") => format!("{value}\n"),
        Some("yaml") => yaml::to_string(value),
        // Which others there are is said with the command.
        _ => tabular(),
    })
}

fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))
}

/// Finds a model by `[controller:][user/]name` or UUID.
fn find_model<'a>(mut models: impl Iterator<Item = &'a Model>, given: &str) -> Result<&'a Model, Failure> {
    let (controller, name) = given.split_once(':').unwrap_or((CONTROLLER, given));
    if controller != CONTROLLER {
        fail!("controller {controller} not found");
    }
    let (user, name) = name.rsplit_once('/').unwrap_or(("admin", name));
    match models.find(|model| user == "admin" && (model.name == name || model.uuid == name)) {
        Some(model) => Ok(model),
        None => fail!("model {CONTROLLER}:{user}/{name} not found"),
    }
}

/// Refuses `--no-wait` where nothing would be waited for.
fn refuse_lone_no_wait(call: &Call<'_>) -> Result<(), Failure> {
    if call.args.has("no-wait") && !call.args.has("force") {
        fail!("--no-wait without --force not valid");
    }
    Ok(())
}

/// Whether a name is fit for an application or a model: it becomes part of paths.
fn is_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let ends = name.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    starts && ends && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Columns of text, two blanks apart.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
