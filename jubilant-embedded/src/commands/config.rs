//! `juju config`, `juju trust`, `juju expose`

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::call::Call;
use crate::ground::args::Args;
use crate::ground::failure::{Failure, fail, misuse};
use crate::ground::yaml;
use crate::model::application::Application;
use crate::model::configuration::unknown_key;

/// Option values of a YAML file: `{app: {key: value}}`, or `{key: value}`.
pub(super) fn read_file(text: &str, app: Option<&str>) -> Result<BTreeMap<String, Value>, Failure> {
    let value = yaml::parse(text).map_err(|error| Failure::new(format!("cannot parse the file: {error}")))?;
    let Value::Object(map) = value else { fail!("the config file must map keys to values") };
    let nested = match app {
        Some(app) => map.get(app).and_then(Value::as_object),
        // Without a name the file is about the one application being deployed.
        None if map.len() == 1 => map.values().next().and_then(Value::as_object),
        None => None,
    };
    // What `juju config --format yaml` printed can be read back.
    let map = nested.or_else(|| map.get("settings").and_then(Value::as_object)).unwrap_or(&map);
    Ok(map.iter().map(|(key, value)| (key.clone(), value.get("value").unwrap_or(value).clone())).collect())
}

pub(super) fn config(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("application name")?.to_owned();
    if name.contains('=') {
        misuse!("no application name specified");
    }
    let changes = match changes(&call.args, &call.args.positionals[1..])? {
        Wanted::All => return show(call, &name, None),
        Wanted::One(key) => return show(call, &name, Some(&key)),
        Wanted::Changes(changes) => changes,
    };
    let mut values = BTreeMap::new();
    if let Some(path) = call.args.get("file") {
        values = read_file(&call.read(path)?, Some(&name))?;
    }
    // What the command line says overrides the file.
    values.retain(|key, _| !changes.resets.contains(key));
    for (key, value) in changes.values {
        let value = match value.strip_prefix('@') {
            Some(path) => call.read(path)?,
            None => value,
        };
        values.insert(key, value.into());
    }
    call.update(|model| model.application_mut(&name)?.configure(values, &changes.resets))?;
    Ok(0)
}

/// What `config` or `model-config` is asked for.
pub(super) enum Wanted {
    All,
    One(String),
    /// Besides what `--file` holds.
    Changes(Changes),
}

pub(super) struct Changes {
    pub(super) values: BTreeMap<String, String>,
    pub(super) resets: Vec<String>,
}

/// Reads keys, `key=value` and `--reset`, and refuses what contradicts itself.
pub(super) fn changes(args: &Args, arguments: &[String]) -> Result<Wanted, Failure> {
    let lists = args.all("reset").flat_map(|list| list.trim_matches(',').split(','));
    let resets: Vec<String> = lists.map(str::to_owned).collect();
    if let Some(pair) = resets.iter().find(|key| key.contains('=')) {
        misuse!("--reset accepts a comma delimited set of keys \"a,b,c\", received: \"{pair}\"");
    }
    let (pairs, keys): (Vec<&String>, Vec<&String>) =
        arguments.iter().partition(|argument| argument.contains('='));
    let mut values = BTreeMap::new();
    for (key, value) in pairs.iter().filter_map(|pair| pair.split_once('=')) {
        if key.is_empty() {
            misuse!("expected \"key=value\", got \"={value}\"");
        }
        if values.insert(key.to_owned(), value.to_owned()).is_some() {
            misuse!("key \"{key}\" specified more than once");
        }
    }
    let asked = [
        ("use --file flag", args.get("file").is_some()),
        ("use --reset flag", !resets.is_empty()),
        ("get value", !keys.is_empty()),
        ("set key=value pairs", !values.is_empty()),
    ];
    let asked: Vec<&str> = asked.into_iter().filter(|(_, is)| *is).map(|(what, _)| what).collect();
    match (keys.as_slice(), asked.as_slice()) {
        ([], []) => Ok(Wanted::All),
        ([key], [_]) => Ok(Wanted::One((*key).clone())),
        ([_, ..], [_]) => misuse!("cannot specify multiple keys to get"),
        ([_, ..], [rest @ .., last]) => misuse!("cannot {} and {last} simultaneously", rest.join(", ")),
        ([_, ..], []) | ([], [_, ..]) => match resets.iter().find(|key| values.contains_key(*key)) {
            Some(key) => misuse!("cannot set and reset key \"{key}\" simultaneously"),
            None => Ok(Wanted::Changes(Changes { values, resets })),
        },
    }
}

fn show(call: &mut Call<'_>, name: &str, key: Option<&str>) -> Result<i32, Failure> {
    match key {
        None => {
            let value = call.look(|model| Ok(describe(model.application(name)?)))?;
            call.print(&value, || yaml::to_string(&value))
        }
        Some(key) => {
            let value = call.look(|model| {
                let app = model.application(name)?;
                match app.option(key) {
                    Some(value) => Ok(value),
                    None if key == "trust" => Ok(app.trust.into()),
                    None => Err(unknown_key(name, key)),
                }
            })?;
            call.print(&value, || match &value {
                Value::Null => String::new(),
                Value::String(text) => format!("{text}\n"),
                other => format!("{other}\n"),
            })
        }
    }
}

/// The record that `juju config APP` prints.
fn describe(app: &Application) -> Value {
    let settings: Map<String, Value> = app
        .charm
        .options
        .iter()
        .map(|(name, option)| {
            let default = option.typed_default();
            let set = app.config.get(name);
            let mut entry = Map::new();
            if !default.is_null() {
                entry.insert("default".into(), default.clone());
            }
            entry.insert("description".into(), option.description.clone().into());
            let source = match (set, default.is_null()) {
                (Some(_), _) => "user",
                (None, false) => "default",
                (None, true) => "unset",
            };
            entry.insert("source".into(), source.into());
            entry.insert("type".into(), option.kind.clone().into());
            let value = set.cloned().unwrap_or(default);
            if !value.is_null() {
                entry.insert("value".into(), value);
            }
            (name.clone(), entry.into())
        })
        .collect();
    json!({
        "application": app.name,
        "application-config": { "trust": {
            "default": false,
            "description": "Does this application have access to trusted credentials",
            "source": if app.trust { "user" } else { "default" },
            "type": "bool",
            "value": app.trust,
        } },
        "charm": app.charm.name,
        "settings": settings,
    })
}

pub(super) fn trust(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("application name")?.to_owned();
    if let Some(other) = call.args.get("scope").filter(|scope| *scope != "cluster") {
        misuse!("scope \"{other}\" not valid");
    }
    let trust = !call.args.has("remove");
    call.update(|model| {
        let values = BTreeMap::from([("trust".to_owned(), Value::Bool(trust))]);
        model.application_mut(&name)?.configure(values, &[])
    })?;
    Ok(0)
}

pub(super) fn expose(call: &mut Call<'_>) -> Result<i32, Failure> {
    set_exposed(call, true)
}

pub(super) fn unexpose(call: &mut Call<'_>) -> Result<i32, Failure> {
    set_exposed(call, false)
}

fn set_exposed(call: &mut Call<'_>, exposed: bool) -> Result<i32, Failure> {
    let name = call.args.first("application name")?.to_owned();
    call.update(|model| {
        model.application_mut(&name)?.exposed = exposed;
        Ok(())
    })?;
    Ok(0)
}
