//! Applications.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::charm::{Base, Charm};
use super::life::Life;
use super::resource::Resource;
use super::status::Status;
use crate::ground::time::Timestamp;

/// One application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Application {
    pub(crate) name: String,
    pub(crate) life: Life,
    pub(crate) created: Timestamp,
    pub(crate) charm: Arc<Charm>,
    /// Local charms are numbered from 0 at each deployment and refresh.
    pub(crate) revision: u32,
    pub(crate) base: Base,
    /// What the user set; options not in here have the charm's default.
    pub(crate) config: BTreeMap<String, Value>,
    /// Raised whenever config or trust change, so that units run `config-changed`.
    pub(crate) config_version: u64,
    /// Raised when new resources were attached, so that units run `upgrade-charm`.
    pub(crate) upgrade_version: u64,
    pub(crate) trust: bool,
    pub(crate) exposed: bool,
    pub(crate) constraints: String,
    pub(crate) resources: BTreeMap<String, Resource>,
    pub(crate) workload_version: String,
    /// What the leader set with `status-set --application`.
    pub(crate) status: Option<Status>,
}

impl Application {
    pub(crate) fn charm_url(&self) -> String {
        format!("local:{}-{}", self.charm.name, self.revision)
    }
}
