//! What became of tasks: waiting for them, `juju show-task`, `juju show-operation`, `juju operations`.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::failure::{Failure, fail, misuse};
use super::{Call, table};
use crate::model::task::{State, Task, What};
use crate::model::{Model, unit};
use crate::yaml;

/// What a person reads while waiting: on standard error, so that the results alone are on standard output.
pub(super) fn announce(call: &mut Call<'_>, uuid: &str, operation: u32, ids: &[u32]) {
    let units: Vec<(u32, String)> = {
        let world = call.controller.world();
        let model = world.models.get(uuid);
        ids.iter().filter_map(|id| Some((*id, model?.tasks.get(id)?.unit.clone()))).collect()
    };
    let plural = if ids.len() == 1 { "task" } else { "tasks" };
    let mut text = format!("Running operation {operation} with {} {plural}\n", ids.len());
    for (id, unit) in units {
        text.push_str(&format!("  - task {id} on {}\n", unit::tag(&unit)));
    }
    call.tell(text + "\n");
}

/// Waits for the tasks and prints their results.
pub(super) fn finish(
    call: &mut Call<'_>,
    uuid: &str,
    ids: &[u32],
    wait: Option<Duration>,
) -> Result<i32, Failure> {
    let Some(wait) = wait else {
        let plural = if ids.len() == 1 { "task" } else { "tasks" };
        let list: Vec<String> = ids.iter().map(u32::to_string).collect();
        call.tell(format!(
            "Scheduled {plural} {}\nCheck task status with 'juju show-task <ID>'\n",
            list.join(", ")
        ));
        return Ok(0);
    };
    wait_for(call, uuid, Some(Instant::now() + wait), |task| ids.contains(&task.id))?;
    let tasks: Vec<Task> = {
        let world = call.controller.world();
        let Some(model) = world.models.get(uuid) else {
            fail!("model not found, it may have been destroyed during this operation")
        };
        ids.iter().filter_map(|id| model.tasks.get(id).cloned()).collect()
    };
    print_results(call, &tasks)
}

fn print_results(call: &mut Call<'_>, tasks: &[Task]) -> Result<i32, Failure> {
    let done: Vec<&Task> = tasks.iter().filter(|task| task.is_finished()).collect();
    if !done.is_empty() {
        let records: Map<String, Value> = done.iter().map(|task| (task.unit.clone(), record(task))).collect();
        call.print(&records.into(), || plain(&done))?;
    }
    let late: Vec<&str> =
        tasks.iter().filter(|task| !task.is_finished()).map(|task| task.unit.as_str()).collect();
    if !late.is_empty() {
        fail!("timed out waiting for results from: unit {}", late.join(", unit "));
    }
    let bad: Vec<&Task> = tasks.iter().filter(|task| task.return_code() != 0).collect();
    if bad.is_empty() {
        return Ok(0);
    }
    let plural = if bad.len() == 1 { "task" } else { "tasks" };
    let mut text = format!("the following {plural} failed:\n");
    for task in bad {
        text.push_str(&format!(" - id \"{}\" with return code {}\n", task.id, task.return_code()));
    }
    fail!("{text}\nuse 'juju show-task' to inspect the failure{}", if plural == "tasks" { "s" } else { "" })
}

/// The record of a finished task.
fn record(task: &Task) -> Value {
    let mut record = Map::new();
    record.insert("id".into(), task.id.to_string().into());
    record.insert("unit".into(), task.unit.clone().into());
    record.insert("status".into(), task.state.name().into());
    if let Some(message) = &task.message {
        record.insert("message".into(), message.clone().into());
    }
    if !task.results.is_empty() {
        record.insert("results".into(), task.results.clone().into());
    }
    if !task.log.is_empty() {
        let lines: Vec<String> =
            task.log.iter().map(|(time, text)| format!("{} {text}", time.task())).collect();
        record.insert("log".into(), lines.into());
    }
    let mut timing = Map::new();
    timing.insert("enqueued".into(), task.enqueued.task().into());
    for (key, time) in [("started", task.started), ("completed", task.completed)] {
        time.into_iter().for_each(|time| drop(timing.insert(key.into(), time.task().into())));
    }
    record.insert("timing".into(), timing.into());
    record.into()
}

