//! What became of tasks: waiting for them, `juju show-task`, `juju show-operation`, `juju operations`.

use std::time::{Duration, Instant};

use indexmap::IndexMap;

use super::call::Call;
use super::print::table;
use super::task_record::{OperationRecord, TaskRecord, print, print_yaml};
use crate::ground::failure::{Failure, fail, misuse};
use crate::ground::name::UnitName;
use crate::model::Model;
use crate::model::task::Task;
use crate::state::task_files::TaskFiles;

fn plural(count: usize) -> &'static str {
    if count == 1 { "task" } else { "tasks" }
}

/// What a person reads while waiting: on standard error, so that the results alone are on standard output.
pub(super) fn announce(call: &mut Call<'_>, uuid: &str, operation: u32, ids: &[u32]) {
    let unit = |model: &Model, id: u32| Some((id, model.tasks.get(&id)?.unit.clone()));
    // A model that has gone meanwhile is noticed by whoever waits for the tasks.
    let units: Vec<(u32, UnitName)> = call
        .state
        .look(uuid, |model| Ok(ids.iter().filter_map(|id| unit(model, *id)).collect()))
        .unwrap_or_default();
    let mut text = format!("Running operation {operation} with {} {}\n", ids.len(), plural(ids.len()));
    for (id, unit) in units {
        text.push_str(&format!("  - task {id} on {}\n", unit.tag()));
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
        let list: Vec<String> = ids.iter().map(u32::to_string).collect();
        call.tell(format!(
            "Scheduled {} {}\nCheck task status with 'juju show-task <ID>'\n",
            plural(ids.len()),
            list.join(", ")
        ));
        return Ok(0);
    };
    wait_for(call, uuid, Some(Instant::now() + wait), |task| ids.contains(&task.id))?;
    let tasks = call
        .state
        .look(uuid, |model| Ok(ids.iter().filter_map(|id| model.tasks.get(id).cloned()).collect()))?;
    print_results(call, uuid, tasks)
}

fn print_results(call: &mut Call<'_>, uuid: &str, tasks: Vec<Task>) -> Result<i32, Failure> {
    let (done, late): (Vec<Task>, Vec<Task>) = tasks.into_iter().partition(Task::is_finished);
    let bad: Vec<(u32, i32)> =
        done.iter().filter_map(|task| Some((task.id, task.code.filter(|code| *code != 0)?))).collect();
    if !done.is_empty() {
        let records = read(call, uuid, done);
        let by_unit: IndexMap<String, &TaskRecord> =
            records.iter().map(|record| (record.task.unit.to_string(), record)).collect();
        print(call, &by_unit, |writer| match records.as_slice() {
            [record] => record.write_plain(writer),
            many => many.iter().try_for_each(|record| {
                writeln!(writer, "{}:", record.task.unit)?;
                record.write_plain(writer)
            }),
        })?;
    }
    if !late.is_empty() {
        let units: Vec<String> = late.iter().map(|task| task.unit.to_string()).collect();
        fail!("timed out waiting for results from: unit {}", units.join(", unit "));
    }
    if bad.is_empty() {
        return Ok(0);
    }
    let plural = plural(bad.len());
    let mut text = format!("the following {plural} failed:\n");
    for (id, code) in bad {
        text.push_str(&format!(" - id \"{id}\" with return code {code}\n"));
    }
    fail!("{text}\nuse 'juju show-task' to inspect the failure{}", if plural == "tasks" { "s" } else { "" })
}

/// Reads what tasks left beside the model. Call it without the lock on the models.
fn read(call: &Call<'_>, uuid: &str, tasks: Vec<Task>) -> Vec<TaskRecord> {
    let dir = call.state.dir.model(uuid);
    tasks.into_iter().map(|task| TaskRecord::read(task.clone(), &TaskFiles::new(dir.task(task.id)))).collect()
}

pub(super) fn show_task(call: &mut Call<'_>) -> Result<i32, Failure> {
    let text = call.args.first("task ID")?.to_owned();
    let uuid = call.model()?;
    let deadline = deadline(call)?;
    let find = |model: &Model| match text.parse().ok().and_then(|id| model.tasks.get(&id).cloned()) {
        Some(task) => Ok(task),
        None => fail!("task \"{text}\" not found"),
    };
    let id = call.state.look(&uuid, find)?.id;
    wait_for(call, &uuid, deadline, |task| task.id == id)?;
    let task = call.state.look(&uuid, find)?;
    let record = TaskRecord::read(task, &TaskFiles::new(call.state.dir.model(&uuid).task(id)));
    match call.args.get("format") {
        None => print_yaml(call, &record),
        Some(_) => print(call, &record, |writer| record.write_plain(writer)),
    }
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
    call.wait(deadline, |world| {
        let Some(model) = world.models.get(uuid) else { return true };
        model.tasks.values().filter(|task| is_meant(task)).all(Task::is_finished)
    })
    .map(drop)
}

pub(super) fn show_operation(call: &mut Call<'_>) -> Result<i32, Failure> {
    let text = call.args.first("operation ID")?.to_owned();
    let uuid = call.model()?;
    let deadline = deadline(call)?;
    let id = call.state.look(&uuid, |model| {
        match text.parse().ok().filter(|id| model.operations().contains(id)) {
            Some(id) => Ok(id),
            None => fail!("operation \"{text}\" not found"),
        }
    })?;
    wait_for(call, &uuid, deadline, |task| task.operation == id)?;
    let tasks = call.state.look(&uuid, |model| Ok(model.tasks_of(id).cloned().collect()))?;
    let record = OperationRecord { id, tasks: read(call, &uuid, tasks) };
    match call.args.get("format") {
        Some("json") => print(call, &record, |_| Ok(())),
        _ => print_yaml(call, &record),
    }
}

pub(super) fn operations(call: &mut Call<'_>) -> Result<i32, Failure> {
    let uuid = call.model()?;
    let operations: Vec<(u32, Vec<Task>)> = call.state.look(&uuid, |model| {
        let ids = model.operations().into_iter();
        Ok(ids.map(|id| (id, model.tasks_of(id).cloned().collect())).collect())
    })?;
    let records: IndexMap<String, OperationRecord> = operations
        .into_iter()
        .map(|(id, tasks)| (id.to_string(), OperationRecord { id, tasks: read(call, &uuid, tasks) }))
        .collect();
    print(call, &records, |writer| {
        let mut rows = vec![["ID", "Status", "Summary"].map(str::to_owned).to_vec()];
        rows.extend(
            records.iter().map(|(id, record)| vec![id.clone(), record.status().into(), record.summary()]),
        );
        write!(writer, "{}", table(&rows))
    })
}
