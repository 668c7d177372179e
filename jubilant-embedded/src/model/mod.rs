//! What the controller knows, and the rules on it: pure data and functions. Nothing here touches a file, a process
//! or a clock, so that random sequences of commands and outcomes can check it (`walk`).

pub(crate) mod agent;
pub(crate) mod application;
mod assumes;
mod begin;
pub(crate) mod changes;
pub(crate) mod charm;
pub(crate) mod configuration;
pub(crate) mod deployment;
pub(crate) mod entities;
pub(crate) mod hook;
pub(crate) mod integration;
pub(crate) mod life;
pub(crate) mod limits;
pub(crate) mod log;
pub(crate) mod metadata;
pub(crate) mod next;
pub(crate) mod operations;
pub(crate) mod option;
pub(crate) mod outcome;
pub(crate) mod place;
pub(crate) mod port;
pub(crate) mod relation;
mod relation_events;
mod removal;
mod resolve;
pub(crate) mod resource;
pub(crate) mod status;
pub(crate) mod step;
pub(crate) mod task;
#[cfg(test)]
mod tests_integration;
#[cfg(test)]
mod tests_next;
#[cfg(test)]
mod tests_outcome;
pub(crate) mod unit;
#[cfg(test)]
mod walk;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ground::flavour::Flavour;
use crate::ground::name::UnitName;
use crate::ground::time::Timestamp;
use application::Application;
use entities::Entities;
use hook::Hook;
use log::{Change, ChangeKind, Level, Line, News};
use place::ModelKind;
use relation::Relation;
use status::{Status, severity};
use task::Task;
use unit::Unit;

/// One model. Its entities are kept apart from the rest, so that only what changed is written down.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Model {
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) kind: ModelKind,
    pub(crate) flavour: Flavour,
    pub(crate) created: Timestamp,
    /// Set once it is to end.
    pub(crate) destruction: Option<Destruction>,
    /// What was set with `model-config`; see `commands::model_config` for the defaults.
    pub(crate) config: BTreeMap<String, String>,
    pub(crate) constraints: String,
    pub(crate) counters: Counters,
    #[serde(skip)]
    pub(crate) applications: Entities<String, Application>,
    #[serde(skip)]
    pub(crate) units: Entities<UnitName, Unit>,
    #[serde(skip)]
    pub(crate) relations: Entities<u32, Relation>,
    #[serde(skip)]
    pub(crate) tasks: Entities<u32, Task>,
    /// When the change that is being made happens: whoever begins one sets it.
    #[serde(skip)]
    pub(crate) now: Timestamp,
    /// What is to be written to the logs.
    #[serde(skip)]
    pub(crate) news: News,
}

/// How a model ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Destruction {
    /// `--force`: a hook that fails no longer holds up the end.
    pub(crate) forced: bool,
    /// `--force --no-wait`: the units' own teardown is not waited for.
    pub(crate) at_once: bool,
}

/// Numbers that are never used twice.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Counters {
    pub(crate) machine: u32,
    pub(crate) relation: u32,
    /// Operations and their tasks share one sequence.
    pub(crate) operation: u32,
    /// Unit numbers go on after an application was removed and deployed again under the same name.
    pub(crate) unit: BTreeMap<String, u32>,
    /// Local charms are numbered by charm name.
    pub(crate) revision: BTreeMap<String, u32>,
}

/// Returns the number and counts on.
fn take(counter: &mut u32) -> u32 {
    *counter += 1;
    *counter - 1
}

impl Model {
    pub(crate) fn new(uuid: String, name: String, config: BTreeMap<String, String>, now: Timestamp) -> Self {
        Self {
            uuid,
            name,
            kind: ModelKind::Machines,
            flavour: Flavour::default(),
            created: now,
            destruction: None,
            config,
            constraints: String::new(),
            counters: Counters { operation: 1, ..Counters::default() },
            applications: Entities::default(),
            units: Entities::default(),
            relations: Entities::default(),
            tasks: Entities::default(),
            now,
            news: News::default(),
        }
    }

    pub(crate) fn is_dying(&self) -> bool {
        self.destruction.is_some()
    }

