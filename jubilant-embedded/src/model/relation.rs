//! Relations and their data bags.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::charm::{Endpoint, Role};
use super::life::Life;
use crate::ground::name::UnitName;

/// One relation: two sides, or one for peers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Relation {
    pub(crate) id: u32,
    pub(crate) life: Life,
    pub(crate) sides: Vec<Side>,
    /// The units that are in, with their data.
    pub(crate) units: BTreeMap<UnitName, Member>,
    /// Each application's data.
    pub(crate) applications: BTreeMap<String, Bag>,
    /// `remove-relation --force`: a hook of it that fails no longer holds up the end.
    pub(crate) forced: bool,
}

/// An application at one of its endpoints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Side {
    pub(crate) app: String,
    pub(crate) endpoint: Endpoint,
}

/// A unit's part in a relation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) bag: Bag,
    pub(crate) presence: Presence,
}

/// Whether a unit is in a relation. Its data stays readable to the others' departing hooks until the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Presence {
    /// Its `relation-created` hook runs; the others see it, with what that hook wrote, from its end on.
    #[default]
    Entering,
    In,
    /// The others no longer see it; its own hooks are still to come.
    Leaving,
    Left,
}

/// Settings and how often they changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bag {
    pub(crate) settings: Settings,
    pub(crate) version: u64,
}

impl Bag {
    /// Takes over changes and says whether anything is different now.
    pub(crate) fn apply(&mut self, changes: &Settings) -> bool {
        let mut changed = false;
        for (key, value) in changes {
            changed |= if value.is_empty() {
                self.settings.remove(key).is_some()
            } else {
                self.settings.insert(key.clone(), value.clone()).as_ref() != Some(value)
            };
        }
        self.version += u64::from(changed);
        changed
    }
}

/// Settings as they are written: an empty value removes the key.
pub(crate) type Settings = BTreeMap<String, String>;

impl Relation {
    pub(crate) fn new(id: u32, sides: Vec<Side>) -> Self {
        Self {
            id,
            life: Life::Alive,
            sides,
            units: BTreeMap::new(),
            applications: BTreeMap::new(),
            forced: false,
        }
    }

    pub(crate) fn is_peer(&self) -> bool {
        self.sides.first().is_some_and(|side| side.endpoint.role == Role::Peer)
    }

    /// Whether no unit has anything left to do in it. A dying relation goes then, and no sooner (Juju's
    /// `domain/removal`): every unit that was told of it is told of its end.
    pub(crate) fn is_empty(&self) -> bool {
        self.units.values().all(|member| member.presence == Presence::Left)
    }

    /// The side of `app`.
    pub(crate) fn endpoint_of(&self, app: &str) -> Option<&Side> {
        self.sides.iter().find(|side| side.app == app)
    }

    /// The side that `app` is related to; for peers its own.
    pub(crate) fn other_side(&self, app: &str) -> Option<&Side> {
        self.sides.iter().find(|side| side.app != app).or_else(|| self.endpoint_of(app))
    }

    /// `requirer:db provider:db`, or `app:peers`.
    pub(crate) fn key(&self) -> String {
        let mut sides: Vec<&Side> = self.sides.iter().collect();
        sides.sort_by_key(|side| side.endpoint.role != Role::Requirer);
        let names: Vec<String> =
            sides.iter().map(|side| format!("{}:{}", side.app, side.endpoint.name)).collect();
        names.join(" ")
    }

    /// The units that `unit` sees, in order of name and number.
    pub(crate) fn members_for<'a>(&'a self, unit: &'a UnitName) -> impl Iterator<Item = &'a UnitName> {
        let other = self.other_side(&unit.app).map(|side| side.app.as_str());
        let members = self.units.iter().filter(move |(name, member)| {
            member.presence == Presence::In && *name != unit && other == Some(name.app.as_str())
        });
        members.map(|(name, _)| name)
    }

    /// Changes a unit's presence, if it is in at all.
    pub(crate) fn set_presence(&mut self, unit: &UnitName, presence: Presence) {
        if let Some(member) = self.units.get_mut(unit) {
            member.presence = presence;
        }
    }
}
