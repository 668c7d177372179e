//! How things end: first they are no longer wanted, then they go when nothing needs them.

use super::hook::Hook;
use super::life::Life;
use super::relation::{Presence, Relation};
use super::task::{self, Task};
use super::unit::Unit;
use super::{Destruction, Model};
use crate::ground::failure::{Failure, fail, unsupported};
use crate::ground::name::UnitName;

impl Model {
    /// Ends everything: applications and with them their relations and units.
    pub(crate) fn destroy(&mut self, how: Destruction) {
        let before = self.destruction.unwrap_or_default();
        self.destruction =
            Some(Destruction { forced: before.forced || how.forced, at_once: before.at_once || how.at_once });
        let names: Vec<String> = self.applications.keys().cloned().collect();
        for name in names {
            self.destroy_application(&name, false);
        }
    }

    /// Marks an application, its units and its relations as dying.
    pub(crate) fn destroy_application(&mut self, name: &str, force: bool) {
        let Some(app) = self.applications.get_mut(name) else { return };
        app.life = Life::Dying;
        self.units.change_where(
            |unit, _| unit.app == name,
            |unit| {
                unit.life = Life::Dying;
                unit.agent.forced |= force;
            },
        );
        self.relations.change_where(
            |_, relation| relation.endpoint_of(name).is_some() && !relation.is_peer(),
            |relation| relation.life = Life::Dying,
        );
        self.sweep();
    }

    /// Marks a unit as dying; returns whether there is one.
    pub(crate) fn destroy_unit(&mut self, name: &UnitName, force: bool) -> bool {
        let Some(unit) = self.units.get_mut(name) else { return false };
        unit.life = Life::Dying;
        unit.agent.forced |= force;
        true
    }

    /// Marks a relation as dying. By force, its own hooks are passed over when they fail.
    pub(crate) fn destroy_relation(&mut self, id: u32, force: bool) -> Result<(), Failure> {
        let Some(relation) = self.relations.get_mut(&id).filter(|relation| !relation.is_peer()) else {
            fail!("relation {id} not found (not found)")
        };
        relation.life = Life::Dying;
        relation.forced |= force;
        let key = relation.key();
        if force && let Some(unit) = self.held_up_elsewhere(id) {
            return Err(unsupported(&format!(
                "\"remove-relation --force\" of {key} while unit {unit} is in error"
            )));
        }
        self.sweep();
        Ok(())
    }

    /// A unit of the relation's applications that is in error for another reason.
    fn held_up_elsewhere(&self, id: u32) -> Option<&UnitName> {
        let relation = self.relations.get(&id)?;
        let elsewhere = |unit: &&Unit| {
            let failed = unit.agent.current.as_ref().and_then(Hook::relation);
            unit.agent.failure.is_some() && failed != Some(id)
        };
        let mut units = relation.sides.iter().flat_map(|side| self.units_of(&side.app));
        units.find(elsewhere).map(|unit| &unit.name)
    }

    /// Removes a unit that is gone, and with it whatever waited for it.
    pub(crate) fn forget_unit(&mut self, name: &UnitName) {
        self.units.remove(name);
        self.relations.change_where(
            |_, relation| relation.units.contains_key(name),
            |relation| relation.set_presence(name, Presence::Left),
        );
        let now = self.now;
        let waits = |_: &u32, task: &Task| task.unit == *name && !task.is_finished();
        let message = || Some("unit was removed".to_owned());
        self.tasks.change_where(waits, |task| task.finish(task::State::Aborted, message(), now));
        self.sweep();
    }

    /// Removes dying relations that no unit is in, then dying applications without units and relations.
    pub(super) fn sweep(&mut self) {
        let is_over = |relation: &Relation| relation.life == Life::Dying && relation.is_empty();
        let over: Vec<u32> =
            self.relations.values().filter(|one| is_over(one)).map(|relation| relation.id).collect();
        over.into_iter().for_each(|id| self.forget_relation(id));
        let is_needed = |name: &str| {
            self.units_of(name).next().is_some()
                || self.relations_of(name).any(|relation| !relation.is_peer())
        };
        let applications = self.applications.values();
        let gone: Vec<String> = applications
            .filter(|app| app.life == Life::Dying && !is_needed(&app.name))
            .map(|app| app.name.clone())
            .collect();
        for name in gone {
            self.relations.retain(|_, relation| relation.endpoint_of(&name).is_none());
            self.applications.remove(&name);
        }
    }

    /// Removes a relation that is over from every memory.
    fn forget_relation(&mut self, id: u32) {
        self.relations.remove(&id);
        self.units.change_where(
            |_, unit| {
                unit.agent.relations.contains_key(&id)
                    || unit.agent.queued.iter().any(|hook| hook.relation() == Some(id))
            },
            |unit| {
                unit.agent.relations.remove(&id);
                unit.agent.queued.retain(|hook| hook.relation() != Some(id));
            },
        );
    }
}
