//! `juju integrate` and `juju remove-relation`: which endpoints are meant.

use super::Model;
use super::charm::{Endpoint, Role};
use super::life::Life;
use super::relation::{Relation, Side};
use crate::ground::failure::{Failure, fail};

/// `app` or `app:endpoint`.
fn split(argument: &str) -> (&str, Option<&str>) {
    argument.split_once(':').map_or((argument, None), |(app, endpoint)| (app, Some(endpoint)))
}

fn fits(one: &Endpoint, other: &Endpoint) -> bool {
    let roles =
        matches!((one.role, other.role), (Role::Provider, Role::Requirer) | (Role::Requirer, Role::Provider));
    roles && one.interface == other.interface
}

impl Model {
    /// Relates two applications.
    pub(crate) fn integrate(&mut self, one: &str, other: &str) -> Result<(), Failure> {
        let (left, right) = self.pair(one, other)?;
        for side in [&left, &right] {
            if self.application(&side.app)?.life == Life::Dying {
                fail!("cannot add relation \"{one} {other}\": application \"{}\" is not alive", side.app);
            }
            self.check_limit(side)?;
        }
        let key = Relation::new(0, vec![left.clone(), right.clone()]).key();
        if self.relations.values().any(|known| known.key() == key) {
            fail!("cannot add relation \"{key}\": relation already exists (already exists)");
        }
        self.add_relation(vec![left, right]);
        Ok(())
    }

    fn check_limit(&self, side: &Side) -> Result<(), Failure> {
        let same = |known: &Side| known.app == side.app && known.endpoint.name == side.endpoint.name;
        let count = self.relations.values().filter(|relation| relation.sides.iter().any(same)).count();
        if side.endpoint.limit.is_some_and(|limit| count >= limit) {
            let (app, endpoint) = (&side.app, &side.endpoint.name);
            fail!("establishing a new relation for {app}:{endpoint} would exceed its maximum relation limit");
        }
        Ok(())
    }

    /// The one pair of endpoints that two arguments mean.
    fn pair(&self, one: &str, other: &str) -> Result<(Side, Side), Failure> {
        let (left, right) = (self.candidates(one)?, self.candidates(other)?);
        let pairs: Vec<(&Side, &Side)> = left
            .iter()
            .flat_map(|side| right.iter().map(move |other| (side, other)))
            // As in Juju, no application is related to itself.
            .filter(|(side, other)| side.app != other.app && fits(&side.endpoint, &other.endpoint))
            .collect();
        match pairs.as_slice() {
            [(side, other)] => Ok(((*side).clone(), (*other).clone())),
            [] => fail!("no relations found"),
            many => {
                let line = |(side, other): &(&Side, &Side)| {
                    let (one, two) = (&side.endpoint.name, &other.endpoint.name);
                    format!("\n\t{}:{one} {}:{two}", side.app, other.app)
                };
                let text: String = many.iter().map(line).collect();
                fail!("ambiguous relation: \"{one} {other}\" could refer to one of:{text}")
            }
        }
    }

    /// The endpoints that an argument may mean.
    fn candidates(&self, argument: &str) -> Result<Vec<Side>, Failure> {
        let (name, wanted) = split(argument);
        let app = self.application(name)?;
        if let Some(wanted) = wanted
            && !app.charm.endpoints.contains_key(wanted)
        {
            fail!("application \"{name}\" has no \"{wanted}\" relation (not found)");
        }
        let endpoints = app.charm.endpoints.values();
        let meant = endpoints.filter(|endpoint| wanted.is_none_or(|wanted| endpoint.name == wanted));
        Ok(meant.map(|endpoint| Side { app: name.to_owned(), endpoint: endpoint.clone() }).collect())
    }

    /// Ends the one relation between two applications that the arguments mean.
    pub(crate) fn disintegrate(&mut self, one: &str, other: &str, force: bool) -> Result<(), Failure> {
        let has = |relation: &Relation, argument: &str| {
            let (app, endpoint) = split(argument);
            let side = relation.endpoint_of(app);
            side.is_some_and(|side| endpoint.is_none_or(|endpoint| side.endpoint.name == endpoint))
        };
        let named = |relation: &&Relation| !relation.is_peer() && has(relation, one) && has(relation, other);
        let found: Vec<u32> = self.relations.values().filter(named).map(|relation| relation.id).collect();
        match found.as_slice() {
            [id] => self.destroy_relation(*id, force),
            [] => fail!("relation \"{one} {other}\" not found (not found)"),
            _ => fail!("\"{one} {other}\" means several relations: name the endpoints, as app:endpoint"),
        }
    }
}
