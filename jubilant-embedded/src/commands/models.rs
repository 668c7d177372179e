//! Models, and the end of the controller.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::failure::{Failure, fail, misuse, unsupported};
use super::{CLOUD, CONTROLLER, CONTROLLER_UUID, Call, VERSION, find_model, is_name, model_config, table};
use crate::controller;
use crate::model::{Life, Model};

pub(super) fn add(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("model name")?.to_owned();
    if !is_name(&name) {
        fail!(
            "\"{name}\" is not a valid name: model names may only contain lowercase letters, digits and hyphens"
        );
    }
    if let Some(cloud) = call.args.positionals.get(1)
        && ![CLOUD, CONTROLLER, &format!("{CLOUD}/{CLOUD}")].contains(&cloud.as_str())
    {
        return Err(unsupported(&format!("cloud \"{cloud}\"")));
    }
    let mut config = BTreeMap::new();
    for given in call.args.all("config") {
        match given.split_once('=') {
            Some((key, value)) => config.insert(key.to_owned(), value.to_owned()),
            None => {
                for (key, value) in model_config::read_file(&call.read(given)?)? {
                    config.insert(key, value);
                }
                None
            }
        };
    }
    for (key, value) in &config {
        model_config::check(key, value)?;
    }
    let model = Model::new(uuid::Uuid::new_v4().to_string(), name.clone(), config);
    call.controller.add_model(model, !call.args.has("no-switch"))?;
    call.tell(format!("Added '{name}' model on {CLOUD}/{CLOUD} for user 'admin'\n"));
    Ok(0)
}

pub(super) fn destroy(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("model name")?.to_owned();
    if !call.args.has("no-prompt") {
        misuse!("destroy-model asks nobody here: use --no-prompt");
    }
    let limit = limits(call)?;
    super::refuse_lone_no_wait(call)?;
    let uuid = find_model(call.controller.world().models.values(), &name)?.uuid.clone();
    let force = call.args.has("force");
    let now = call.args.has("no-wait") && force;
    destroy_one(call, &uuid, force, now)?;
    call.tell("Destroying model\n");
    let deadline = limit.map(|limit| Instant::now() + limit);
    loop {
        let tick = Instant::now() + Duration::from_secs(1);
        let gone = call.controller.wait(Some(deadline.map_or(tick, |end| end.min(tick))), |world| {
            (!world.models.contains_key(&uuid)).then_some(())
        });
        if gone.is_some() {
            call.tell("Model destroyed.\n");
            return Ok(0);
        }
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            fail!("timeout waiting for model \"{name}\" to be destroyed");
        }
        if !call.reply.is_open() || call.controller.is_ending() {
            fail!("connection is shut down");
        }
    }
}

/// The time limit of a destruction; refuses what cannot be said together.
fn limits(call: &Call<'_>) -> Result<Option<Duration>, Failure> {
    if call.args.has("destroy-storage") & call.args.has("release-storage") {
        misuse!("--destroy-storage and --release-storage cannot both be specified");
    }
    call.args.duration("timeout")
}

fn destroy_one(call: &Call<'_>, uuid: &str, force: bool, now: bool) -> Result<(), Failure> {
    let first = call.controller.update(uuid, |model| {
        let first = model.life == Life::Alive;
        model.destroy(force);
        Ok(first)
    })?;
    // A second command only waits; unless it comes to force what the first one could not do.
    if first || force {
        controller::models::bury(call.controller, uuid.to_owned(), now);
    }
    Ok(())
}

/// Ends the background process and everything it keeps.
pub(super) fn destroy_controller(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("controller name")?;
    if name != CONTROLLER {
        fail!("controller {name} not found");
    }
    if !call.args.has("no-prompt") {
        misuse!("destroy-controller asks nobody here: use --no-prompt");
    }
    let limit = limits(call)?;
    let uuids: Vec<String> = call.controller.world().models.keys().cloned().collect();
    for uuid in &uuids {
        let _ = destroy_one(call, uuid, true, true);
    }
    let deadline = limit.map(|limit| Instant::now() + limit);
    if call.controller.wait(deadline, |world| world.models.is_empty().then_some(())).is_none() {
        fail!("timeout waiting for the controller's models to be destroyed");
    }
    call.controller.end();
    Ok(0)
}

pub(super) fn list(call: &mut Call<'_>) -> Result<i32, Failure> {
    if let Some(other) = call.args.get("user").filter(|user| *user != "admin") {
        fail!("user \"{other}\" not found");
    }
    let with_uuid = call.args.has("uuid");
    let world = call.controller.world();
    let current = world.settings.current.clone();
    let models: Vec<Value> = world.models.values().map(summary).collect();
    let names: Vec<(String, String, usize)> = world
        .models
        .values()
        .map(|model| (model.name.clone(), model.uuid.clone(), model.units().count()))
        .collect();
    drop(world);
    let value = json!({ "models": models, "current-model": current });
    call.print(&value, || {
        let head = ["Model", "UUID", "Cloud/Region", "Type", "Status", "Units"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        for (name, uuid, units) in names {
            let star = if current.as_deref() == Some(&name) { "*" } else { "" };
            let row = [
                name + star,
                uuid,
                format!("{CLOUD}/{CLOUD}"),
                CLOUD.into(),
                "available".into(),
                units.to_string(),
            ];
            rows.push(row.to_vec());
        }
        if !with_uuid {
            rows.iter_mut().for_each(|row| drop(row.remove(1)));
        }
        format!("Controller: {CONTROLLER}\n\n{}", table(&rows))
    })
}

fn summary(model: &Model) -> Value {
    let status = if model.life == Life::Alive { "available" } else { "destroying" };
    json!({
        "name": format!("admin/{}", model.name),
        "short-name": model.name,
        "model-uuid": model.uuid,
        "model-type": "iaas",
        "controller-uuid": CONTROLLER_UUID,
        "controller-name": CONTROLLER,
        "is-controller": false,
        "owner": "admin",
        "cloud": CLOUD,
        "region": CLOUD,
        "type": CLOUD,
        "life": if model.life == Life::Alive { "alive" } else { "dying" },
        "status": { "current": status, "since": model.created.date_time() },
        "users": { "admin": { "access": "admin", "last-connection": "just now" } },
        "agent-version": VERSION,
    })
}

pub(super) fn show(call: &mut Call<'_>) -> Result<i32, Failure> {
    if let Some(name) = call.args.positionals.first().cloned() {
        let summary = summary(find_model(call.controller.world().models.values(), &name)?);
        return show_one(call, summary);
    }
    let summary = call.look(|model| Ok(summary(model)))?;
    show_one(call, summary)
}

fn show_one(call: &mut Call<'_>, summary: Value) -> Result<i32, Failure> {
    let name = summary["short-name"].as_str().unwrap_or_default().to_owned();
    let value = Value::Object(Map::from_iter([(name, summary)]));
    call.print(&value, || crate::yaml::to_string(&value))
}

pub(super) fn switch_to(call: &mut Call<'_>) -> Result<i32, Failure> {
    let world = call.controller.world();
    let current = world.settings.current.clone();
    let Some(given) = call.args.positionals.first() else {
        drop(world);
        let model = current.map(|name| format!(":admin/{name}")).unwrap_or_default();
        return call.write(format!("{CONTROLLER}{model}\n"));
    };
    if given == CONTROLLER {
        return Ok(0);
    }
    let name = find_model(world.models.values(), given)?.name.clone();
    drop(world);
    call.controller.switch(&name)?;
    call.tell(format!("{CONTROLLER} -> {CONTROLLER}:admin/{name}\n"));
    Ok(0)
}
