//! The `juju` commands. One file per family; [`list::COMMANDS`] says where each is.

mod actions;
mod bundle;
mod call;
mod config;
mod deploy;
mod inspect;
mod list;
mod logs;
mod model_config;
mod models;
mod names;
mod own;
mod plan;
mod print;
mod real;
mod relations;
mod resource_files;
mod resources;
mod run;
mod status;
mod task_record;
mod tasks;
mod text_file;
mod units;
mod verbosity;

use std::path::Path;
use std::sync::Arc;

use crate::ground::args::{self, Args, switch};
use crate::ground::failure::{Failure, fail, misuse, unsupported};
use crate::ground::paths::StateDir;
use crate::ground::protocol::Request;
use crate::ground::reply::Reply;
use crate::state::world::State;
use call::Call;
use list::{COMMANDS, COMMON, Command, Run};
use names::CONTROLLER;
use print::write_file;
use real::REAL;

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
pub(crate) fn answer(state: &Arc<State>, request: &Request, reply: &mut Reply) -> Result<i32, Failure> {
    match read(&request.args)? {
        Asked::Controller(run, args) => {
            let mut call = Call { state, request, reply, args };
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
