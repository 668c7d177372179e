//! Steps of agents: what is done outside the model, between a beginning and an outcome.

use serde::{Deserialize, Serialize};

use super::hook::Hook;

/// One thing that an agent does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Step {
    /// Bring this charm revision into the unit's directory.
    Unpack(u32),
    Hook(Hook),
    Task(u32),
    /// Everything has run: end what the unit left running and delete its directory.
    Remove,
}

/// A step that has begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Running {
    /// Counts a unit's steps, so that an outcome tells which one it belongs to.
    pub(crate) number: u64,
    pub(crate) step: Step,
    pub(crate) told: Told,
}

/// The versions of the data that a hook was told of when it began: what changed since is still to be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) config: u64,
    pub(crate) upgrade: u64,
    pub(crate) unit: u64,
    pub(crate) application: u64,
}
