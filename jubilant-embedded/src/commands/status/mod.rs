//! `juju status`

pub(super) mod json;
mod parts;
mod table;

use std::collections::BTreeSet;

use super::call::Call;
use crate::ground::failure::{Failure, unsupported};
use crate::ground::name::UnitName;
use crate::ground::yaml;
use crate::model::Model;

pub(super) fn status(call: &mut Call<'_>) -> Result<i32, Failure> {
    // There is no connection that could fail and be tried again.
    let _: (Option<u32>, _) = (call.args.number("retry-count")?, call.args.duration("retry-delay")?);
    let relations = call.args.has("relations") | call.args.has("integrations");
    let patterns = call.args.positionals.clone();
    let mut model = call.look(|model| Ok(model.clone()))?;
    let nothing = !patterns.is_empty() && !select(&mut model, &patterns);
    let text = match call.args.get("format").unwrap_or("tabular") {
        "json" => format!("{}\n", json::status(&model)),
        "yaml" => yaml::to_string(&json::status(&model)),
        "short" | "oneline" | "line" => table::lines(&model),
        "summary" => return Err(unsupported("\"status --format summary\"")),
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
    let mut kept: BTreeSet<UnitName> = BTreeSet::new();
    let mut apps: BTreeSet<String> = BTreeSet::new();
    for pattern in patterns {
        for app in model.applications.values() {
            if matches(pattern, &app.name) || model.status_of(app).current == *pattern {
                apps.insert(app.name.clone());
                kept.extend(model.units_of(&app.name).map(|unit| unit.name.clone()));
            }
        }
        for unit in model.units.values() {
            let leader =
                pattern.strip_suffix("/leader") == Some(&unit.name.app) && model.is_leader(&unit.name);
            let machine = unit.place.machine().is_some_and(|machine| machine.to_string() == *pattern);
            let named = matches(pattern, &unit.name.to_string()) || leader || machine;
            if named || unit.shown_workload().current == *pattern {
                kept.insert(unit.name.clone());
            }
        }
    }
    apps.extend(kept.iter().map(|unit| unit.app.clone()));
    model.units.retain(|name, _| kept.contains(name));
    model.applications.retain(|name, _| apps.contains(name));
    !model.applications.is_empty()
}
