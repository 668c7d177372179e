//! What users ask for.

use std::net::Ipv4Addr;

use super::super::task::What;
use super::Walk;
use super::samples::{application, charm};
use crate::ground::failure::Failure;
use crate::ground::name::UnitName;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;

impl Walk<'_> {
    /// A command; one that is refused changes nothing.
    pub(super) fn command(&mut self) {
        self.stories.asked = true;
        let before = self.model.clone();
        let (text, result) = self.some_command();
        self.note(|| format!("{text}: {result:?}"));
        if result.is_err() {
            self.model = before;
        }
    }

    fn some_command(&mut self) -> (String, Result<(), Failure>) {
        let app = NAMES[self.dice.below(NAMES.len())];
        let force = self.dice.once_in(4);
        let unit = self.dice.one_of(self.model.units.keys().cloned().collect());
        match (self.dice.below(20), unit) {
            (0..4, _) => (format!("deploy {app}"), self.deploy(app)),
            (4..9, _) => self.relate(app),
            (9, _) => self.unrelate(force),
            (10, _) => (format!("add-unit {app}"), self.add_unit(app)),
            (11, Some(unit)) => {
                self.model.destroy_unit(&unit, force);
                (format!("remove-unit {unit} {force}"), Ok(()))
            }
            (12, _) if self.dice.once_in(4) => {
                self.model.destroy_application(app, force);
                (format!("remove-application {app} {force}"), Ok(()))
            }
            (13, _) => (format!("config {app}"), self.configure(app)),
            (14, _) => (format!("refresh {app}"), self.refresh(app)),
            (15..17, Some(unit)) => {
                let operation = self.model.next_operation();
                self.model.schedule(operation, unit.clone(), What::Exec { command: "true".into() });
                (format!("exec {unit}"), Ok(()))
            }
            (17.., Some(unit)) => {
                let failed = self.model.units.keys().find(|unit| self.model.is_in_error(unit)).cloned();
                self.resolve(&failed.unwrap_or(unit), force);
                (format!("resolved, retry {force}"), Ok(()))
            }
            _ => ("nothing".to_owned(), Ok(())),
        }
    }

    fn deploy(&mut self, app: &str) -> Result<(), Failure> {
        self.model.check_new_application(app)?;
        let charm = charm(app, self.dice.once_in(2));
        let units = vec![HERE; self.dice.below(4)];
        self.model.add_application(application(app, charm, self.model.now), &units);
        Ok(())
    }

    fn relate(&mut self, app: &str) -> (String, Result<(), Failure>) {
        let other = NAMES[self.dice.below(NAMES.len())];
        let pairs =
            [(":db", ":store"), (":proxy", ":site"), ("", ""), (":db", ":proxy"), (":peers", ":peers")];
        let (here, there) = pairs[self.dice.below(10).saturating_sub(5)];
        let (one, two) = (format!("{app}{here}"), format!("{other}{there}"));
        (format!("integrate {one} {two}"), self.model.integrate(&one, &two))
    }

    fn unrelate(&mut self, force: bool) -> (String, Result<(), Failure>) {
        let keys = self.model.relations.values().map(|relation| relation.key()).collect();
        let key: String = self.dice.one_of(keys).unwrap_or_default();
        let (one, two) = key.split_once(' ').unwrap_or((&key, &key));
        (format!("remove-relation {key} {force}"), self.model.disintegrate(one, two, force))
    }

    fn add_unit(&mut self, app: &str) -> Result<(), Failure> {
        self.model.check_new_units(app)?;
        if self.model.units_of(app).count() < 4 {
            self.model.add_unit(app, HERE);
        }
        Ok(())
    }

    fn configure(&mut self, app: &str) -> Result<(), Failure> {
        let value = self.dice.below(3).into();
        self.model.application_mut(app)?.configure([("level".to_owned(), value)].into(), &[])
    }

    fn refresh(&mut self, app: &str) -> Result<(), Failure> {
        let charm = charm(app, self.dice.once_in(2));
        self.model.check_refresh(app, &charm)?;
        let revision = self.model.application(app)?.revision + 1;
        self.model.refresh(app, charm, revision, Default::default()).map(drop)
    }

    pub(super) fn resolve(&mut self, unit: &UnitName, retry: bool) {
        let done = self.model.resolve(unit, retry);
        self.note(|| format!("resolved {unit} {retry}: {done:?}"));
        if done.is_ok() && !retry {
            self.stories.hook_is_skipped(&self.model, unit);
            // A task goes on, a retry of the hook for nothing.
            if let Some(busy) = self.busy.get_mut(unit) {
                busy.void = !matches!(busy.step, super::Step::Task(_));
            }
        }
    }
}
