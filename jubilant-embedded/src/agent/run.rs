//! Running a hook, an action or a command in a unit.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, PipeReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::keeper::Running;
use super::launch::PID_FILE;
use super::order::Order;
use super::step::{Agent, Finished};
use super::tool_socket::ToolSocket;
use super::{env, python, reap};
use crate::ground::note::note;
use crate::ground::paths::UnitDir;
use crate::model::hook::Hook;
use crate::model::log::Level;
use crate::model::outcome::Exit;
use crate::model::task;
use crate::state::context::{HookContext, Progress, What};
use crate::state::task_files::TaskFiles;

const MODULE: &str = "juju.worker.uniter.operation";
const SHELL: &str = "/bin/bash";

/// What is executed, and how the log calls it.
struct Code {
    args: Vec<OsString>,
    via: &'static str,
}

/// `dispatch` if the charm has one, else the script at `path`; `None` if there is neither.
fn charm_code(dir: &UnitDir, path: &str) -> Option<Code> {
    let code = |file: PathBuf, via| is_executable(&file).then(|| Code { args: vec![file.into()], via });
    let dispatch = || code(dir.charm().join("dispatch"), "hook dispatching script: dispatch");
    dispatch().or_else(|| code(dir.charm().join(path), "explicit, bespoke hook script"))
}

fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Runs a hook and says how it ended.
pub(super) fn hook(agent: &Agent<'_>, number: u64, hook: Hook) -> Finished {
    let Some(name) = agent.look(|model| model.hook_name(agent.unit, &hook)) else {
        // The relation went away while the agent was not looking.
        return Finished::new(number, Exit::Done);
    };
    let dir = agent.state.dir.model(agent.model).unit(agent.unit);
    let Some(code) = charm_code(&dir, &format!("hooks/{name}")) else {
        let text = format!("skipped \"{name}\" hook (missing)");
        return Finished::new(number, Exit::Done).log(Level::Info, MODULE, text);
    };
    let context = HookContext::new(agent.model, agent.unit, What::Hook { hook, name: name.clone() });
    let (ended, progress) = execute(agent, context, &dir, &code);
    let via = code.via;
    if ended.as_ref().is_ok_and(ExitStatus::success) {
        let text = format!("ran \"{name}\" hook (via {via})");
        let mut finished = Finished::new(number, Exit::Done).log(Level::Info, MODULE, text);
        finished.outcome.changes = progress.changes;
        return finished;
    }
    let text = format!("hook \"{name}\" (via {via}) failed: {}", describe(&ended));
    let finished = Finished::new(number, Exit::Failed).log(Level::Error, MODULE, text);
    match python::gone(agent) {
        Some(cause) => finished.log(Level::Error, MODULE, cause),
        None => finished,
    }
}

fn describe(ended: &io::Result<ExitStatus>) -> String {
    use std::os::unix::process::ExitStatusExt;
    match ended {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => format!("exit status {code}"),
            (_, Some(signal)) => format!("signal {signal}"),
            _ => status.to_string(),
        },
        Err(error) => error.to_string(),
    }
}

/// Runs an action or a command and says what came of it.
pub(super) fn task(agent: &Agent<'_>, number: u64, id: u32) -> Finished {
    let Some(what) = agent.look(|model| Some(model.tasks.get(&id)?.what.clone())) else {
        return Finished::new(number, Exit::Failed);
    };
    let dir = agent.state.dir.model(agent.model).unit(agent.unit);
    let (code, what) = match what {
        task::What::Action { name, params } => {
            (charm_code(&dir, &format!("actions/{name}")), What::Action { task: id, name, params })
        }
        task::What::Exec { command } => {
            let shell = if Path::new(SHELL).exists() { SHELL } else { "/bin/sh" };
            let args = vec![shell.into(), "-c".into(), command.into()];
            (Some(Code { args, via: "juju-exec" }), What::Exec { task: id })
        }
    };
    let Some(code) = code else {
        let message = Some(format!("action not implemented on unit \"{}\"", agent.unit));
        return Finished::new(number, Exit::Task { state: task::State::Failed, message, code: None });
    };
    let is_action = matches!(what, What::Action { .. });
    let (ended, progress) = execute(agent, HookContext::new(agent.model, agent.unit, what), &dir, &code);
    if let Err(error) = task_files(agent, id).set_results(&progress.results) {
        note(format_args!("cannot write the results of task {id}: {error}"));
    }
    let code = ended.as_ref().map_or(126, |status| status.code().unwrap_or(-1));
    let (state, message) = match progress.failed {
        Some(message) => (task::State::Failed, Some(message)),
        // A command's exit code is its result; an action that exits with one has failed.
        None if is_action && code != 0 => (task::State::Failed, Some(describe(&ended))),
        None => (task::State::Completed, None),
    };
    let mut finished = Finished::new(number, Exit::Task { state, message, code: Some(code) });
    finished.outcome.changes = progress.changes;
    finished
}

