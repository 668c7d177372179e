//! `juju config`, `juju trust`, `juju expose`

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Call;
use super::failure::{Failure, fail, misuse};
use crate::model::Model;
use crate::model::application::Application;
use crate::model::charm::Charm;
use crate::yaml;

/// An application of the model.
pub(super) fn application<'a>(model: &'a mut Model, name: &str) -> Result<&'a mut Application, Failure> {
    match model.applications.get_mut(name) {
        Some(app) => Ok(app),
        None => fail!("application \"{name}\" not found (not found)"),
    }
}

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

/// Checks values against the charm's options; text becomes the option's type.
pub(super) fn accept(
    app: &str,
    charm: &Charm,
    values: &BTreeMap<String, Value>,
) -> Result<BTreeMap<String, Value>, Failure> {
    let mut accepted = BTreeMap::new();
    for (key, value) in values {
        let Some(option) = charm.options.get(key) else {
            fail!("unknown option \"{key}\"");
        };
        if value.is_null() {
            continue;
        }
        let Some(value) = option.accept(value) else {
            let (kind, shown) =
                (&option.kind, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            fail!("option \"{key}\" of application \"{app}\" expects {kind}, got \"{shown}\"");
        };
        accepted.insert(key.clone(), value);
    }
    Ok(accepted)
}

pub(super) fn config(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("application name")?.to_owned();
    let rest = call.args.positionals[1..].to_vec();
    let (sets, gets): (Vec<String>, Vec<String>) =
        rest.into_iter().partition(|argument| argument.contains('='));
    let resets: Vec<String> =
        call.args.all("reset").flat_map(|list| list.split(',')).map(str::to_owned).collect();
    let mut values = BTreeMap::new();
    if let Some(path) = call.args.get("file") {
        values = read_file(&call.read(path)?, Some(&name))?;
    }
    for pair in &sets {
        let Some((key, value)) = pair.split_once('=') else { continue };
        let value = match value.strip_prefix('@') {
            Some(path) => call.read(path)?,
            None => value.to_owned(),
        };
        values.insert(key.to_owned(), value.into());
    }
    if values.is_empty() && resets.is_empty() {
        return show(call, &name, &gets);
    }
    if !gets.is_empty() {
        misuse!("cannot set and retrieve application values simultaneously");
    }
    call.update(|model| set(application(model, &name)?, values, &resets))?;
    Ok(0)
}

fn set(app: &mut Application, mut values: BTreeMap<String, Value>, resets: &[String]) -> Result<(), Failure> {
    let before = (app.config.clone(), app.trust);
    match values.remove("trust") {
        None => {}
        Some(Value::Bool(trust)) => app.trust = trust,
        Some(value) => match value.as_str() {
            Some("true") => app.trust = true,
            Some("false") => app.trust = false,
            _ => fail!("option \"trust\" expects boolean, got {value}"),
        },
    }
    for key in resets {
        match app.charm.options.contains_key(key) {
            _ if key == "trust" => app.trust = false,
            true => drop(app.config.remove(key)),
            false => return Err(unknown(&app.name, key)),
        }
    }
    if let Some(key) = values.keys().find(|key| !app.charm.options.contains_key(*key)) {
        return Err(unknown(&app.name, key));
    }
    app.config.extend(accept(&app.name, &app.charm, &values)?);
    if before != (app.config.clone(), app.trust) {
        app.config_version += 1;
    }
    Ok(())
}

fn unknown(app: &str, key: &str) -> Failure {
    Failure::new(format!("key \"{key}\" not found in \"{app}\" application config or charm settings."))
}

fn show(call: &mut Call<'_>, name: &str, keys: &[String]) -> Result<i32, Failure> {
    match keys {
        [] => {
            let value = call.look(|model| Ok(describe(find(model, name)?)))?;
            let text = match call.args.get("format").unwrap_or("yaml") {
                "json" => format!("{value}\n"),
                _ => yaml::to_string(&value),
            };
            call.write(text)
        }
        [key] => {
            let value = call.look(|model| {
                let app = find(model, name)?;
                match app.option(key) {
                    Some(value) => Ok(value),
                    None if key == "trust" => Ok(app.trust.into()),
                    None => Err(unknown(name, key)),
                }
            })?;
            let text = match call.args.get("format") {
                Some("json") => format!("{value}\n"),
                Some("yaml") => yaml::to_string(&value),
                _ => match &value {
                    Value::Null => String::new(),
                    Value::String(text) => format!("{text}\n"),
                    other => format!("{other}\n"),
                },
            };
            call.write(text)
        }
        _ => misuse!("can only retrieve a single value, or all values"),
    }
}

fn find<'a>(model: &'a Model, name: &str) -> Result<&'a Application, Failure> {
    match model.applications.get(name) {
        Some(app) => Ok(app),
        None => fail!("application \"{name}\" not found (not found)"),
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
    let name = call.args.one("application name")?.to_owned();
    let trust = !call.args.has("remove");
    call.update(|model| {
        let values = BTreeMap::from([("trust".to_owned(), Value::Bool(trust))]);
        set(application(model, &name)?, values, &[])
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
    let name = call.args.one("application name")?.to_owned();
    call.update(|model| {
        application(model, &name)?.exposed = exposed;
        Ok(())
    })?;
    Ok(0)
}
