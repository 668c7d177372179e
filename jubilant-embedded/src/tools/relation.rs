//! `relation-ids`, `-list`, `-get`, `-set`, `-model-get`

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Map, Value, json};

use super::call::{Answer, Call};
use crate::ground::failure::{Failure, fail, misuse};
use crate::ground::name::{UnitName, application_of};
use crate::ground::yaml;
use crate::model::Model;
use crate::model::hook::Hook;
use crate::model::relation::{Relation, Settings};
use crate::model::unit::Unit;

/// The relation named by `-r db:1` or `-r 1`, else that of the running hook.
pub(super) fn find<'a>(call: &Call<'_>, model: &'a Model, unit: &Unit) -> Result<&'a Relation, Failure> {
    let id = match call.args.get("relation") {
        Some(text) => {
            let number = text.rsplit_once(':').map_or(text, |(_, number)| number);
            let Ok(id) = number.parse::<u32>() else {
                misuse!("invalid value \"{text}\" for option -r: invalid relation id")
            };
            Some(id)
        }
        None => call.context.hook().and_then(|hook| hook.relation()),
    };
    let Some(id) = id else { misuse!("no relation id specified") };
    let relation = model.relations.get(&id).filter(|relation| is_in(unit, relation));
    let named = call.args.get("relation").unwrap_or_default();
    relation
        .ok_or_else(|| Failure::usage(format!("invalid value \"{named}\" for option -r: relation not found")))
}

/// Whether the unit's charm knows the relation: from `relation-created` to the end of `relation-broken`.
fn is_in(unit: &Unit, relation: &Relation) -> bool {
    let broken = unit.agent.relations.get(&relation.id).is_some_and(|seen| seen.broken);
    relation.units.contains_key(&unit.name) && !broken
}

pub(super) fn ids(call: &Call<'_>) -> Answer {
    let value = call.look(|model, unit| {
        let of_hook = || {
            let relation = model.relations.get(&call.context.hook()?.relation()?)?;
            Some(relation.endpoint_of(&unit.name.app)?.endpoint.name.clone())
        };
        let Some(name) = call.args.positionals.first().cloned().or_else(of_hook) else {
            misuse!("no endpoint name specified")
        };
        let ids = model.relations_of(&unit.name.app).filter(|relation| is_in(unit, relation)).filter_map(
            |relation| {
                let side = relation.endpoint_of(&unit.name.app)?;
                (side.endpoint.name == name).then(|| Value::from(format!("{name}:{}", relation.id)))
            },
        );
        Ok(Value::Array(ids.collect()))
    })?;
    call.print(&value)
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let value = call.look(|model, unit| {
        let relation = find(call, model, unit)?;
        if call.args.has("app") {
            let other = relation.other_side(&unit.name.app).map_or("", |side| side.app.as_str());
            return Ok(Value::from(other));
        }
        // What the agent has joined: the world as the charm has been told of it.
        let seen = unit.agent.relations.get(&relation.id);
        let mut members: BTreeSet<&UnitName> =
            seen.into_iter().flat_map(|seen| seen.members.keys()).collect();
        match call.context.hook().filter(|hook| hook.relation() == Some(relation.id)) {
            Some(Hook::RelationJoined { unit, .. }) => drop(members.insert(unit)),
            Some(Hook::RelationDeparted { unit, .. }) => drop(members.remove(unit)),
            _ => {}
        }
        let members: Vec<String> = members.into_iter().map(ToString::to_string).collect();
        Ok(Value::from(members))
    })?;
    call.print(&value)
}

