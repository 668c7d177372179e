//! Units.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::agent::Agent;
use super::life::Life;
use super::place::Place;
use super::port::Port;
use super::status::Status;
use crate::ground::name::UnitName;
use crate::ground::time::Timestamp;

/// One unit and its agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Unit {
    pub(crate) name: UnitName,
    pub(crate) life: Life,
    pub(crate) place: Place,
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

impl Unit {
    pub(crate) fn new(name: UnitName, place: Place, now: Timestamp) -> Self {
        Self {
            name,
            life: Life::Alive,
            place,
            created: now,
            workload: Status::new("waiting", "waiting for machine", now),
            status_set: false,
            agent_status: Status::new("allocating", "", now),
            ports: Vec::new(),
            state: BTreeMap::new(),
            workload_version: String::new(),
            agent: Agent::default(),
        }
    }

    pub(crate) fn is_dying(&self) -> bool {
        self.life == Life::Dying
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
