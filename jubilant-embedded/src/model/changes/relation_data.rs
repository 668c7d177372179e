//! Settings written to relations.

use std::collections::BTreeMap;

use crate::ground::name::UnitName;
use crate::model::Model;
use crate::model::relation::{Bag, Settings};

/// Settings by relation: the unit's own, and its application's.
#[derive(Debug, Clone, Default)]
pub(crate) struct RelationChanges {
    unit: BTreeMap<u32, Settings>,
    application: BTreeMap<u32, Settings>,
}

impl RelationChanges {
    pub(crate) fn write_unit(&mut self, relation: u32, settings: Settings) {
        self.unit.entry(relation).or_default().extend(settings);
    }

    pub(crate) fn write_application(&mut self, relation: u32, settings: Settings) {
        self.application.entry(relation).or_default().extend(settings);
    }

    /// The unit's own settings as they will be.
    pub(crate) fn over_unit(&self, relation: u32, bag: &Bag) -> Settings {
        over(bag, self.unit.get(&relation))
    }

    /// The application's settings as they will be.
    pub(crate) fn over_application(&self, relation: u32, bag: &Bag) -> Settings {
        over(bag, self.application.get(&relation))
    }

    pub(super) fn apply(&self, model: &mut Model, unit: &UnitName) {
        for (id, settings) in &self.unit {
            let relation = model.relations.get_mut(id);
            if let Some(member) = relation.and_then(|relation| relation.units.get_mut(unit)) {
                member.bag.apply(settings);
            }
        }
        for (id, settings) in &self.application {
            let Some(relation) = model.relations.get_mut(id) else { continue };
            relation.applications.entry(unit.app.clone()).or_default().apply(settings);
        }
    }
}

fn over(bag: &Bag, writes: Option<&Settings>) -> Settings {
    let mut bag = bag.clone();
    if let Some(writes) = writes {
        bag.apply(writes);
    }
    bag.settings
}