/// For people: one task's results, or each under its unit's name.
fn plain(tasks: &[&Task]) -> String {
    let one = |task: &Task| {
        let mut text = String::new();
        if let Some(message) = &task.message {
            text.push_str(&format!("Action id {} failed: {message}\n", task.id));
        }
        let text_of = |key: &str| task.results.get(key).and_then(Value::as_str).unwrap_or_default();
        let rest: Map<String, Value> = task
            .results
            .iter()
            .filter(|(key, _)| !["stdout", "stderr", "return-code"].contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if !rest.is_empty() {
            text.push_str(&yaml::to_string(&rest.into()));
        }
        text.push_str(text_of("stdout"));
        text.push_str(text_of("stderr"));
        text
    };
    match tasks {
        [task] => one(task),
        many => many.iter().map(|task| format!("{}:\n{}", task.unit, one(task))).collect(),
    }
}

pub(super) fn show_task(call: &mut Call<'_>) -> Result<i32, Failure> {
    let text = call.args.first("task ID")?.to_owned();
    let uuid = call.model()?;
    let find = |model: &Model| text.parse().ok().and_then(|id| model.tasks.get(&id).cloned());
    let deadline = deadline(call)?;
    let id = call.look(|model| match find(model) {
        Some(task) => Ok(task.id),
        None => fail!("task \"{text}\" not found"),
    })?;
    wait_for(call, &uuid, deadline, |task| task.id == id)?;
    let task = call.look(|model| Ok(find(model)))?;
    let value = task.as_ref().map_or(Value::Null, record);
    let is_plain = call.args.get("format") == Some("plain");
    call.print(&value, || match task {
        Some(task) if is_plain => plain(&[&task]),
        _ => yaml::to_string(&value),
    })
}

/// Until when `--wait` or `--watch` waits; `None` is for ever.
fn deadline(call: &Call<'_>) -> Result<Option<Instant>, Failure> {
    let wait = call.args.duration("wait")?;
    match (call.args.has("watch"), wait) {
        (true, Some(_)) => misuse!("specify either --watch or --wait but not both"),
        (true, None) => Ok(None),
        (false, Some(wait)) if wait.is_zero() => Ok(None),
        (false, wait) => Ok(Some(Instant::now() + wait.unwrap_or_default())),
    }
}

/// Waits until the tasks that `is_meant` names have ended, the model has gone or the time is over.
fn wait_for(
    call: &mut Call<'_>,
    uuid: &str,
    deadline: Option<Instant>,
    is_meant: impl Fn(&Task) -> bool,
) -> Result<(), Failure> {
    loop {
        let tick = Instant::now() + Duration::from_secs(1);
        let done = call.controller.wait(Some(deadline.map_or(tick, |end| end.min(tick))), |world| {
            let Some(model) = world.models.get(uuid) else { return Some(()) };
            model.tasks.values().filter(|task| is_meant(task)).all(Task::is_finished).then_some(())
        });
        if done.is_some() || deadline.is_some_and(|end| end <= Instant::now()) {
            return Ok(());
        }
        if !call.reply.is_open() || call.controller.is_ending() {
            fail!("connection is shut down");
        }
    }
}

/// The record of an operation: the tasks that one command scheduled.
fn operation_record(id: u32, tasks: &[&Task]) -> Value {
    let summary = tasks.first().map_or(String::new(), |task| match &task.what {
        What::Action { name, .. } => format!("{name} run on {}", task.unit),
        What::Exec { .. } => format!("exec run on {}", task.unit),
    });
    let state = if tasks.iter().any(|task| !task.is_finished()) {
        "running"
    } else if tasks.iter().any(|task| task.state != State::Completed) {
        "failed"
    } else {
        "completed"
    };
    let records: Map<String, Value> = tasks.iter().map(|task| (task.id.to_string(), record(task))).collect();
    json!({ "id": id.to_string(), "summary": summary, "status": state, "tasks": records })
}

fn operation_ids(model: &Model) -> Vec<u32> {
    let mut ids: Vec<u32> = model.tasks.values().map(|task| task.operation).collect();
    ids.dedup();
    ids
}

fn tasks_of(model: &Model, operation: u32) -> Vec<&Task> {
    model.tasks.values().filter(|task| task.operation == operation).collect()
}

pub(super) fn show_operation(call: &mut Call<'_>) -> Result<i32, Failure> {
    let text = call.args.first("operation ID")?.to_owned();
    let uuid = call.model()?;
    let deadline = deadline(call)?;
    let id = call.look(|model| match text.parse().ok().filter(|id| operation_ids(model).contains(id)) {
        Some(id) => Ok(id),
        None => fail!("operation \"{text}\" not found"),
    })?;
    wait_for(call, &uuid, deadline, |task| task.operation == id)?;
    let value = call.look(|model| Ok(operation_record(id, &tasks_of(model, id))))?;
    call.print(&value, || yaml::to_string(&value))
}

pub(super) fn operations(call: &mut Call<'_>) -> Result<i32, Failure> {
    let records: Map<String, Value> = call.look(|model| {
        let ids = operation_ids(model).into_iter();
        Ok(ids.map(|id| (id.to_string(), operation_record(id, &tasks_of(model, id)))).collect())
    })?;
    let mut rows = vec![["ID", "Status", "Summary"].map(str::to_owned).to_vec()];
    for (id, record) in &records {
        let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        rows.push(vec![id.clone(), text("status"), text("summary")]);
    }
    call.print(&records.into(), || table(&rows))
}
