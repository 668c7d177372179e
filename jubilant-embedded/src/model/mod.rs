//! What the controller knows: pure data and the rules on it. Nothing here touches a process; only [`store`]
//! and [`log`] touch files.

pub(crate) mod application;
mod assumes;
pub(crate) mod charm;
pub(crate) mod hook;
pub(crate) mod limits;
pub(crate) mod log;
pub(crate) mod relation;
pub(crate) mod status;
pub(crate) mod store;
pub(crate) mod task;
pub(crate) mod time;
pub(crate) mod unit;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use application::Application;
use log::ChangeKind;
use relation::Relation;
use status::Status;
use task::Task;
use time::Timestamp;
use unit::Unit;

/// Whether something is still wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Life {
    Alive,
    Dying,
}

/// One model.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Model {
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) life: Life,
    pub(crate) created: Timestamp,
    /// What was set with `model-config`; see [`config`](crate::commands::model_config) for the defaults.
    pub(crate) config: BTreeMap<String, String>,
    pub(crate) constraints: String,
    pub(crate) applications: BTreeMap<String, Application>,
    pub(crate) relations: BTreeMap<u32, Relation>,
    pub(crate) tasks: BTreeMap<u32, Task>,
    /// Machines, relations and operations are numbered from 0 and a number is never used twice.
    pub(crate) next_machine: u32,
    pub(crate) next_relation: u32,
    /// Operations and their tasks share one sequence.
    pub(crate) next_operation: u32,
    /// Unit numbers go on after an application was removed and deployed again under the same name.
    pub(crate) next_unit: BTreeMap<String, u32>,
    /// Local charms are numbered by charm name.
    pub(crate) next_revision: BTreeMap<String, u32>,
    /// `destroy-model --force`: a hook that fails no longer holds up the end.
    #[serde(default)]
    pub(crate) forced: bool,
    /// Log lines and status changes that [`store::save`] is to append to their files.
    #[serde(skip)]
    pub(crate) lines: Vec<log::Line>,
    #[serde(skip)]
    pub(crate) changes: Vec<log::Change>,
}

impl Model {
    pub(crate) fn new(uuid: String, name: String, config: BTreeMap<String, String>) -> Self {
        Self {
            uuid,
            name,
            life: Life::Alive,
            created: Timestamp::now(),
            config,
            constraints: String::new(),
            applications: BTreeMap::new(),
            relations: BTreeMap::new(),
            tasks: BTreeMap::new(),
            next_machine: 0,
            next_relation: 0,
            next_operation: 1,
            next_unit: BTreeMap::new(),
            next_revision: BTreeMap::new(),
            forced: false,
            lines: Vec::new(),
            changes: Vec::new(),
        }
    }

    pub(crate) fn unit(&self, name: &str) -> Option<&Unit> {
        self.applications.get(unit::application_of(name))?.units.get(&unit::number_of(name)?)
    }

    pub(crate) fn unit_mut(&mut self, name: &str) -> Option<&mut Unit> {
        self.applications.get_mut(unit::application_of(name))?.units.get_mut(&unit::number_of(name)?)
    }

    pub(crate) fn units(&self) -> impl Iterator<Item = &Unit> {
        self.applications.values().flat_map(|app| app.units.values())
    }

    /// The application's leader: the lowest unit that is alive, else the last one on its way out.
    pub(crate) fn leader(&self, app: &str) -> Option<&Unit> {
        self.applications.get(app)?.leader()
    }

    pub(crate) fn is_leader(&self, unit: &str) -> bool {
        self.leader(unit::application_of(unit)).is_some_and(|leader| leader.name == unit)
    }

    pub(crate) fn relations_of<'a>(&'a self, app: &'a str) -> impl Iterator<Item = &'a Relation> {
        self.relations.values().filter(move |relation| relation.endpoint_of(app).is_some())
    }

