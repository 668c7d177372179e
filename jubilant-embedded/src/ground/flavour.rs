//! Which Juju the embedded one stands in for.

use serde::{Deserialize, Serialize};

/// A release of Juju. What differs between releases is asked of it; a model keeps the one it was made with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Flavour {
    #[default]
    #[serde(rename = "3.6")]
    Juju3_6,
}

impl Flavour {
    /// What charms see as the version: `ops` accepts nothing but numbers.
    pub(crate) fn number(self) -> &'static str {
        match self {
            Self::Juju3_6 => "3.6.0",
        }
    }

    /// What people see.
    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::Juju3_6 => "3.6.0-embedded",
        }
    }

    /// Whether a unit's data in a relation begins with `private-address` (contract, section 2: not in 4.0).
    pub(crate) fn tells_private_address(self) -> bool {
        match self {
            Self::Juju3_6 => true,
        }
    }
}
