//! What a unit's agent remembers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::hook::Hook;
use super::status::Status;
use super::step::{Running, Told};
use crate::ground::name::UnitName;
use crate::ground::time::Timestamp;

/// How far the agent has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// The step under way. Only its outcome counts.
    pub(crate) running: Option<Running>,
    /// How many steps were begun.
    pub(crate) steps: u64,
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) created: bool,
    /// Settings version of each unit that joined.
    pub(crate) members: BTreeMap<UnitName, u64>,
    pub(crate) applications: BTreeMap<String, u64>,
    pub(crate) broken: bool,
}

/// A hook that failed and waits for its next attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct HookFailure {
    /// `hook failed: "install"`, with when it happened.
    pub(crate) status: Status,
    pub(crate) attempts: u32,
    /// What the last attempt was told of.
    pub(crate) told: Told,
    /// `None`: only `juju resolved` brings it back.
    pub(crate) retry: Option<Timestamp>,
}
