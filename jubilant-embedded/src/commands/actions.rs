//! `juju run`, `juju exec`, and what shows their tasks.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::failure::{Failure, fail, misuse};
use super::{Call, table};
use crate::agent::next::parse_duration;
use crate::model::task::{State, Task, What, set_nested};
use crate::model::time::Timestamp;
use crate::model::{Model, unit};
use crate::yaml;

const RUN_WAIT: Duration = Duration::from_secs(60);
const EXEC_WAIT: Duration = Duration::from_secs(5 * 60);

/// A unit, or `app/leader`.
fn resolve(model: &Model, given: &str) -> Result<String, Failure> {
    if let Some(app) = given.strip_suffix("/leader") {
        return match model.leader(app) {
            Some(leader) => Ok(leader.name.clone()),
            None => fail!("could not determine leader for \"{app}\""),
        };
    }
    match model.unit(given) {
        Some(unit) => Ok(unit.name.clone()),
        None => fail!("unit \"{given}\" not found"),
    }
}

fn is_unit(text: &str) -> bool {
    text.split_once('/').is_some_and(|(app, number)| {
        super::is_name(app) && (number == "leader" || number.parse::<u32>().is_ok())
    })
}

pub(super) fn run(call: &mut Call<'_>) -> Result<i32, Failure> {
    let units: Vec<String> = call.args.positionals.iter().take_while(|arg| is_unit(arg)).cloned().collect();
    let rest = call.args.positionals[units.len()..].to_vec();
    if units.is_empty() {
        match rest.first() {
            Some(first) => misuse!("invalid unit or action name \"{first}\""),
            None => misuse!("no unit specified"),
        }
    }
    let Some((action, pairs)) = rest.split_first() else { misuse!("no action specified") };
    let params = parameters(call, pairs)?;
    let wait = wait_limit(call, RUN_WAIT)?;
    let uuid = call.model()?;
    let (operation, ids, refusals) = call.controller.update(&uuid, |model| {
        let operation = model.next_operation_id();
        let mut ids = Vec::new();
        let mut refusals = Vec::new();
        for unit in &units {
            match schedulable(model, unit, action, &params) {
                Ok(unit) => {
                    let what = What::Action { name: action.clone(), params: params.clone() };
                    ids.push(schedule(model, operation, unit, what));
                }
                Err(failure) => refusals.push(failure.text),
            }
        }
        Ok((operation, ids, refusals))
    })?;
    if ids.is_empty() {
        call.reply
            .err(format!("Operation {operation} failed to schedule any tasks:\n{}\n", refusals.join("\n")));
        return Ok(0);
    }
    announce(call, &uuid, operation, &ids);
    for refusal in &refusals {
        call.reply.err(format!("{refusal}\n"));
    }
    finish(call, &uuid, &ids, wait)
}

/// The unit, if it can be asked for this action.
fn schedulable(
    model: &Model,
    unit: &str,
    action: &str,
    params: &Map<String, Value>,
) -> Result<String, Failure> {
    let unit = resolve(model, unit)?;
    let app = model.applications.get(unit::application_of(&unit));
    let Some(spec) = app.and_then(|app| app.charm.actions.get(action)) else {
        fail!("action \"{action}\" not defined on unit \"{unit}\"")
    };
    check_parameters(action, spec, params)?;
    Ok(unit)
}

