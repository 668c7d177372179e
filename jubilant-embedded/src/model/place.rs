//! Where units are.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

/// What a model's units run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ModelKind {
    Machines,
}

impl ModelKind {
    /// As Juju calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Machines => "iaas",
        }
    }
}

/// What one unit runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    /// A machine of the unit's own, with an address on this host.
    Machine { number: u32, address: Ipv4Addr },
}

impl Place {
    /// The machine's number, where there is a machine.
    pub(crate) fn machine(&self) -> Option<u32> {
        match self {
            Self::Machine { number, .. } => Some(*number),
        }
    }

    pub(crate) fn address(&self) -> Ipv4Addr {
        match self {
            Self::Machine { address, .. } => *address,
        }
    }
}
