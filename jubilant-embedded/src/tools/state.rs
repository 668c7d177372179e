//! `state-get`, `-set`, `-delete`: what the controller keeps for a unit's charm.

use std::fs;

use serde_json::Map;

use super::call::{Answer, Call};
use crate::ground::failure::{Failure, fail, misuse};
use crate::ground::yaml;

pub(super) fn get(call: &Call<'_>) -> Answer {
    let strict = call.args.has("strict");
    let stored = call.look(|_, unit| Ok(unit.state.clone()))?;
    let stored = call.context.progress().changes.state.over(&stored);
    let Some(key) = call.args.positionals.first().filter(|key| *key != "-") else {
        return call.print(
            &stored.into_iter().map(|(key, value)| (key, value.into())).collect::<Map<_, _>>().into(),
        );
    };
    match stored.get(key) {
        Some(value) => call.print(&value.as_str().into()),
        None if strict => fail!("\"{key}\" not found"),
        None => Ok(String::new()),
    }
}

pub(super) fn set(call: &Call<'_>) -> Answer {
    let mut pairs = Vec::new();
    if let Some(path) = call.args.get("file") {
        let text = match path {
            "-" => call.request.stdin.clone().unwrap_or_default(),
            path => fs::read_to_string(call.request.cwd.join(path))
                .map_err(|error| Failure::new(format!("cannot read {path}: {error}")))?,
        };
        let read = yaml::parse_texts(&text);
        pairs.extend(read.map_err(|error| Failure::new(format!("cannot parse the state: {error}")))?);
    }
    for pair in &call.args.positionals {
        let Some((key, value)) = pair.split_once('=') else {
            misuse!("expected \"key=value\", got \"{pair}\"")
        };
        if key.is_empty() {
            misuse!("expected \"key=value\", got \"{pair}\"");
        }
        pairs.push((key.into(), value.into()));
    }
    let changes = &mut call.context.progress().changes.state;
    pairs.into_iter().for_each(|(key, value): (String, String)| changes.set(key, Some(value)));
    Ok(String::new())
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    let key = call.args.first("key")?.to_owned();
    call.context.progress().changes.state.set(key, None);
    Ok(String::new())
}
