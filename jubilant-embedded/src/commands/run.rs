//! `juju run` and `juju exec`: scheduling tasks.

use std::time::Duration;

use serde_json::{Map, Value};

use super::call::Call;
use super::tasks::{announce, finish};
use crate::ground::failure::{Failure, fail, misuse};
use crate::ground::name::{UnitName, is_name};
use crate::ground::yaml;
use crate::model::Model;
use crate::model::task::{What, set_nested};

const RUN_WAIT: Duration = Duration::from_secs(60);
const EXEC_WAIT: Duration = Duration::from_secs(5 * 60);

/// A unit, or `app/leader`.
fn resolve(model: &Model, given: &str) -> Result<UnitName, Failure> {
    if let Some(app) = given.strip_suffix("/leader") {
        return match model.leader(app) {
            Some(leader) => Ok(leader.name.clone()),
            None => fail!("could not determine leader for \"{app}\""),
        };
    }
    match model.unit_named(given) {
        Some(unit) => Ok(unit.name.clone()),
        None => fail!("unit \"{given}\" not found"),
    }
}

fn is_unit(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(app, number)| is_name(app) && (number == "leader" || number.parse::<u32>().is_ok()))
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
    let (operation, ids, refusals) = call.state.update(&uuid, |model| {
        let operation = model.next_operation();
        let mut ids = Vec::new();
        let mut refusals = Vec::new();
        for unit in &units {
            let action =
                resolve(model, unit).and_then(|unit| Ok((model.action(&unit, action, &params)?, unit)));
            match action {
                Ok((what, unit)) => ids.push(model.schedule(operation, unit, what)),
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
    let (operation, ids) = call.state.update(&uuid, |model| {
        let mut targets = Vec::new();
        for unit in &units {
            targets.push(resolve(model, unit)?);
        }
        for app in &apps {
            let app = model.application(app)?;
            targets.extend(model.units_of(&app.name).map(|unit| unit.name.clone()));
        }
        for machine in &machines {
            // Each machine carries one unit, and the unit's directory is all there is of the machine.
            let number = machine.parse().ok();
            match model.units.values().find(|unit| number.is_some() && unit.place.machine() == number) {
                Some(unit) => targets.push(unit.name.clone()),
                None => fail!("machine {machine} not found (not found)"),
            }
        }
        if everything {
            targets.extend(model.units.keys().cloned());
        }
        if targets.is_empty() {
            fail!("no units to run on");
        }
        let operation = model.next_operation();
        let what = || What::Exec { command: command.clone() };
        let ids: Vec<u32> = targets.into_iter().map(|unit| model.schedule(operation, unit, what())).collect();
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
