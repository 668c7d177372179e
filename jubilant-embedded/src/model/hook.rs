//! The hooks a unit agent runs.

use serde::{Deserialize, Serialize};

use super::Model;
use super::unit;

/// One hook with what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Hook {
    Install,
    LeaderElected,
    ConfigChanged,
    Start,
    UpdateStatus,
    UpgradeCharm,
    Stop,
    Remove,
    RelationCreated {
        relation: u32,
    },
    RelationJoined {
        relation: u32,
        unit: String,
    },
    /// Without a unit: the application's data changed.
    RelationChanged {
        relation: u32,
        app: String,
        unit: Option<String>,
    },
    RelationDeparted {
        relation: u32,
        unit: String,
        departing: String,
    },
    RelationBroken {
        relation: u32,
    },
}

impl Hook {
    /// Whether a file of this name in `hooks/` is run.
    pub(crate) fn is_name(file: &str) -> bool {
        const OWN: [&str; 8] = [
            "install",
            "leader-elected",
            "config-changed",
            "start",
            "update-status",
            "upgrade-charm",
            "stop",
            "remove",
        ];
        const OF_RELATIONS: [&str; 5] = [
            "-relation-created",
            "-relation-joined",
            "-relation-changed",
            "-relation-departed",
            "-relation-broken",
        ];
        OWN.contains(&file) || OF_RELATIONS.iter().any(|kind| file.ends_with(kind))
    }

    /// The hook's name for `unit`, or `None` if its relation is gone.
    pub(crate) fn name(&self, model: &Model, unit: &str) -> Option<String> {
        let kind = match self {
            Self::Install => "install",
            Self::LeaderElected => "leader-elected",
            Self::ConfigChanged => "config-changed",
            Self::Start => "start",
            Self::UpdateStatus => "update-status",
            Self::UpgradeCharm => "upgrade-charm",
            Self::Stop => "stop",
            Self::Remove => "remove",
            Self::RelationCreated { .. } => "relation-created",
            Self::RelationJoined { .. } => "relation-joined",
            Self::RelationChanged { .. } => "relation-changed",
            Self::RelationDeparted { .. } => "relation-departed",
            Self::RelationBroken { .. } => "relation-broken",
        };
        let Some(id) = self.relation() else { return Some(kind.into()) };
        let endpoint = model.relations.get(&id)?.endpoint_of(unit::application_of(unit))?;
        Some(format!("{}-{kind}", endpoint.endpoint.name))
    }

    /// The relation it is about.
    pub(crate) fn relation(&self) -> Option<u32> {
        match self {
            Self::RelationCreated { relation }
            | Self::RelationJoined { relation, .. }
            | Self::RelationChanged { relation, .. }
            | Self::RelationDeparted { relation, .. }
            | Self::RelationBroken { relation } => Some(*relation),
            _ => None,
        }
    }

    /// The unit on the other side that it is about.
    pub(crate) fn remote_unit(&self) -> Option<&str> {
        match self {
            Self::RelationJoined { unit, .. } | Self::RelationDeparted { unit, .. } => Some(unit),
            Self::RelationChanged { unit, .. } => unit.as_deref(),
            _ => None,
        }
    }
}