fn check_parameters(
    action: &str,
    spec: &crate::model::charm::Action,
    params: &Map<String, Value>,
) -> Result<(), Failure> {
    for name in &spec.required {
        if !params.contains_key(name) {
            fail!(
                "validation failed: (root) : \"{name}\" property is missing and required, given {}",
                Value::from(params.clone())
            );
        }
    }
    for (name, value) in params {
        let Some(schema) = spec.params.get(name) else {
            if spec.additional_properties {
                continue;
            }
            fail!(
                "validation failed: (root) : additional property \"{name}\" is not allowed, given {}",
                Value::from(params.clone())
            );
        };
        let Some(kind) = schema.get("type").and_then(Value::as_str) else { continue };
        let fits = match kind {
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            _ => true,
        };
        if !fits {
            fail!(
                "validation failed: (root).{name} : must be of type {kind}, given {value} (action \"{action}\")"
            );
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(value)
        {
            fail!(
                "validation failed: (root).{name} : must be one of {}, given {value}",
                Value::from(allowed.clone())
            );
        }
    }
    Ok(())
}

/// `--params FILE`, then `key=value`, which may nest: `a.b=1`.
fn parameters(call: &Call<'_>, pairs: &[String]) -> Result<Map<String, Value>, Failure> {
    let mut params = Map::new();
    if let Some(path) = call.args.get("params") {
        let value = yaml::parse(&call.read(path)?)
            .map_err(|error| Failure::new(format!("cannot parse {path}: {error}")))?;
        match value {
            Value::Object(map) => params = map,
            Value::Null => {}
            _ => fail!("params file must contain a YAML map"),
        }
    }
    for pair in pairs {
        let Some((key, text)) = pair.split_once('=') else {
            misuse!("argument \"{pair}\" must be of the form key.key.key...=value")
        };
        let value = match call.args.has("string-args") {
            true => text.into(),
            false => yaml::parse(text).unwrap_or_else(|_| text.into()),
        };
        set_nested(&mut params, key, if text.is_empty() { "".into() } else { value });
    }
    Ok(params)
}

fn wait_limit(call: &Call<'_>, default: Duration) -> Result<Option<Duration>, Failure> {
    if call.args.has("background") {
        return Ok(None);
    }
    match call.args.get("wait") {
        None => Ok(Some(default)),
        Some(text) => match parse_duration(text) {
            // Zero means for ever.
            Some(limit) if limit.is_zero() => Ok(Some(Duration::from_secs(u64::from(u32::MAX)))),
            Some(limit) => Ok(Some(limit)),
            None => misuse!("invalid value \"{text}\" for option --wait: invalid duration"),
        },
    }
}

fn schedule(model: &mut Model, operation: u32, unit: String, what: What) -> u32 {
    let id = model.next_operation_id();
    let mut params = Map::new();
    if let What::Action { name, params: given } = &what {
        params = with_defaults(model, &unit, name, given);
    }
    let what = match what {
        What::Action { name, .. } => What::Action { name, params },
        exec => exec,
    };
    let task = Task {
        id,
        operation,
        unit,
        uuid: uuid::Uuid::new_v4().to_string(),
        what,
        state: State::Pending,
        message: None,
        results: Map::new(),
        log: Vec::new(),
        enqueued: Timestamp::now(),
        started: None,
        completed: None,
    };
    model.tasks.insert(id, task);
    id
}

/// The parameters with the schema's defaults where none were given.
fn with_defaults(model: &Model, unit: &str, action: &str, given: &Map<String, Value>) -> Map<String, Value> {
    let mut params = given.clone();
    let app = model.applications.get(unit::application_of(unit));
    let schema = app.and_then(|app| app.charm.actions.get(action));
    for (name, spec) in schema.into_iter().flat_map(|action| &action.params) {
        if let Some(default) = spec.get("default")
            && !params.contains_key(name)
        {
            params.insert(name.clone(), default.clone());
        }
    }
    params
}

/// What a person reads while waiting: on standard error, so that the results alone are on standard output.
fn announce(call: &mut Call<'_>, uuid: &str, operation: u32, ids: &[u32]) {
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
    call.reply.err(text + "\n");
}

/// Waits for the tasks and prints their results.
fn finish(call: &mut Call<'_>, uuid: &str, ids: &[u32], wait: Option<Duration>) -> Result<i32, Failure> {
    let Some(wait) = wait else {
        let plural = if ids.len() == 1 { "task" } else { "tasks" };
        let list: Vec<String> = ids.iter().map(u32::to_string).collect();
        call.reply.err(format!(
            "Scheduled {plural} {}\nCheck task status with 'juju show-task <ID>'\n",
            list.join(", ")
        ));
        return Ok(0);
    };
    let deadline = Instant::now() + wait;
    loop {
        let tick = (Instant::now() + Duration::from_secs(1)).min(deadline);
        let done = call.controller.wait(Some(tick), |world| {
            let Some(model) = world.models.get(uuid) else { return Some(()) };
            ids.iter().all(|id| model.tasks.get(id).is_none_or(Task::is_finished)).then_some(())
        });
        if done.is_some() {
            break;
        }
        if Instant::now() >= deadline {
            break;
        }
        if !call.reply.is_open() || call.controller.is_ending() {
            fail!("connection is shut down");
        }
    }
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
        let text = match call.args.get("format").unwrap_or("plain") {
            "json" => format!("{}\n", Value::from(records)),
            "yaml" => yaml::to_string(&records.into()),
            "plain" => plain(&done),
            other => misuse!("invalid value \"{other}\" for option --format: unknown format \"{other}\""),
        };
        call.write(text)?;
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

pub(super) fn exec(call: &mut Call<'_>) -> Result<i32, Failure> {
    if call.args.positionals.is_empty() {
        misuse!("no commands specified");
    }
    if call.args.has("operator") {
        misuse!("--operator is for Kubernetes models");
    }
    let command = call.args.positionals.join(" ");
    let wait = wait_limit(call, EXEC_WAIT)?;
    let lists = |name| -> Vec<String> {
        call.args.all(name).flat_map(|list| list.split(',')).map(str::to_owned).collect()
    };
    let (units, machines) = (lists("unit"), lists("machine"));
    let apps: Vec<String> = lists("application").into_iter().chain(lists("app")).collect();
    let everything = call.args.has("all");
    if units.is_empty() && apps.is_empty() && machines.is_empty() && !everything {
        misuse!("You must specify a target, either through --all, --machine, --application or --unit");
    }
    let uuid = call.model()?;
    let (operation, ids) = call.controller.update(&uuid, |model| {
        let mut targets = Vec::new();
        for unit in &units {
            targets.push(resolve(model, unit)?);
        }
        for app in &apps {
            let Some(app) = model.applications.get(app) else {
                fail!("application \"{app}\" not found (not found)")
            };
            targets.extend(app.units.values().map(|unit| unit.name.clone()));
        }
        for machine in &machines {
            // Each machine carries one unit, and the unit's directory is all there is of the machine.
            match model.units().find(|unit| unit.machine.to_string() == *machine) {
                Some(unit) => targets.push(unit.name.clone()),
                None => fail!("machine {machine} not found (not found)"),
            }
        }
        if everything {
            targets.extend(model.units().map(|unit| unit.name.clone()));
        }
        if targets.is_empty() {
            fail!("no units to run on");
        }
        let operation = model.next_operation_id();
        let what = || What::Exec { command: command.clone() };
        let ids: Vec<u32> =
            targets.into_iter().map(|unit| schedule(model, operation, unit, what())).collect();
        Ok((operation, ids))
    })?;
    announce(call, &uuid, operation, &ids);
    finish(call, &uuid, &ids, wait)
}

pub(super) fn show_task(call: &mut Call<'_>) -> Result<i32, Failure> {
    let text = call.args.one("task ID")?.to_owned();
    let uuid = call.model()?;
    let find = |model: &Model| text.parse().ok().and_then(|id| model.tasks.get(&id).cloned());
    let limit = call.args.get("wait").and_then(parse_duration).unwrap_or_default();
    let id = call.look(|model| match find(model) {
        Some(task) => Ok(task.id),
        None => fail!("task \"{text}\" not found"),
    })?;
    call.controller.wait(Some(Instant::now() + limit), |world| {
        world.models.get(&uuid)?.tasks.get(&id)?.is_finished().then_some(())
    });
    let value = call.look(|model| Ok(find(model).as_ref().map_or(Value::Null, record)))?;
    let text = match call.args.get("format") {
        Some("json") => format!("{value}\n"),
        _ => yaml::to_string(&value),
    };
    call.write(text)
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
    let text = call.args.one("operation ID")?.to_owned();
    let value = call.look(|model| {
        let id = text.parse().ok().filter(|id| operation_ids(model).contains(id));
        match id {
            Some(id) => Ok(operation_record(id, &tasks_of(model, id))),
            None => fail!("operation \"{text}\" not found"),
        }
    })?;
    let text = match call.args.get("format") {
        Some("json") => format!("{value}\n"),
        _ => yaml::to_string(&value),
    };
    call.write(text)
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

pub(super) fn list(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.one("application name")?.to_owned();
    let actions = call.look(|model| match model.applications.get(&name) {
        Some(app) => Ok(app.charm.actions.clone()),
        None => fail!("application \"{name}\" not found (not found)"),
    })?;
    let schema = call.args.has("schema");
    let value: Map<String, Value> = actions
        .iter()
        .map(|(name, action)| match schema {
            true => (name.clone(), schema_of(name, action)),
            false => (name.clone(), action.description.clone().into()),
        })
        .collect();
    let mut rows = vec![["Action", "Description"].map(str::to_owned).to_vec()];
    rows.extend(actions.iter().map(|(name, action)| {
        vec![name.clone(), action.description.lines().next().unwrap_or_default().to_owned()]
    }));
    call.print(&value.into(), || table(&rows))
}

fn schema_of(name: &str, action: &crate::model::charm::Action) -> Value {
    json!({
        "additionalProperties": action.additional_properties,
        "description": action.description,
        "properties": action.params,
        "required": action.required,
        "title": name,
        "type": "object",
    })
}

pub(super) fn show(call: &mut Call<'_>) -> Result<i32, Failure> {
    call.args.at_most(2)?;
    let (app, action) = match call.args.positionals.as_slice() {
        [app, action] => (app.clone(), action.clone()),
        _ => misuse!("expected an application and an action"),
    };
    let value = call.look(|model| {
        let Some(app) = model.applications.get(&app) else {
            fail!("application \"{app}\" not found (not found)")
        };
        match app.charm.actions.get(&action) {
            Some(spec) => Ok(schema_of(&action, spec)),
            None => fail!("unknown action \"{action}\""),
        }
    })?;
    call.write(yaml::to_string(&value))
}
