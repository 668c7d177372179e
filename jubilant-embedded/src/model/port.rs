//! Ports that units open.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A port or port range.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Port {
    pub(crate) protocol: String,
    pub(crate) from: u16,
    pub(crate) to: u16,
}

impl Port {
    /// Reads `80`, `80/tcp`, `8000-8010/udp` or `icmp`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "icmp" {
            return Some(Self { protocol: "icmp".into(), from: 0, to: 0 });
        }
        let (range, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let protocol = protocol.to_ascii_lowercase();
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let (from, to): (u16, u16) = (from.parse().ok()?, to.parse().ok()?);
        let valid = matches!(protocol.as_str(), "tcp" | "udp") && from > 0 && from <= to;
        valid.then_some(Self { protocol, from, to })
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.protocol.as_str(), self.from == self.to) {
            ("icmp", _) => write!(f, "icmp"),
            (protocol, true) => write!(f, "{}/{protocol}", self.from),
            (protocol, false) => write!(f, "{}-{}/{protocol}", self.from, self.to),
        }
    }
}
