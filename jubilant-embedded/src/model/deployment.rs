//! Applications and units come into being, and get new charms.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use serde_json::Value;

use super::application::Application;
use super::charm::{Charm, Role};
use super::life::Life;
use super::place::Place;
use super::relation::{Relation, Side};
use super::unit::Unit;
use super::{Model, take};
use crate::ground::failure::{Failure, fail};
use crate::ground::name::UnitName;

impl Model {
    /// Refuses a name that is taken, and anything new in a model that ends.
    pub(crate) fn check_new_application(&self, name: &str) -> Result<(), Failure> {
        if self.is_dying() {
            fail!("cannot deploy \"{name}\": the model is being destroyed");
        }
        if self.applications.contains(name) {
            fail!("cannot add application \"{name}\": application already exists (already exists)");
        }
        Ok(())
    }

    /// Local charms of one name are numbered within the model.
    pub(crate) fn next_revision(&mut self, charm: &str) -> u32 {
        take(self.counters.revision.entry(charm.to_owned()).or_default())
    }

    /// Adds an application with its peer relations, and a unit for each address.
    pub(crate) fn add_application(&mut self, app: Application, addresses: &[Ipv4Addr]) {
        let name = app.name.clone();
        self.applications.insert(name.clone(), app);
        self.add_peers(&name);
        for address in addresses {
            self.add_unit(&name, *address);
        }
    }

    /// Adds a unit on a machine of its own.
    pub(crate) fn add_unit(&mut self, app: &str, address: Ipv4Addr) {
        let number = take(self.counters.unit.entry(app.to_owned()).or_default());
        let place = Place::Machine { number: take(&mut self.counters.machine), address };
        let unit = Unit::new(UnitName::new(app, number), place, self.now);
        let (name, workload, agent) = (unit.name.clone(), unit.workload.clone(), unit.agent_status.clone());
        self.units.insert(name.clone(), unit);
        self.set_workload(&name, &workload.current, &workload.message);
        self.set_agent(&name, agent);
    }

    /// Refuses to add units to what is not there or ends.
    pub(crate) fn check_new_units(&self, app: &str) -> Result<(), Failure> {
        match self.application(app)?.life {
            Life::Alive => Ok(()),
            Life::Dying => {
                fail!("cannot add unit to application \"{app}\": application is not alive")
            }
        }
    }

    /// Refuses a charm without an endpoint that is in use.
    pub(crate) fn check_refresh(&self, name: &str, charm: &Charm) -> Result<(), Failure> {
        for relation in self.relations_of(name).filter(|relation| !relation.is_peer()) {
            let Some(side) = relation.endpoint_of(name) else { continue };
            let new = charm.endpoints.get(&side.endpoint.name);
            let (role, interface) = (side.endpoint.role, &side.endpoint.interface);
            if new.is_none_or(|new| (new.role, &new.interface) != (role, interface)) {
                fail!("cannot upgrade application \"{name}\": would break relation \"{}\"", relation.key());
            }
        }
        Ok(())
    }

    /// Gives an application a new charm, which its units are to unpack.
    pub(crate) fn refresh(
        &mut self,
        name: &str,
        charm: Charm,
        revision: u32,
        config: BTreeMap<String, Value>,
    ) -> Result<&mut Application, Failure> {
        let app = self.application_mut(name)?;
        // Values of options that the new charm lacks or types otherwise go back to the default.
        app.config
            .retain(|key, value| charm.options.get(key).is_some_and(|option| option.accept(value).is_some()));
        app.config.extend(config);
        app.config_version += 1;
        app.charm = Arc::new(charm);
        app.revision = revision;
        self.add_peers(name);
        self.application_mut(name)
    }

    /// Adds the peer relations that the application's charm has and the model does not know yet.
    fn add_peers(&mut self, name: &str) {
        let Some(charm) = self.applications.get(name).map(|app| Arc::clone(&app.charm)) else { return };
        for endpoint in charm.endpoints.values().filter(|endpoint| endpoint.role == Role::Peer) {
            let is_known = self.relations_of(name).any(|relation| {
                relation.is_peer() && relation.sides.iter().any(|side| side.endpoint.name == endpoint.name)
            });
            if !is_known {
                let side = Side { app: name.to_owned(), endpoint: endpoint.clone() };
                self.add_relation(vec![side]);
            }
        }
    }

    pub(super) fn add_relation(&mut self, sides: Vec<Side>) {
        let id = take(&mut self.counters.relation);
        self.relations.insert(id, Relation::new(id, sides));
    }
}
