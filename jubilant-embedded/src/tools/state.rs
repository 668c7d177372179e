//! `state-get`, `-set`, `-delete`: what the controller keeps for a unit's charm.

use std::fs;

use serde_json::Map;

use super::{Answer, Call};
use crate::commands::failure::{Failure, fail, misuse};
use crate::yaml;

pub(super) fn get(call: &Call<'_>) -> Answer {
    let strict = call.args.has("strict");
    let mut stored = call.look(|_, unit| Ok(unit.state.clone()))?;
    for (key, value) in &call.context.state().changes.state {
        match value {
            Some(value) => stored.insert(key.clone(), value.clone()),
            None => stored.remove(key),
        };
    }
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
    let changes = &mut call.context.state().changes.state;
    changes.extend(pairs.into_iter().map(|(key, value): (String, String)| (key, Some(value))));
    Ok(String::new())
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    let key = call.args.first("key")?.to_owned();
    call.context.state().changes.state.insert(key, None);
    Ok(String::new())
}
