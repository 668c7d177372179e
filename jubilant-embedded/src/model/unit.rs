//! Units and what their agents remember.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::Life;
use super::hook::Hook;
use super::status::Status;
use super::time::Timestamp;

/// One unit, its machine and its agent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Unit {
    pub(crate) name: String,
    pub(crate) number: u32,
    pub(crate) life: Life,
    pub(crate) machine: u32,
    pub(crate) address: Ipv4Addr,
    pub(crate) created: Timestamp,
    pub(crate) workload: Status,
    /// Whether the charm has ever set its status.
    pub(crate) status_set: bool,
    pub(crate) agent_status: Status,
    pub(crate) ports: Vec<Port>,
    /// What the charm keeps with `state-set`.
    pub(crate) state: BTreeMap<String, String>,
    pub(crate) workload_version: String,
    pub(crate) agent: Agent,
}

/// An opened port or port range.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Port {
    pub(crate) protocol: String,
    pub(crate) from: u16,
    pub(crate) to: u16,
}

/// How far the agent has come.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Agent {
    /// The charm revision in the unit's directory.
    pub(crate) deployed: Option<u32>,
    pub(crate) installed: bool,
    pub(crate) started: bool,
    pub(crate) stopped: bool,
    pub(crate) removed: bool,
    pub(crate) leader_elected: bool,
    pub(crate) config_seen: Option<u64>,
    pub(crate) relations: BTreeMap<u32, Seen>,
    /// The hook that was begun and has not succeeded yet: it runs, failed, or was interrupted.
    pub(crate) current: Option<Hook>,
    /// Hooks that earlier ones queued, the next one first.
    pub(crate) queued: Vec<Hook>,
    pub(crate) failure: Option<HookFailure>,
    /// Removed with `--force`: a hook that fails no longer holds up the end.
    pub(crate) forced: bool,
    /// See [`super::application::Application::upgrade_version`].
    pub(crate) upgrade_seen: u64,
    pub(crate) last_update_status: Option<Timestamp>,
}

/// What the agent has seen of one relation.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) created: bool,
    /// Settings version of each unit that joined.
    pub(crate) members: BTreeMap<String, u64>,
    pub(crate) applications: BTreeMap<String, u64>,
    pub(crate) broken: bool,
}

/// A hook that failed and waits for its next attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct HookFailure {
    /// `hook failed: "install"`, with when it happened.
    pub(crate) status: Status,
    pub(crate) attempts: u32,
    /// `None`: only `juju resolved` brings it back.
    pub(crate) retry: Option<Timestamp>,
}

impl Unit {
    pub(crate) fn new(app: &str, number: u32, machine: u32, address: Ipv4Addr) -> Self {
        Self {
            name: format!("{app}/{number}"),
            number,
            life: Life::Alive,
            machine,
            address,
            created: Timestamp::now(),
            workload: Status::new("waiting", "waiting for machine"),
            status_set: false,
            agent_status: Status::new("allocating", ""),
            ports: Vec::new(),
            state: BTreeMap::new(),
            workload_version: String::new(),
            agent: Agent::default(),
        }
    }

    pub(crate) fn application(&self) -> &str {
        application_of(&self.name)
    }

    /// The workload status as `juju status` shows it: an agent's error comes first.
    pub(crate) fn shown_workload(&self) -> &Status {
        if self.agent_status.current == "error" { &self.agent_status } else { &self.workload }
    }

    /// The agent status as `juju status` shows it: an agent that waits to retry is idle.
    pub(crate) fn shown_agent(&self) -> Status {
        let mut status = self.agent_status.clone();
        if status.current == "error" {
            status.current = "idle".into();
            status.message.clear();
            status.data.clear();
        }
        status
    }
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

impl std::fmt::Display for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.protocol.as_str(), self.from == self.to) {
            ("icmp", _) => write!(f, "icmp"),
            (protocol, true) => write!(f, "{}/{protocol}", self.from),
            (protocol, false) => write!(f, "{}-{}/{protocol}", self.from, self.to),
        }
    }
}

/// `web` of `web/0`.
pub(crate) fn application_of(unit: &str) -> &str {
    unit.split_once('/').map_or(unit, |(app, _)| app)
}

/// `0` of `web/0`.
pub(crate) fn number_of(unit: &str) -> Option<u32> {
    unit.split_once('/')?.1.parse().ok()
}

/// `unit-web-0`
pub(crate) fn tag(unit: &str) -> String {
    format!("unit-{}", unit.replace('/', "-"))
}
