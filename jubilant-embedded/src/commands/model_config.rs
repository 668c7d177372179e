//! `juju model-config`

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::call::Call;
use super::config::{Changes, Wanted, changes};
use super::names::CLOUD;
use super::plan;
use super::print::table;
use super::verbosity;
use crate::ground::failure::{Failure, fail, unsupported};
use crate::ground::{duration, yaml};
use crate::model::Model;
use crate::model::log::DEFAULT_LOGGING;

enum Kind {
    Text,
    /// Levels of modules.
    Logging,
    Boolean,
    Duration,
    Fixed,
}

/// Its value comes with the model.
const AGENT_VERSION: &str = "agent-version";

/// The keys that are known here, with their defaults. Those that concern machines, apt above all, are kept and shown,
/// and nothing more: there are none.
const KEYS: &[(&str, Kind, &str)] = &[
    (AGENT_VERSION, Kind::Fixed, ""),
    ("apt-ftp-proxy", Kind::Text, ""),
    ("apt-http-proxy", Kind::Text, ""),
    ("apt-https-proxy", Kind::Text, ""),
    ("apt-mirror", Kind::Text, ""),
    ("apt-no-proxy", Kind::Text, ""),
    ("automatically-retry-hooks", Kind::Boolean, "true"),
    ("default-base", Kind::Fixed, ""),
    ("development", Kind::Boolean, "false"),
    ("enable-os-refresh-update", Kind::Boolean, "true"),
    ("enable-os-upgrade", Kind::Boolean, "true"),
    ("http-proxy", Kind::Text, ""),
    ("https-proxy", Kind::Text, ""),
    ("juju-ftp-proxy", Kind::Text, ""),
    ("juju-http-proxy", Kind::Text, ""),
    ("juju-https-proxy", Kind::Text, ""),
    ("juju-no-proxy", Kind::Text, ""),
    ("logging-config", Kind::Logging, DEFAULT_LOGGING),
    ("no-proxy", Kind::Text, ""),
    ("test-mode", Kind::Boolean, "false"),
    ("type", Kind::Fixed, CLOUD),
    ("update-status-hook-interval", Kind::Duration, "5m"),
];

/// Refuses what the key cannot take.
pub(super) fn check(key: &str, value: &str) -> Result<(), Failure> {
    match kind(key)? {
        Kind::Text => Ok(()),
        Kind::Logging => verbosity::check(value),
        Kind::Boolean if ["true", "false"].contains(&value) => Ok(()),
        Kind::Boolean => fail!("{key}: expected bool, got string(\"{value}\")"),
        Kind::Duration => match duration::parse(value).filter(|interval| interval.as_secs() >= 1) {
            Some(_) => Ok(()),
            None => fail!(
                "invalid {key} in model configuration: \"{value}\" is not a duration of a second or more"
            ),
        },
        Kind::Fixed => fail!("\"{key}\" cannot be set"),
    }
}

fn kind(key: &str) -> Result<&'static Kind, Failure> {
    match KEYS.iter().find(|(known, ..)| *known == key) {
        Some((_, kind, _)) => Ok(kind),
        None => Err(unsupported(&format!("model-config key \"{key}\""))),
    }
}

/// Keys and values of a YAML file.
pub(super) fn read_file(text: &str) -> Result<BTreeMap<String, String>, Failure> {
    let value = yaml::parse(text).map_err(|error| Failure::new(format!("cannot parse the file: {error}")))?;
    let Value::Object(map) = value else { fail!("the file must map keys to values") };
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Ok(map.into_iter().map(|(key, value)| (key, text(value))).collect())
}

pub(super) fn run(call: &mut Call<'_>) -> Result<i32, Failure> {
    let Changes { values: pairs, resets } = match changes(&call.args, &call.args.positionals)? {
        Wanted::All => return show(call, None),
        Wanted::One(key) => return show(call, Some(&key)),
        Wanted::Changes(changes) => changes,
    };
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    if let Some(path) = call.args.get("file") {
        values = read_file(&call.read(path)?)?;
    }
    // What the command line says overrides the file.
    values.retain(|key, _| !resets.contains(key));
    values.extend(pairs);
    for key in &resets {
        if let Kind::Fixed = kind(key)? {
            fail!("\"{key}\" cannot be reset");
        }
    }
    for (key, value) in &values {
        check(key, value)?;
    }
    call.update(|model| {
        for key in &resets {
            model.config.remove(key);
        }
        model.config.extend(values);
        Ok(())
    })?;
    Ok(0)
}

fn typed(kind: &Kind, text: &str) -> Value {
    match kind {
        Kind::Boolean => (text == "true").into(),
        _ => text.into(),
    }
}

fn all(model: &Model) -> Map<String, Value> {
    let entry = |(key, kind, default): &(&str, Kind, &str)| {
        let set = model.config.get(*key);
        let source = if set.is_some() { "model" } else { "default" };
        let default = if *key == AGENT_VERSION { model.flavour.version() } else { default };
        let value = typed(kind, set.map_or(default, |value| value));
        ((*key).to_owned(), json!({ "Value": value, "Source": source }))
    };
    KEYS.iter().map(entry).collect()
}

fn show(call: &mut Call<'_>, key: Option<&str>) -> Result<i32, Failure> {
    let all = call.look(|model| Ok(all(model)))?;
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match key {
        None => {
            let rows: Vec<Vec<String>> =
                std::iter::once(["Attribute", "From", "Value"].map(str::to_owned).to_vec())
                    .chain(all.iter().map(|(key, entry)| {
                        vec![key.clone(), plain(&entry["Source"]), plain(&entry["Value"])]
                    }))
                    .collect();
            call.print(&all.into(), || table(&rows))
        }
        Some(key) => match all.get(key) {
            Some(entry) => {
                let value = entry["Value"].clone();
                call.print(&value, || plain(&value) + "\n")
            }
            None => fail!("key \"{key}\" not found in model configuration"),
        },
    }
}

pub(super) fn constraints(call: &mut Call<'_>) -> Result<i32, Failure> {
    let text = call.look(|model| Ok(model.constraints.clone()))?;
    let parts = text.split_whitespace().filter_map(|part| part.split_once('='));
    let value: Map<String, Value> = parts.map(|(key, value)| (key.to_owned(), value.into())).collect();
    call.print(&value.into(), || text.clone() + "\n")
}

pub(super) fn set_constraints(call: &mut Call<'_>) -> Result<i32, Failure> {
    let constraints = plan::constraints(&call.args.positionals.join(" "))?;
    call.update(|model| {
        model.constraints = constraints;
        Ok(())
    })?;
    Ok(0)
}
