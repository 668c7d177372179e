//! What a unit is to be told of its relations.

use super::Model;
use super::agent::Seen;
use super::charm::Role;
use super::hook::Hook;
use super::life::Life;
use super::relation::Relation;
use super::unit::Unit;
use crate::ground::name::UnitName;

/// `relation-created` for a relation that the unit is not in yet, peers last.
pub(super) fn created(model: &Model, unit: &Unit) -> Option<Hook> {
    let is_new = |relation: &&Relation| {
        let seen = unit.agent.relations.get(&relation.id);
        relation.life == Life::Alive && !seen.is_some_and(|seen| seen.created)
    };
    let relation = relations(model, unit).into_iter().find(is_new)?;
    Some(Hook::RelationCreated { relation: relation.id })
}

/// The next hook of any relation that the unit is in.
pub(super) fn next(model: &Model, unit: &Unit) -> Option<Hook> {
    relations(model, unit).into_iter().find_map(|relation| {
        let seen = unit.agent.relations.get(&relation.id).filter(|seen| seen.created && !seen.broken)?;
        next_in(relation, seen, unit, model)
    })
}

/// The unit's relations: by number, peers last.
fn relations<'a>(model: &'a Model, unit: &'a Unit) -> Vec<&'a Relation> {
    let mut relations: Vec<&Relation> = model.relations_of(&unit.name.app).collect();
    relations.sort_by_key(|relation| (relation.is_peer(), relation.id));
    relations
}

/// Departures, then the application's data, then units in order.
fn next_in(relation: &Relation, seen: &Seen, unit: &Unit, model: &Model) -> Option<Hook> {
    let id = relation.id;
    let leaving = unit.is_dying();
    let ends = leaving || relation.life == Life::Dying;
    let is_member = |name: &UnitName| relation.members_for(&unit.name).any(|member| member == name);
    if let Some(gone) = seen.members.keys().find(|known| ends || !is_member(known)) {
        let departing = if leaving { unit.name.clone() } else { gone.clone() };
        return Some(Hook::RelationDeparted { relation: id, unit: gone.clone(), departing });
    }
    if ends {
        return (!relation.is_peer()).then_some(Hook::RelationBroken { relation: id });
    }
    let other = relation.other_side(&unit.name.app)?;
    let version = relation.applications.get(&other.app).map_or(0, |bag| bag.version);
    let wrote_it = other.endpoint.role == Role::Peer && model.is_leader(&unit.name);
    if !wrote_it && seen.applications.get(&other.app).copied().unwrap_or(0) != version {
        return Some(Hook::RelationChanged { relation: id, app: other.app.clone(), unit: None });
    }
    let mut members = relation.members_for(&unit.name);
    if let Some(joining) = members.find(|member| !seen.members.contains_key(*member)) {
        return Some(Hook::RelationJoined { relation: id, unit: joining.clone() });
    }
    let changed = relation.members_for(&unit.name).find(|member| {
        let version = relation.units.get(*member).map(|member| member.bag.version);
        version != seen.members.get(*member).copied()
    })?;
    Some(Hook::RelationChanged { relation: id, app: other.app.clone(), unit: Some(changed.clone()) })
}
