//! What a finished step changes in the model. Each of these runs as one change under the lock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::model::Model;
use crate::model::hook::Hook;
use crate::model::relation::{Bag, Member, Presence};
use crate::model::status::Status;
use crate::model::time::Timestamp;
use crate::model::unit::{HookFailure, Port, application_of};

const FIRST_RETRY: Duration = Duration::from_secs(5);
const LONGEST_RETRY: Duration = Duration::from_secs(5 * 60);

/// What a hook asked for that takes effect only if it succeeds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    /// Settings by relation; an empty value removes the key.
    pub(crate) unit_settings: BTreeMap<u32, BTreeMap<String, String>>,
    pub(crate) application_settings: BTreeMap<u32, BTreeMap<String, String>>,
    pub(crate) opened: BTreeSet<Port>,
    pub(crate) closed: BTreeSet<Port>,
    /// `None` deletes the key.
    pub(crate) state: BTreeMap<String, Option<String>>,
}

/// Takes over a successful hook's changes.
pub(crate) fn flush(model: &mut Model, name: &str, changes: &Changes) {
    let app = application_of(name);
    for (id, settings) in &changes.unit_settings {
        let relation = model.relations.get_mut(id);
        if let Some(member) = relation.and_then(|relation| relation.units.get_mut(name)) {
            member.bag.apply(settings);
        }
    }
    for (id, settings) in &changes.application_settings {
        let Some(relation) = model.relations.get_mut(id) else { continue };
        relation.applications.entry(app.to_owned()).or_default().apply(settings);
    }
    let Some(unit) = model.unit_mut(name) else { return };
    unit.ports.retain(|port| !changes.closed.contains(port));
    for port in &changes.opened {
        if !unit.ports.contains(port) {
            unit.ports.push(port.clone());
        }
    }
    unit.ports.sort();
    for (key, value) in &changes.state {
        match value {
            Some(value) => unit.state.insert(key.clone(), value.clone()),
            None => unit.state.remove(key),
        };
    }
}

/// The charm revision is in place; the first one is to be installed, a later one to be told of.
pub(crate) fn unpacked(model: &mut Model, name: &str, revision: u32) {
    let resources = model.applications.get(application_of(name)).map_or(0, |app| app.upgrade_version);
    let Some(unit) = model.unit_mut(name) else { return };
    unit.agent.deployed = Some(revision);
    unit.agent.upgrade_seen = resources;
    if unit.agent.installed {
        unit.agent.queued.insert(0, Hook::UpgradeCharm);
    }
}

/// The hook ended well: takes its changes over and records what it has seen.
///
/// `seen` is the state of the model when the hook began: what changed since is still to be told.
pub(crate) fn succeed(model: &mut Model, name: &str, hook: &Hook, seen: &SeenVersions, changes: &Changes) {
    flush(model, name, changes);
    let Some(unit) = model.unit_mut(name) else { return };
    let agent = &mut unit.agent;
    agent.failure = None;
    agent.current = None;
    match hook {
        Hook::Install => agent.installed = true,
        Hook::LeaderElected => agent.leader_elected = true,
        Hook::ConfigChanged => {
            agent.config_seen = Some(seen.config);
            if !agent.started && !agent.queued.contains(&Hook::Start) {
                agent.queued.push(Hook::Start);
            }
        }
        Hook::Start => {
            agent.started = true;
            if !unit.status_set {
                model.set_workload(name, Status::new("unknown", ""));
            }
        }
        Hook::UpgradeCharm => {
            agent.upgrade_seen = seen.upgrade;
            agent.queued.insert(0, Hook::ConfigChanged);
        }
        Hook::UpdateStatus => {}
        Hook::Stop => agent.stopped = true,
        Hook::Remove => agent.removed = true,
        Hook::RelationCreated { relation } => {
            agent.relations.entry(*relation).or_default().created = true;
            entered(model, name, *relation);
        }
        Hook::RelationJoined { relation, unit } => {
            let entry = agent.relations.entry(*relation).or_default();
            entry.members.insert(unit.clone(), seen.unit.unwrap_or(0));
            let app = application_of(unit).to_owned();
            let changed = Hook::RelationChanged { relation: *relation, app, unit: Some(unit.clone()) };
            agent.queued.insert(0, changed);
        }
        Hook::RelationChanged { relation, app, unit } => {
            let entry = agent.relations.entry(*relation).or_default();
            match unit {
                Some(unit) => entry.members.insert(unit.clone(), seen.unit.unwrap_or(0)),
                None => entry.applications.insert(app.clone(), seen.application),
            };
        }
        Hook::RelationDeparted { relation, unit, .. } => {
            agent.relations.entry(*relation).or_default().members.remove(unit);
        }
        Hook::RelationBroken { relation } => {
            agent.relations.entry(*relation).or_default().broken = true;
            left(model, name, *relation);
        }
    }
}

