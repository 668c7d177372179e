//! `juju status`

pub(super) mod json;
mod table;

use std::collections::BTreeSet;

use super::Call;
use super::failure::Failure;
use crate::model::unit::application_of;
use crate::model::{Model, unit};
use crate::yaml;

pub(super) fn status(call: &mut Call<'_>) -> Result<i32, Failure> {
    // There is no connection that could fail and be tried again.
    let _: (Option<u32>, _) = (call.args.number("retry-count")?, call.args.duration("retry-delay")?);
    let relations = call.args.has("relations") | call.args.has("integrations");
    let patterns = call.args.positionals.clone();
    let uuid = call.model()?;
    let mut model = {
        let world = call.controller.world();
        let Some(model) = world.models.get(&uuid) else {
            super::failure::fail!("model not found, it may have been destroyed during this operation")
        };
        model.clone()
    };
    let nothing = !patterns.is_empty() && !select(&mut model, &patterns);
    let text = match call.args.get("format").unwrap_or("tabular") {
        "json" => format!("{}\n", json::status(&model)),
        "yaml" => yaml::to_string(&json::status(&model)),
        "short" | "oneline" | "line" => table::lines(&model),
        "summary" => return Err(super::unsupported("\"status --format summary\"")),
        _ => table::status(&model, relations),
    };
    call.write(text)?;
    if nothing {
        call.tell("Nothing matched specified filters.\n");
    }
    Ok(0)
}

/// Keeps what the patterns name: applications, units, machines, statuses. Returns whether anything is left.
fn select(model: &mut Model, patterns: &[String]) -> bool {
    let matches = |pattern: &str, text: &str| match pattern.strip_suffix('*') {
        Some(prefix) => text.starts_with(prefix),
        None => pattern == text,
    };
    let mut kept: BTreeSet<String> = BTreeSet::new();
    let mut apps: BTreeSet<String> = BTreeSet::new();
    for pattern in patterns {
        for app in model.applications.values() {
            if matches(pattern, &app.name) || app.shown_status().current == *pattern {
                apps.insert(app.name.clone());
                kept.extend(app.units.values().map(|unit| unit.name.clone()));
            }
        }
        for unit in model.units() {
            let leader =
                pattern.strip_suffix("/leader") == Some(unit.application()) && model.is_leader(&unit.name);
            let named = matches(pattern, &unit.name) || leader || unit.machine.to_string() == *pattern;
            if named || unit.shown_workload().current == *pattern {
                kept.insert(unit.name.clone());
            }
        }
    }
    apps.extend(kept.iter().map(|unit| application_of(unit).to_owned()));
    model.applications.retain(|name, app| {
        app.units.retain(|_, unit| kept.contains(&unit.name));
        apps.contains(name)
    });
    !model.applications.is_empty()
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

/// The number of a unit, for sorting.
pub(super) fn order(name: &str) -> (&str, Option<u32>) {
    (unit::application_of(name), unit::number_of(name))
}
