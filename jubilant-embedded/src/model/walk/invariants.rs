//! What must hold in every state, and between states.

use std::collections::BTreeMap;

use super::super::Model;
use super::super::entities::Entities;
use super::super::relation::{Presence, Relation};
use super::super::unit::Unit;
use super::story::Stories;
use crate::ground::name::UnitName;

/// What holds after each change.
pub(super) fn hold(model: &Model) {
    applications_outlive_their_units_and_relations(model);
    for unit in model.units.values() {
        a_failure_is_that_of_a_hook(unit);
        hooks_are_about_relations_that_the_unit_is_in(model, unit);
        no_relation_is_remembered_that_is_gone(model, unit);
    }
}

fn applications_outlive_their_units_and_relations(model: &Model) {
    for name in model.units.keys() {
        assert!(model.applications.contains(&name.app), "{name} has no application");
    }
    for relation in model.relations.values() {
        for side in &relation.sides {
            assert!(model.applications.contains(&side.app), "{} has no {}", relation.key(), side.app);
        }
        let pair = relation.is_peer() || relation.sides[0].app != relation.sides[1].app;
        assert!(pair, "{} is an application's with itself", relation.key());
    }
}

fn a_failure_is_that_of_a_hook(unit: &Unit) {
    let agent = &unit.agent;
    assert!(agent.failure.is_none() || agent.current.is_some(), "{}: {:?}", unit.name, agent.failure);
}

fn hooks_are_about_relations_that_the_unit_is_in(model: &Model, unit: &Unit) {
    for hook in unit.agent.current.iter().chain(&unit.agent.queued) {
        let Some(id) = hook.relation() else { continue };
        let member = model.relations.get(&id).and_then(|relation| relation.units.get(&unit.name));
        let is_in = member.is_some_and(|member| member.presence != Presence::Left);
        assert!(is_in, "{} is not in the relation of {hook:?}", unit.name);
    }
}

fn no_relation_is_remembered_that_is_gone(model: &Model, unit: &Unit) {
    for id in unit.agent.relations.keys() {
        assert!(model.relations.contains(id), "{} remembers relation {id}, which is gone", unit.name);
    }
}

/// At rest every unit knows the relations, the units and the data that there are.
pub(super) fn everyone_was_told(model: &Model, stories: &Stories) {
    for unit in model.units.values() {
        let story = &stories.units[&unit.name];
        assert!(!unit.is_dying(), "{} has nothing to wait for, and is still there", unit.name);
        assert!(unit.agent.started, "{} is not started", unit.name);
        let config = model.applications.get(&unit.name.app).map(|app| app.config_version);
        assert_eq!(story.config, config, "{} knows the configuration", unit.name);
        for relation in model.relations_of(&unit.name.app) {
            let told = story.relations.get(&relation.id);
            let told = told.unwrap_or_else(|| panic!("{} was not told of {}", unit.name, relation.key()));
            assert!(told.created);
            assert_eq!(
                told.joined,
                others(model, relation, &unit.name),
                "{} in {}",
                unit.name,
                relation.key()
            );
            let Some(other) = relation.other_side(&unit.name.app).map(|side| &side.app) else { continue };
            if !(relation.is_peer() && model.is_leader(&unit.name)) {
                let bag = relation.applications.get(other).map(|bag| bag.settings.clone());
                assert_eq!(told.application, bag.unwrap_or_default(), "{} of {other}", unit.name);
            }
        }
    }
}

/// All units on the other side with their data, whatever the model says of their presence.
fn others(
    model: &Model,
    relation: &Relation,
    unit: &UnitName,
) -> BTreeMap<UnitName, BTreeMap<String, String>> {
    let other = relation.sides.iter().find(|side| side.app != unit.app).unwrap_or(&relation.sides[0]);
    let there = model.units.keys().filter(|name| name.app == other.app && *name != unit);
    let data = there.map(|name| {
        let settings = relation.units.get(name).map(|member| member.bag.settings.clone());
        (name.clone(), settings.unwrap_or_default())
    });
    data.collect()
}

pub(super) fn nothing_is_left(model: &Model) {
    assert!(model.applications.is_empty(), "{:?}", model.applications.keys());
    assert!(model.units.is_empty(), "{:?}", model.units.keys());
    assert!(model.relations.is_empty(), "{:?}", model.relations.keys());
    assert!(model.tasks.values().all(|task| task.is_finished()), "a task waits for a unit that is gone");
}

pub(super) fn what_a_failed_step_asked_for_did_not_happen(before: &Model, after: &Model) {
    let data = |model: &Model| {
        let bags = model.relations.values().map(|relation| {
            let units: Vec<_> = relation.units.values().map(|member| member.bag.clone()).collect();
            (units, relation.applications.clone())
        });
        let units = model.units.values().map(|unit| (unit.ports.clone(), unit.state.clone()));
        (bags.collect::<Vec<_>>(), units.collect::<Vec<_>>())
    };
    assert_eq!(data(before), data(after));
}

/// The journal keeps nothing but changes.
pub(super) fn changes_lead_from_one_state_to_the_other(before: &Model, after: &Model) {
    leads(&before.applications, &after.applications);
    leads(&before.units, &after.units);
    leads(&before.relations, &after.relations);
    leads(&before.tasks, &after.tasks);
}

fn leads<K, V>(before: &Entities<K, V>, after: &Entities<K, V>)
where
    K: Ord + Clone + std::fmt::Debug,
    V: Clone + PartialEq + std::fmt::Debug,
{
    let changes = after.since(before).into_iter();
    let changes = changes.map(|(key, entity)| (key.clone(), entity.cloned())).collect();
    let mut copy = before.clone();
    copy.take_over(changes);
    assert!(equal(&copy, after), "{copy:?} is not {after:?}");
}

fn equal<K: Ord + Clone, V: Clone + PartialEq>(one: &Entities<K, V>, other: &Entities<K, V>) -> bool {
    one.keys().eq(other.keys()) && one.values().eq(other.values())
}

/// Whether two states hold the same entities.
pub(super) fn is_same(one: &Model, other: &Model) -> bool {
    equal(&one.applications, &other.applications)
        && equal(&one.units, &other.units)
        && equal(&one.relations, &other.relations)
        && equal(&one.tasks, &other.tasks)
}
