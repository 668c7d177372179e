//! The hooks that unit agents run.

use serde::{Deserialize, Serialize};

use crate::ground::name::UnitName;

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
        unit: UnitName,
    },
    /// Without a unit: the application's data changed.
    RelationChanged {
        relation: u32,
        app: String,
        unit: Option<UnitName>,
    },
    RelationDeparted {
        relation: u32,
        unit: UnitName,
        departing: UnitName,
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

    /// Its name; that of a relation's hook begins with the endpoint (`db-relation-joined`).
    pub(crate) fn kind(&self) -> &'static str {
        match self {
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
        }
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
    pub(crate) fn remote_unit(&self) -> Option<&UnitName> {
        match self {
            Self::RelationJoined { unit, .. } | Self::RelationDeparted { unit, .. } => Some(unit),
            Self::RelationChanged { unit, .. } => unit.as_ref(),
            _ => None,
        }
    }
}
