//! Running a hook, an action or a command in a unit.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::commit::{self, SeenVersions};
use super::confine::PID_FILE;
use super::context::{HookContext, State, What};
use super::output::Output;
use super::{Finished, env, python, reap};
use crate::controller::Controller;
use crate::model::Model;
use crate::model::hook::Hook;
use crate::model::log::Level;
use crate::model::task;
use crate::model::time::Timestamp;
use crate::model::unit::tag;
use crate::paths::UnitDir;
use crate::program::CONFINE_ROLE;

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
pub(super) fn hook<'a>(controller: &Arc<Controller>, uuid: &str, unit: &'a str, hook: Hook) -> Finished<'a> {
    let looked =
        look(controller, uuid, |model| Some((hook.name(model, unit)?, SeenVersions::of(model, unit, &hook))));
    let Some((name, seen)) = looked else {
        // The relation went away while the agent was not looking.
        return Finished::new(true, move |model| commit::skip_failed(model, unit, &hook));
    };
    let dir = controller.dir.model(uuid).unit(unit);
    let Some(code) = charm_code(&dir, &format!("hooks/{name}")) else {
        return Finished::new(changes_relation(&hook), move |model| {
            model.log(&tag(unit), Level::Info, MODULE, format!("skipped \"{name}\" hook (missing)"));
            commit::succeed(model, unit, &hook, &seen, &commit::Changes::default());
        });
    };
    let context = HookContext::new(uuid, unit, What::Hook { hook: hook.clone(), name: name.clone() });
    let (outcome, state) = execute(controller, context, &dir, &code);
    let wrote = !(state.changes.unit_settings.is_empty() && state.changes.application_settings.is_empty());
    Finished::new(wrote || changes_relation(&hook), move |model| match outcome {
        Ok(status) if status.success() => {
            model.log(&tag(unit), Level::Info, MODULE, format!("ran \"{name}\" hook (via {})", code.via));
            commit::succeed(model, unit, &hook, &seen, &state.changes);
        }
        outcome => {
            let why = describe(&outcome);
            let text = format!("hook \"{name}\" (via {}) failed: {why}", code.via);
            model.log(&tag(unit), Level::Error, MODULE, text);
            if let Some(cause) = python::mismatch(&dir.charm()) {
                model.log(&tag(unit), Level::Error, MODULE, cause);
            }
            commit::fail(model, unit, &hook, &name);
        }
    })
}

/// Whether the end of the hook shows to the units on the other side.
fn changes_relation(hook: &Hook) -> bool {
    matches!(hook, Hook::RelationCreated { .. } | Hook::RelationDeparted { .. } | Hook::RelationBroken { .. })
}

fn describe(outcome: &io::Result<ExitStatus>) -> String {
    use std::os::unix::process::ExitStatusExt;
    match outcome {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => format!("exit status {code}"),
            (_, Some(signal)) => format!("signal {signal}"),
            _ => status.to_string(),
        },
        Err(error) => error.to_string(),
    }
}

/// Runs an action or a command and says what came of it.
pub(super) fn task<'a>(
    controller: &Arc<Controller>,
    uuid: &str,
    unit: &'a str,
    id: u32,
) -> Option<Finished<'a>> {
    let what = look(controller, uuid, |model| Some(model.tasks.get(&id)?.what.clone()))?;
    let dir = controller.dir.model(uuid).unit(unit);
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
        return Some(Finished::new(true, move |model| {
            if let Some(task) = model.tasks.get_mut(&id) {
                let text = format!("action not implemented on unit \"{unit}\"");
                task.finish(task::State::Failed, Some(text), Timestamp::now());
            }
        }));
    };
    let is_action = matches!(what, What::Action { .. });
    let (outcome, state) = execute(controller, HookContext::new(uuid, unit, what), &dir, &code);
    Some(Finished::new(true, move |model| finish_task(model, unit, id, is_action, outcome, state)))
}

fn finish_task(
    model: &mut Model,
    unit: &str,
    id: u32,
    is_action: bool,
    outcome: io::Result<ExitStatus>,
    state: State,
) {
    let succeeded = outcome.as_ref().is_ok_and(ExitStatus::success);
    if succeeded {
        commit::flush(model, unit, &state.changes);
    }
    let Some(task) = model.tasks.get_mut(&id) else { return };
    task.results = state.results;
    let code = outcome.as_ref().map_or(126, |status| status.code().unwrap_or(-1));
    task.results.insert("return-code".into(), Value::from(code));
    for (key, text) in [("stdout", state.stdout), ("stderr", state.stderr)] {
        if !text.is_empty() {
            task.results.insert(key.into(), text.into());
        }
    }
    let (end, message) = match state.failed {
        Some(message) => (task::State::Failed, Some(message)),
        // A command's exit code is its result; an action that exits with one has failed.
        None if is_action && !succeeded => (task::State::Failed, Some(describe(&outcome))),
        None => (task::State::Completed, None),
    };
    task.finish(end, message, Timestamp::now());
}

fn look<T>(controller: &Controller, uuid: &str, get: impl FnOnce(&Model) -> Option<T>) -> Option<T> {
    controller.world().models.get(uuid).and_then(get)
}

/// Runs the code in its context until it ends.
fn execute(
    controller: &Arc<Controller>,
    context: HookContext,
    dir: &UnitDir,
    code: &Code,
) -> (io::Result<ExitStatus>, State) {
    let context = Arc::new(context);
    let env = look(controller, &context.model, |model| {
        Some(env::build(controller, model, model.unit(&context.unit)?, &context))
    });
    controller.add_context(&context);
    let outcome = match env {
        Some(env) => spawn_and_wait(controller, &context, dir, code, &env),
        None => Err(io::Error::other("the unit is gone")),
    };
    context.drain(controller, true);
    controller.remove_context(&context.id);
    let _ = fs::remove_file(dir.path().join(PID_FILE));
    let state = std::mem::take(&mut *context.state());
    (outcome, state)
}

fn spawn_and_wait(
    controller: &Controller,
    context: &HookContext,
    dir: &UnitDir,
    code: &Code,
    env: &BTreeMap<&'static str, OsString>,
) -> io::Result<ExitStatus> {
    // What an interrupted run of this unit left must not run beside this one.
    reap::end_hooks(dir);
    let (output, out, err) = Output::new()?;
    context.state().output = Some(output);
    let mut command = Command::new(controller.dir.program());
    command.arg(CONFINE_ROLE).arg(dir.path()).args(&code.args);
    command.env_clear().envs(env).current_dir(dir.charm());
    command.stdin(Stdio::null()).stdout(out).stderr(err);
    let mut child = command.spawn()?;
    // The command holds the writing ends, too.
    drop(command);
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait()));
    let mut nap = Duration::from_millis(1);
    loop {
        match ended.recv_timeout(nap) {
            Ok(status) => return status,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(io::Error::other("the hook was not waited for"));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let quiet = !context.drain(controller, false);
        nap = if quiet { (nap * 2).min(Duration::from_millis(50)) } else { Duration::from_millis(1) };
    }
}