/// The versions of the data that a hook was told of.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SeenVersions {
    config: u64,
    upgrade: u64,
    unit: Option<u64>,
    application: u64,
}

impl SeenVersions {
    pub(crate) fn of(model: &Model, name: &str, hook: &Hook) -> Self {
        let app = model.applications.get(application_of(name));
        let relation = hook.relation().and_then(|id| model.relations.get(&id));
        let other = relation.and_then(|relation| relation.other_side(application_of(name)));
        Self {
            config: app.map_or(0, |app| app.config_version),
            upgrade: app.map_or(0, |app| app.upgrade_version),
            unit: relation
                .zip(hook.remote_unit())
                .and_then(|(relation, unit)| Some(relation.units.get(unit)?.bag.version)),
            application: relation
                .zip(other)
                .and_then(|(relation, other)| relation.applications.get(&other.app))
                .map_or(0, |bag| bag.version),
        }
    }
}

/// The hook failed: nothing it asked for happens, and it is tried again later.
pub(crate) fn fail(model: &mut Model, name: &str, hook: &Hook, hook_name: &str) {
    let retries = model.setting("automatically-retry-hooks", "true") != "false";
    let now = Timestamp::now();
    let status = Status::new("error", format!("hook failed: \"{hook_name}\""));
    if let Hook::RelationCreated { relation } = hook {
        entered(model, name, *relation);
    }
    if let Some(unit) = model.unit_mut(name) {
        let attempts = unit.agent.failure.as_ref().map_or(0, |failure| failure.attempts) + 1;
        let delay = FIRST_RETRY.saturating_mul(1 << (attempts - 1).min(10)).min(LONGEST_RETRY);
        unit.agent.failure =
            Some(HookFailure { status: status.clone(), attempts, retry: retries.then(|| now.after(delay)) });
    }
    model.set_agent(name, status);
}

/// Goes on without the hook that failed.
pub(crate) fn skip_failed(model: &mut Model, name: &str, hook: &Hook) {
    let seen = SeenVersions::of(model, name, hook);
    succeed(model, name, hook, &seen, &Changes::default());
}

/// The unit enters a relation, with the addresses that Juju itself provides.
pub(crate) fn enter(model: &mut Model, name: &str, id: u32) {
    let Some(address) = model.unit(name).map(|unit| unit.address.to_string()) else { return };
    let Some(relation) = model.relations.get_mut(&id) else { return };
    let settings = [
        ("egress-subnets", format!("{address}/32")),
        ("ingress-address", address.clone()),
        ("private-address", address),
    ];
    let settings = settings.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
    relation
        .units
        .entry(name.to_owned())
        .or_insert(Member { bag: Bag { settings, version: 1 }, presence: Presence::Entering });
}

/// The unit's `relation-created` hook has ended, well or not.
fn entered(model: &mut Model, name: &str, id: u32) {
    let relation = model.relations.get_mut(&id);
    if let Some(member) = relation.and_then(|relation| relation.units.get_mut(name))
        && member.presence == Presence::Entering
    {
        member.presence = Presence::In;
    }
}

/// The unit is about to leave: the others stop seeing it.
pub(crate) fn leave(model: &mut Model, name: &str, id: u32) {
    let relation = model.relations.get_mut(&id);
    if let Some(member) = relation.and_then(|relation| relation.units.get_mut(name)) {
        member.presence = Presence::Leaving;
    }
}

fn left(model: &mut Model, name: &str, id: u32) {
    let relation = model.relations.get_mut(&id);
    if let Some(member) = relation.and_then(|relation| relation.units.get_mut(name)) {
        member.presence = Presence::Left;
    }
    model.sweep();
}