    /// The units of an application, by number.
    pub(crate) fn units_of(&self, app: &str) -> impl DoubleEndedIterator<Item = &Unit> {
        self.units.between(UnitName::new(app, 0), UnitName::new(app, u32::MAX))
    }

    /// The unit that an argument names.
    pub(crate) fn unit_named(&self, text: &str) -> Option<&Unit> {
        self.units.get(&text.parse().ok()?)
    }

    /// The application's leader: the lowest unit that is alive, else the last one on its way out.
    pub(crate) fn leader(&self, app: &str) -> Option<&Unit> {
        self.units_of(app).find(|unit| !unit.is_dying()).or_else(|| self.units_of(app).next())
    }

    pub(crate) fn is_leader(&self, unit: &UnitName) -> bool {
        self.leader(&unit.app).is_some_and(|leader| leader.name == *unit)
    }

    /// The application's status: the leader's word, else the worst unit's.
    pub(crate) fn status_of(&self, app: &Application) -> Status {
        if let Some(status) = &app.status {
            return status.clone();
        }
        let mut worst: Option<&Status> = None;
        for status in self.units_of(&app.name).map(Unit::shown_workload) {
            if worst.is_none_or(|worst| severity(&status.current) > severity(&worst.current)) {
                worst = Some(status);
            }
        }
        worst.cloned().unwrap_or(Status::new("unknown", "", app.created))
    }

    pub(crate) fn relations_of<'a>(&'a self, app: &'a str) -> impl Iterator<Item = &'a Relation> {
        self.relations.values().filter(move |relation| relation.endpoint_of(app).is_some())
    }

    /// A hook's name for a unit, or `None` if its relation is gone.
    pub(crate) fn hook_name(&self, unit: &UnitName, hook: &Hook) -> Option<String> {
        let Some(id) = hook.relation() else { return Some(hook.kind().into()) };
        let side = self.relations.get(&id)?.endpoint_of(&unit.app)?;
        Some(format!("{}-{}", side.endpoint.name, hook.kind()))
    }

    /// A configuration value of the model, with its default.
    pub(crate) fn setting<'a>(&'a self, key: &str, default: &'a str) -> &'a str {
        self.config.get(key).map_or(default, String::as_str)
    }

    /// Whether `logging-config` lets such a line through.
    pub(crate) fn is_logged(&self, module: &str, level: Level) -> bool {
        log::is_logged(self.setting("logging-config", log::DEFAULT_LOGGING), module, level)
    }

    /// Notes a log line of a unit, if it is logged at all.
    pub(crate) fn log(&mut self, unit: &UnitName, level: Level, module: &str, message: impl Into<String>) {
        self.log_line(unit, level, module, message.into(), None);
    }

    /// The same for a message that lies in a file of its own.
    pub(crate) fn log_file(&mut self, unit: &UnitName, level: Level, module: &str, file: String) {
        self.log_line(unit, level, module, String::new(), Some(file));
    }

    fn log_line(
        &mut self,
        unit: &UnitName,
        level: Level,
        module: &str,
        message: String,
        file: Option<String>,
    ) {
        if self.is_logged(module, level) {
            let (time, entity, module) = (self.now, unit.tag(), module.to_owned());
            self.news.lines.push(Line { time, entity, level, module, message, file });
        }
    }

    /// Sets what a unit's charm says about itself, or the agent in its place.
    pub(crate) fn set_workload(&mut self, unit: &UnitName, current: &str, message: &str) {
        let status = Status::new(current, message, self.now);
        self.note(unit, ChangeKind::Workload, &status);
        if let Some(unit) = self.units.get_mut(unit) {
            unit.workload = status;
        }
    }

    /// Sets what a unit's agent does. An agent in `error` shows as its workload's error.
    pub(crate) fn set_agent(&mut self, unit: &UnitName, status: Status) {
        let kind = if status.current == "error" { ChangeKind::Workload } else { ChangeKind::Agent };
        self.note(unit, kind, &status);
        if let Some(unit) = self.units.get_mut(unit) {
            unit.agent_status = status;
        }
    }

    fn note(&mut self, unit: &UnitName, kind: ChangeKind, status: &Status) {
        self.news.changes.push(Change {
            unit: unit.clone(),
            kind,
            current: status.current.clone(),
            message: status.message.clone(),
            since: status.since,
        });
    }
}