fn task_files(agent: &Agent<'_>, id: u32) -> TaskFiles {
    TaskFiles::new(agent.state.dir.model(agent.model).task(id))
}

/// Runs the code in its context until it ends.
fn execute(
    agent: &Agent<'_>,
    context: HookContext,
    dir: &UnitDir,
    code: &Code,
) -> (io::Result<ExitStatus>, Progress) {
    let context = Arc::new(context);
    let env =
        agent.look(|model| Some(env::build(&agent.state.dir, model, model.units.get(agent.unit)?, &context)));
    let ended = match env {
        Some(env) => spawn_and_wait(agent, &context, dir, code, &env),
        None => Err(io::Error::other("the unit is gone")),
    };
    context.close_output(agent.state);
    if ended.is_err() {
        // What nobody waits for any more must not go on.
        reap::end_hooks(dir);
    }
    let _ = fs::remove_file(dir.path().join(PID_FILE));
    let progress = std::mem::take(&mut *context.progress());
    (ended, progress)
}

fn spawn_and_wait(
    agent: &Agent<'_>,
    context: &Arc<HookContext>,
    dir: &UnitDir,
    code: &Code,
    env: &BTreeMap<&'static str, OsString>,
) -> io::Result<ExitStatus> {
    // What an interrupted run of this unit left must not run beside this one.
    reap::end_hooks(dir);
    let copies = context.task().map(|id| task_files(agent, id).create()).transpose()?;
    let (readers, [out, err]) = context.open_output(agent.state, copies)?;
    let tools = ToolSocket::open(dir.tool_socket())?;
    let order = Order {
        args: code.args.clone(),
        dir: dir.charm().into(),
        env: env.iter().map(|(key, value)| (key.into(), value.clone())).collect(),
    };
    let running = Running::start(&agent.state.dir, dir, &order, [out, err])?;
    attend(agent, context, &running, &tools, readers.into())?;
    running.wait()
}

/// Takes the process's output and answers its tools until it ends.
fn attend(
    agent: &Agent<'_>,
    context: &Arc<HookContext>,
    running: &Running,
    tools: &ToolSocket,
    mut pipes: Vec<PipeReader>,
) -> io::Result<()> {
    loop {
        let mut fds = vec![PollFd::new(running, PollFlags::IN), PollFd::new(tools, PollFlags::IN)];
        fds.extend(pipes.iter().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        match poll(&mut fds, None) {
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        let ready: Vec<PollFlags> = fds.iter().map(PollFd::revents).collect();
        if ready[1].contains(PollFlags::IN) {
            tools.accept(agent.state, context, agent.serve_tool);
        }
        if ready[2..].iter().any(|ready| ready.contains(PollFlags::IN)) {
            context.drain(agent.state);
        }
        // A pipe that everybody has closed would be ready for ever.
        let mut at_end = ready[2..].iter().map(|ready| !ready.is_empty() && !ready.contains(PollFlags::IN));
        pipes.retain(|_| !at_end.next().unwrap_or(false));
        if !ready[0].is_empty() {
            return Ok(());
        }
    }
}