    pub(crate) fn next_operation_id(&mut self) -> u32 {
        self.next_operation += 1;
        self.next_operation - 1
    }

    /// Ends everything: applications and with them their relations and units.
    pub(crate) fn destroy(&mut self, force: bool) {
        self.life = Life::Dying;
        self.forced |= force;
        let names: Vec<String> = self.applications.keys().cloned().collect();
        for name in names {
            self.remove_application(&name);
        }
    }

    /// Marks an application, its units and its relations as dying.
    pub(crate) fn remove_application(&mut self, name: &str) {
        let Some(app) = self.applications.get_mut(name) else { return };
        app.life = Life::Dying;
        for unit in app.units.values_mut() {
            unit.life = Life::Dying;
        }
        for relation in self.relations.values_mut() {
            if relation.endpoint_of(name).is_some() && !relation.is_peer() {
                relation.life = Life::Dying;
            }
        }
        self.sweep();
    }

    /// Removes a unit that is gone, and with it whatever waited for it.
    pub(crate) fn remove_unit(&mut self, name: &str) {
        if let (Some(app), Some(number)) =
            (self.applications.get_mut(unit::application_of(name)), unit::number_of(name))
        {
            app.units.shift_remove(&number);
        }
        for relation in self.relations.values_mut() {
            if let Some(member) = relation.units.get_mut(name) {
                member.presence = relation::Presence::Left;
            }
        }
        let now = Timestamp::now();
        for task in self.tasks.values_mut().filter(|task| task.unit == name && !task.is_finished()) {
            task.finish(task::State::Aborted, Some("unit was removed".into()), now);
        }
        self.sweep();
    }

    /// Removes dying relations that no unit is in, then dying applications without units.
    pub(crate) fn sweep(&mut self) {
        self.relations.retain(|_, relation| relation.life == Life::Alive || !relation.is_empty());
        let gone: Vec<String> = self
            .applications
            .values()
            .filter(|app| app.life == Life::Dying && app.units.is_empty())
            .map(|app| app.name.clone())
            .collect();
        for name in gone {
            self.relations.retain(|_, relation| relation.endpoint_of(&name).is_none());
            self.applications.remove(&name);
        }
    }

    /// A configuration value of the model, with its default.
    pub(crate) fn setting<'a>(&'a self, key: &str, default: &'a str) -> &'a str {
        self.config.get(key).map_or(default, String::as_str)
    }

    /// Notes a log line, if `logging-config` lets it through.
    pub(crate) fn log(&mut self, entity: &str, level: log::Level, module: &str, message: impl Into<String>) {
        if log::is_logged(self.setting("logging-config", DEFAULT_LOGGING), module, level) {
            self.lines.push(log::Line {
                time: Timestamp::now(),
                entity: entity.into(),
                level,
                module: module.into(),
                message: message.into(),
            });
        }
    }

    /// Sets what a unit's charm says about itself.
    pub(crate) fn set_workload(&mut self, unit: &str, status: Status) {
        self.note(unit, ChangeKind::Workload, &status);
        if let Some(unit) = self.unit_mut(unit) {
            unit.workload = status;
        }
    }

    /// Sets what a unit's agent does. An agent in `error` shows as its workload's error.
    pub(crate) fn set_agent(&mut self, unit: &str, status: Status) {
        let kind = if status.current == "error" { ChangeKind::Workload } else { ChangeKind::Agent };
        self.note(unit, kind, &status);
        if let Some(unit) = self.unit_mut(unit) {
            unit.agent_status = status;
        }
    }

    fn note(&mut self, unit: &str, kind: ChangeKind, status: &Status) {
        self.changes.push(log::Change {
            unit: unit.into(),
            kind,
            current: status.current.clone(),
            message: status.message.clone(),
            since: status.since,
        });
    }
}

/// Juju's default `logging-config`.
pub(crate) const DEFAULT_LOGGING: &str = "<root>=INFO";
