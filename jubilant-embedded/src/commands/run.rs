//! `juju run` and `juju exec`: scheduling tasks.

use std::time::Duration;

use serde_json::{Map, Value};

use super::Call;
use super::failure::{Failure, fail, misuse};
use super::tasks::{announce, finish};
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
        call.tell(format!("{refusal}\n"));
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
    let only_texts = call.args.has("string-args");
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
        let value = match only_texts {
            true => text.into(),
            false => yaml::parse(text).unwrap_or_else(|_| text.into()),
        };
        set_nested(&mut params, key, if text.is_empty() { "".into() } else { value });
    }
    Ok(params)
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

fn wait_limit(call: &Call<'_>, default: Duration) -> Result<Option<Duration>, Failure> {
    match call.args.duration("wait")? {
        Some(_) if call.args.has("background") => misuse!("cannot specify both --wait and --background"),
        None if call.args.has("background") => Ok(None),
        None => Ok(Some(default)),
        // Zero means for ever.
        Some(limit) if limit.is_zero() => Ok(Some(Duration::from_secs(u64::from(u32::MAX)))),
        Some(limit) => Ok(Some(limit)),
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
