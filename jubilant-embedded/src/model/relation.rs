//! Relations and their data bags.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Life;
use super::charm::{Endpoint, Role};

/// One relation: two sides, or one for peers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Relation {
    pub(crate) id: u32,
    pub(crate) life: Life,
    pub(crate) sides: Vec<Side>,
    /// The units that are in, with their data.
    pub(crate) units: BTreeMap<String, Member>,
    /// Each application's data.
    pub(crate) applications: BTreeMap<String, Bag>,
    /// `remove-relation --force`: a hook of it that fails no longer holds up the end.
    #[serde(default)]
    pub(crate) forced: bool,
}

/// An application at one of its endpoints.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Side {
    pub(crate) app: String,
    pub(crate) endpoint: Endpoint,
}

/// A unit's part in a relation.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Bag {
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) version: u64,
}

impl Bag {
    /// Takes over changes (an empty value removes the key) and says whether anything changed.
    pub(crate) fn apply(&mut self, changes: &BTreeMap<String, String>) -> bool {
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

impl Relation {
    pub(crate) fn is_peer(&self) -> bool {
        self.sides.first().is_some_and(|side| side.endpoint.role == Role::Peer)
    }

    /// Whether no unit has anything left to do in it.
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

    /// The units that `unit` (of `app`) sees, in order of name and number.
    pub(crate) fn members_for<'a>(&'a self, unit: &'a str, app: &'a str) -> Vec<&'a str> {
        let Some(other) = self.other_side(app) else { return Vec::new() };
        let mut members: Vec<&str> = self
            .units
            .iter()
            .filter(|(name, member)| member.presence == Presence::In && name.as_str() != unit)
            .filter(|(name, _)| super::unit::application_of(name) == other.app)
            .map(|(name, _)| name.as_str())
            .collect();
        members.sort_by_key(|name| (super::unit::application_of(name), super::unit::number_of(name)));
        members
    }
}
