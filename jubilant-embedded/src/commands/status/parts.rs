//! What both ways to show a status ask of a model.

use crate::model::Model;
use crate::model::application::Application;
use crate::model::unit::Unit;

/// The machines by number, each with its unit.
pub(super) fn machines(model: &Model) -> impl Iterator<Item = (u32, &Application, &Unit)> {
    let entry = |unit| {
        let unit: &Unit = unit;
        Some((unit.place.machine()?, model.applications.get(&unit.name.app)?, unit))
    };
    let mut machines: Vec<(u32, &Application, &Unit)> = model.units.values().filter_map(entry).collect();
    machines.sort_by_key(|(number, ..)| *number);
    machines.into_iter()
}

/// `3` of machine 3: its instance and host name.
pub(super) fn instance(model: &Model, machine: u32) -> String {
    format!("juju-{}-{machine}", model.uuid.split('-').next().unwrap_or("embedded"))
}

/// The relations of an application that its status shows: `(endpoint, other application, interface)`.
pub(super) fn relations_of<'a>(model: &'a Model, app: &'a str) -> Vec<(&'a str, &'a str, &'a str)> {
    let mut found: Vec<_> = model
        .relations_of(app)
        .filter_map(|relation| {
            let side = relation.endpoint_of(app)?;
            let other = relation.other_side(app)?;
            Some((side.endpoint.name.as_str(), other.app.as_str(), side.endpoint.interface.as_str()))
        })
        .collect();
    found.sort();
    found
}
