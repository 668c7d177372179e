//! `juju integrate` and `juju remove-relation`

use std::collections::BTreeMap;

use super::Call;
use super::failure::{Failure, fail, misuse, unsupported};
use crate::model::charm::{Endpoint, Role};
use crate::model::relation::{Relation, Side};
use crate::model::{Life, Model};

/// `app` or `app:endpoint`.
fn split(argument: &str) -> (&str, Option<&str>) {
    argument.split_once(':').map_or((argument, None), |(app, endpoint)| (app, Some(endpoint)))
}

/// The endpoints that an argument may mean.
fn candidates(model: &Model, argument: &str) -> Result<Vec<Side>, Failure> {
    let (name, wanted) = split(argument);
    let Some(app) = model.applications.get(name) else {
        fail!("application \"{name}\" not found (not found)")
    };
    if let Some(wanted) = wanted
        && !app.charm.endpoints.contains_key(wanted)
    {
        fail!("application \"{name}\" has no \"{wanted}\" relation (not found)");
    }
    let sides =
        app.charm.endpoints.values().filter(|endpoint| wanted.is_none_or(|wanted| endpoint.name == wanted));
    Ok(sides.map(|endpoint| Side { app: name.to_owned(), endpoint: endpoint.clone() }).collect())
}

fn fits(one: &Endpoint, other: &Endpoint) -> bool {
    let roles =
        matches!((one.role, other.role), (Role::Provider, Role::Requirer) | (Role::Requirer, Role::Provider));
    roles && one.interface == other.interface
}

/// The one pair of endpoints that two arguments mean.
fn pair(model: &Model, one: &str, other: &str) -> Result<(Side, Side), Failure> {
    let (left, right) = (candidates(model, one)?, candidates(model, other)?);
    let pairs: Vec<(&Side, &Side)> = left
        .iter()
        .flat_map(|side| right.iter().map(move |other| (side, other)))
        .filter(|(side, other)| fits(&side.endpoint, &other.endpoint))
        .collect();
    match pairs.as_slice() {
        [(side, other)] => Ok(((*side).clone(), (*other).clone())),
        [] => fail!("no relations found"),
        many => {
            let mut text = String::new();
            for (side, other) in many {
                text.push_str(&format!(
                    "\n\t{}:{} {}:{}",
                    side.app, side.endpoint.name, other.app, other.endpoint.name
                ));
            }
            fail!("ambiguous relation: \"{one} {other}\" could refer to one of:{text}")
        }
    }
}

pub(super) fn integrate(call: &mut Call<'_>) -> Result<i32, Failure> {
    let (one, other) = arguments(call)?;
    call.update(|model| add(model, &one, &other))?;
    Ok(0)
}

/// Relates two applications.
pub(super) fn add(model: &mut Model, one: &str, other: &str) -> Result<(), Failure> {
    let (left, right) = pair(model, one, other)?;
    for side in [&left, &right] {
        if model.applications.get(&side.app).is_none_or(|app| app.life == Life::Dying) {
            fail!("cannot add relation \"{one} {other}\": application \"{}\" is not alive", side.app);
        }
        let same = |known: &&Side| known.app == side.app && known.endpoint.name == side.endpoint.name;
        let count = model
            .relations
            .values()
            .filter(|relation| relation.sides.iter().any(|known| same(&known)))
            .count();
        if side.endpoint.limit.is_some_and(|limit| count >= limit) {
            fail!(
                "establishing a new relation for {}:{} would exceed its maximum relation limit",
                side.app,
                side.endpoint.name
            );
        }
    }
    let relation = Relation {
        id: model.next_relation,
        life: Life::Alive,
        sides: vec![left, right],
        units: BTreeMap::new(),
        applications: BTreeMap::new(),
        forced: false,
    };
    let key = relation.key();
    if model.relations.values().any(|known| known.key() == key) {
        fail!("cannot add relation \"{key}\": relation already exists (already exists)");
    }
    model.next_relation += 1;
    model.relations.insert(relation.id, relation);
    Ok(())
}

fn arguments(call: &Call<'_>) -> Result<(String, String), Failure> {
    match call.args.positionals.as_slice() {
        [one, other] => Ok((one.clone(), other.clone())),
        _ => misuse!("a relation must involve two applications"),
    }
}

pub(super) fn remove(call: &mut Call<'_>) -> Result<i32, Failure> {
    let force = call.args.has("force");
    if let [id] = call.args.positionals.as_slice()
        && let Ok(id) = id.parse::<u32>()
    {
        call.update(|model| match model.relations.get_mut(&id) {
            Some(relation) if !relation.is_peer() => remove_one(model, id, force),
            _ => fail!("relation {id} not found (not found)"),
        })?;
        return Ok(0);
    }
    let (one, other) = arguments(call)?;
    call.update(|model| {
        let named = |relation: &Relation| {
            let has = |argument: &str| {
                let (app, endpoint) = split(argument);
                let side = relation.endpoint_of(app);
                side.is_some_and(|side| endpoint.is_none_or(|endpoint| side.endpoint.name == endpoint))
            };
            !relation.is_peer() && has(&one) && has(&other)
        };
        let found: Vec<u32> =
            model.relations.values().filter(|relation| named(relation)).map(|found| found.id).collect();
        match found.as_slice() {
            [id] => remove_one(model, *id, force),
            [] => fail!("relation \"{one} {other}\" not found (not found)"),
            _ => fail!("\"{one} {other}\" means several relations: name the endpoints, as app:endpoint"),
        }
    })?;
    Ok(0)
}

fn remove_one(model: &mut Model, id: u32, force: bool) -> Result<(), Failure> {
    let Some(relation) = model.relations.get_mut(&id) else { return Ok(()) };
    relation.life = Life::Dying;
    relation.forced |= force;
    let (key, sides) = (relation.key(), relation.sides.clone());
    // Only the relation's own hooks are passed over.
    let mut units = model.units().filter(|unit| sides.iter().any(|side| side.app == unit.application()));
    if force && let Some(unit) = units.find(|unit| unit.agent.failure.is_some()) {
        let failed = unit.agent.current.as_ref().and_then(|hook| hook.relation());
        if failed != Some(id) {
            return Err(unsupported(&format!(
                "\"remove-relation --force\" of {key} while unit {} is in error",
                unit.name
            )));
        }
    }
    drop(units);
    model.sweep();
    Ok(())
}