pub(super) fn model_get(call: &Call<'_>) -> Answer {
    let value = call.look(|model, unit| {
        find(call, model, unit)?;
        Ok(json!({ "uuid": model.uuid }))
    })?;
    call.print(&value)
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    let key = call.args.positionals.first().map(String::as_str).filter(|key| *key != "-");
    let settings = call.look(|model, unit| {
        let relation = find(call, model, unit)?;
        let named = call.args.positionals.get(1).map(String::as_str);
        let remote = call.context.hook().filter(|hook| hook.relation() == Some(relation.id));
        let remote = remote.and_then(|hook| hook.remote_unit());
        if call.args.has("app") {
            let other = relation.other_side(&unit.name.app).map(|side| side.app.as_str());
            let Some(app) = named.map(application_of).or(remote.map(|unit| unit.app.as_str())).or(other)
            else {
                misuse!("no unit or application specified")
            };
            return application_settings(call, model, relation, unit, app);
        }
        match named.map(str::to_owned).or(remote.map(ToString::to_string)) {
            Some(name) => unit_settings(call, relation, unit, &name),
            None => misuse!("no unit id specified"),
        }
    })?;
    match key {
        Some(key) => call.print(&settings.get(key).map_or(Value::Null, |value| value.as_str().into())),
        None => call.print(
            &settings.into_iter().map(|(key, value)| (key, value.into())).collect::<Map<_, _>>().into(),
        ),
    }
}

fn application_settings(
    call: &Call<'_>,
    model: &Model,
    relation: &Relation,
    unit: &Unit,
    app: &str,
) -> Result<Settings, Failure> {
    if relation.endpoint_of(app).is_none() {
        fail!("application \"{app}\" is not in relation \"{}\" (not found)", relation.key());
    }
    let own = app == unit.name.app;
    if own && !relation.is_peer() && !model.is_leader(&unit.name) {
        fail!("permission denied (unauthorized access)");
    }
    let bag = relation.applications.get(app).cloned().unwrap_or_default();
    match own {
        true => Ok(call.context.progress().changes.relations.over_application(relation.id, &bag)),
        false => Ok(bag.settings),
    }
}

fn unit_settings(call: &Call<'_>, relation: &Relation, unit: &Unit, name: &str) -> Result<Settings, Failure> {
    let parsed = name.parse().ok();
    let Some(member) = parsed.as_ref().and_then(|name| relation.units.get(name)) else {
        fail!(
            "cannot read settings for unit \"{name}\" in relation \"{}\": unit \"{name}\": settings not found",
            relation.key()
        )
    };
    match parsed.as_ref() == Some(&unit.name) {
        true => Ok(call.context.progress().changes.relations.over_unit(relation.id, &member.bag)),
        false => Ok(member.bag.settings.clone()),
    }
}

pub(super) fn set(call: &Call<'_>) -> Answer {
    let writes = writes(call)?;
    let application = call.args.has("app");
    let id = call.look(|model, unit| {
        let relation = find(call, model, unit)?;
        if application && !model.is_leader(&unit.name) {
            fail!("cannot write relation settings");
        }
        Ok(relation.id)
    })?;
    let changes = &mut call.context.progress().changes.relations;
    match application {
        true => changes.write_application(id, writes),
        false => changes.write_unit(id, writes),
    }
    Ok(String::new())
}

/// `key=value` arguments, on top of those in `--file`.
fn writes(call: &Call<'_>) -> Result<Settings, Failure> {
    let mut writes = match call.args.get("file") {
        None => Settings::new(),
        Some("-") => from_yaml(call.request.stdin.as_deref().unwrap_or_default())?,
        Some(path) => {
            let text = fs::read_to_string(call.request.cwd.join(path))
                .map_err(|error| Failure::new(format!("cannot read {path}: {error}")))?;
            from_yaml(&text)?
        }
    };
    for pair in &call.args.positionals {
        let Some((key, value)) = pair.split_once('=') else {
            misuse!("expected \"key=value\", got \"{pair}\"")
        };
        if key.is_empty() {
            misuse!("expected \"key=value\", got \"{pair}\"");
        }
        writes.insert(key.into(), value.into());
    }
    Ok(writes)
}

/// JSON (`ops` 3) or YAML (`ops` 2).
fn from_yaml(text: &str) -> Result<Settings, Failure> {
    yaml::parse_texts(text).map_err(|error| Failure::new(format!("cannot parse the settings: {error}")))
}
