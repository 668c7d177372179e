//! `relation-ids`, `-list`, `-get`, `-set`, `-model-get`

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Map, Value, json};

use super::{Answer, Call};
use crate::commands::failure::{Failure, fail, misuse};
use crate::model::Model;
use crate::model::relation::{Bag, Relation};
use crate::model::unit::{Unit, application_of};
use crate::yaml;

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
            Some(relation.endpoint_of(unit.application())?.endpoint.name.clone())
        };
        let Some(name) = call.args.positionals.first().cloned().or_else(of_hook) else {
            misuse!("no endpoint name specified")
        };
        let ids = model.relations_of(unit.application()).filter(|relation| is_in(unit, relation)).filter_map(
            |relation| {
                let side = relation.endpoint_of(unit.application())?;
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
            let other = relation.other_side(unit.application()).map_or("", |side| side.app.as_str());
            return Ok(Value::from(other));
        }
        // What the agent has joined: the world as the charm has been told of it.
        let seen = unit.agent.relations.get(&relation.id);
        let mut members: Vec<&str> =
            seen.into_iter().flat_map(|seen| seen.members.keys().map(String::as_str)).collect();
        if let Some(hook) = call.context.hook().filter(|hook| hook.relation() == Some(relation.id)) {
            match hook {
                crate::model::hook::Hook::RelationJoined { unit, .. } => members.push(unit),
                crate::model::hook::Hook::RelationDeparted { unit, .. } => {
                    members.retain(|member| member != unit)
                }
                _ => {}
            }
        }
        members.sort_by_key(|name| (application_of(name), crate::model::unit::number_of(name)));
        members.dedup();
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
            let other = relation.other_side(unit.application()).map(|side| side.app.as_str());
            let Some(app) = named.map(application_of).or(remote.map(application_of)).or(other) else {
                misuse!("no unit or application specified")
            };
            return application_settings(call, model, relation, unit, app);
        }
        match named.or(remote) {
            Some(name) => unit_settings(call, relation, unit, name),
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

type Settings = BTreeMap<String, String>;

/// A bag with this hook's own writes on top.
fn overlaid(bag: Option<&Bag>, writes: Option<&Settings>) -> Settings {
    let mut bag = bag.cloned().unwrap_or_default();
    if let Some(writes) = writes {
        bag.apply(writes);
    }
    bag.settings
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
    let own = app == unit.application();
    if own && !relation.is_peer() && !model.is_leader(&unit.name) {
        fail!("permission denied (unauthorized access)");
    }
    let state = call.context.state();
    let writes = state.changes.application_settings.get(&relation.id).filter(|_| own);
    Ok(overlaid(relation.applications.get(app), writes))
}

fn unit_settings(call: &Call<'_>, relation: &Relation, unit: &Unit, name: &str) -> Result<Settings, Failure> {
    let Some(member) = relation.units.get(name) else {
        fail!(
            "cannot read settings for unit \"{name}\" in relation \"{}\": unit \"{name}\": settings not found",
            relation.key()
        )
    };
    let state = call.context.state();
    let writes = state.changes.unit_settings.get(&relation.id).filter(|_| name == unit.name);
    Ok(overlaid(Some(&member.bag), writes))
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
    let mut state = call.context.state();
    let changes = &mut state.changes;
    let all = if application { &mut changes.application_settings } else { &mut changes.unit_settings };
    all.entry(id).or_default().extend(writes);
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
