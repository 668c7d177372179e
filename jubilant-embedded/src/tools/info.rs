//! What a charm asks about itself: config, leadership, goal state, resources, version.

use std::fs::File;
use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::call::{Answer, Call};
use crate::ground::beneath::Dir;
use crate::ground::failure::{Failure, fail, misuse};
use crate::model::life::Life;
use crate::model::status::Status;
use crate::model::unit::Unit;

pub(super) fn is_leader(call: &Call<'_>) -> Answer {
    call.print(&Value::Bool(call.is_leader()?))
}

pub(super) fn config_get(call: &Call<'_>) -> Answer {
    let key = call.args.positionals.first().filter(|key| *key != "-");
    if let Some(key) = key.filter(|_| call.args.has("all")) {
        misuse!("cannot use argument --all together with argument \"{key}\"");
    }
    let value = call.look(|model, unit| {
        let Some(app) = model.applications.get(&unit.name.app) else { fail!("application not found") };
        Ok(match key {
            Some(key) => app.option(key).unwrap_or(Value::Null),
            None if call.args.has("all") => app
                .charm
                .options
                .keys()
                .map(|name| (name.clone(), app.option(name).unwrap_or(Value::Null)))
                .collect::<Map<_, _>>()
                .into(),
            None => app.settings().into(),
        })
    })?;
    call.print(&value)
}

pub(super) fn version_set(call: &Call<'_>) -> Answer {
    let version = call.args.first("version")?.to_owned();
    call.state.update(&call.context.model, |model| {
        let leads = model.is_leader(&call.context.unit);
        if let Some(unit) = model.units.get_mut(&call.context.unit) {
            unit.workload_version.clone_from(&version);
        }
        if let Some(app) = model.applications.get_mut(&call.context.unit.app)
            && (leads || app.workload_version.is_empty())
        {
            app.workload_version = version;
        }
        Ok(())
    })?;
    Ok(String::new())
}

pub(super) fn unit_get(call: &Call<'_>) -> Answer {
    match call.args.first("setting")? {
        "private-address" | "public-address" => {
            call.print(&call.look(|_, unit| Ok(Value::from(unit.place.address().to_string())))?)
        }
        other => fail!("unknown setting \"{other}\""),
    }
}

pub(super) fn resource_get(call: &Call<'_>) -> Answer {
    let name = call.args.first("resource name")?.to_owned();
    let (source, original) = call.look(|model, unit| {
        let Some(app) = model.applications.get(&unit.name.app) else { fail!("application not found") };
        let Some(spec) = app.charm.resources.get(&name) else {
            fail!("could not download resource: resource \"{name}\" not found")
        };
        let Some(resource) = app.resources.get(&name) else {
            fail!("could not download resource: resource#{}/{name} not found", app.name)
        };
        let file = if spec.filename.is_empty() { resource.original.clone() } else { spec.filename.clone() };
        let source = call.state.dir.model(&model.uuid).resource(&app.name, &name, resource.revision);
        Ok((source, file))
    })?;
    // The file name comes from a charm or from a user's file: only its last part counts.
    let Some(file) = Path::new(&original).file_name().and_then(|file| file.to_str()) else {
        misuse!("resource \"{name}\" has no file name")
    };
    let unit = call.state.dir.model(&call.context.model).unit(&call.context.unit);
    // The controller writes where the hook may have put links.
    let put = || -> io::Result<()> {
        Dir::open(unit.path())?.enter("resources")?.enter(&name)?.put(file, &mut File::open(&source)?)
    };
    put().map_err(|error| Failure::new(format!("could not download resource: {error}")))?;
    Ok(format!("{}\n", unit.resources().join(&name).join(file).display()))
}

pub(super) fn goal_state(call: &Call<'_>) -> Answer {
    let value = call.look(|model, unit| {
        let own = model.units_of(&unit.name.app);
        let units: Map<String, Value> = own.map(|unit| (unit.name.to_string(), goal_of(unit))).collect();
        let mut relations: Map<String, Value> = Map::new();
        for relation in model.relations_of(&unit.name.app).filter(|relation| !relation.is_peer()) {
            let (Some(side), Some(other)) =
                (relation.endpoint_of(&unit.name.app), relation.other_side(&unit.name.app))
            else {
                continue;
            };
            let Some(app) = model.applications.get(&other.app) else { continue };
            let entry = relations.entry(side.endpoint.name.clone()).or_insert_with(|| json!({}));
            let status = if relation.life == Life::Alive { "joined" } else { "dying" };
            entry[&other.app] = goal(&Status::new(status, "", app.created));
            for unit in model.units_of(&app.name) {
                entry[unit.name.to_string()] = goal_of(unit);
            }
        }
        Ok(json!({ "units": units, "relations": relations }))
    })?;
    call.print(&value)
}

fn goal_of(unit: &Unit) -> Value {
    if unit.is_dying() {
        return goal(&Status::new("dying", "", unit.workload.since));
    }
    goal(unit.shown_workload())
}

fn goal(status: &Status) -> Value {
    json!({ "status": status.current, "since": status.since.date_time() + "Z" })
}
