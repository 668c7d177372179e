//! Models, and the end of the controller.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::call::{Call, find_any_model, find_model};
use super::model_config;
use super::names::{CLOUD, CONTROLLER, CONTROLLER_UUID};
use super::print::table;
use crate::ground::failure::{Failure, fail, misuse, unsupported};
use crate::ground::name::is_name;
use crate::ground::time::Timestamp;
use crate::ground::yaml;
use crate::model::{Destruction, Model};
use crate::state::journal::Unreadable;
use crate::state::world::{Found, State};

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
    let model = Model::new(uuid::Uuid::new_v4().to_string(), name.clone(), config, Timestamp::now());
    call.state.add_model(model, !call.args.has("no-switch"))?;
    call.tell(format!("Added '{name}' model on {CLOUD}/{CLOUD} for user 'admin'\n"));
    Ok(0)
}

pub(super) fn destroy(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("model name")?.to_owned();
    if !call.args.has("no-prompt") {
        misuse!("destroy-model asks nobody here: use --no-prompt");
    }
    let limit = limits(call)?;
    call.refuse_lone_no_wait()?;
    let uuid = match find_any_model(&call.state.world(), &name)? {
        Found::Readable(model) => model.uuid.clone(),
        Found::Unreadable(uuid, _) => uuid.to_owned(),
    };
    let forced = call.args.has("force");
    end(call.state, &uuid, Destruction { forced, at_once: forced && call.args.has("no-wait") });
    call.tell("Destroying model\n");
    let deadline = limit.map(|limit| Instant::now() + limit);
    let is_gone = call
        .wait(deadline, |world| !world.models.contains_key(&uuid) && !world.unreadable.contains_key(&uuid))?;
    if !is_gone {
        fail!("timeout waiting for model \"{name}\" to be destroyed");
    }
    call.tell("Model destroyed.\n");
    Ok(0)
}

/// Begins the end of a model, which the controller sees to. It does so even on a full disk.
fn end(state: &State, uuid: &str, how: Destruction) {
    let mut world = state.world();
    if world.unreadable.contains_key(uuid) {
        drop(world);
        state.condemn(uuid);
    } else {
        state.commit(&mut world, uuid, |model| model.destroy(how));
    }
}

/// The time limit of a destruction; refuses what cannot be said together.
fn limits(call: &Call<'_>) -> Result<Option<Duration>, Failure> {
    if call.args.has("destroy-storage") & call.args.has("release-storage") {
        misuse!("--destroy-storage and --release-storage cannot both be specified");
    }
    call.args.duration("timeout")
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
    let uuids: Vec<String> = {
        let world = call.state.world();
        world.models.keys().chain(world.unreadable.keys()).cloned().collect()
    };
    for uuid in &uuids {
        end(call.state, uuid, Destruction { forced: true, at_once: true });
    }
    let deadline = limit.map(|limit| Instant::now() + limit);
    let is_over = call
        .state
        .wait(deadline, |world| (world.models.is_empty() && world.unreadable.is_empty()).then_some(()));
    if is_over.is_none() {
        fail!("timeout waiting for the controller's models to be destroyed");
    }
    call.state.end();
    Ok(0)
}

pub(super) fn list(call: &mut Call<'_>) -> Result<i32, Failure> {
    if let Some(other) = call.args.get("user").filter(|user| *user != "admin") {
        fail!("user \"{other}\" not found");
    }
    let with_uuid = call.args.has("uuid");
    let world = call.state.world();
    let current = world.settings.current.clone();
    let mut models: Vec<Value> = world.models.values().map(summary).collect();
    models.extend(world.unreadable.iter().map(|(uuid, other)| unreadable(uuid, other)));
    let mut rows: Vec<[String; 4]> = Vec::new();
    for model in world.models.values() {
        rows.push([
            model.name.clone(),
            model.uuid.clone(),
            "available".into(),
            model.units.len().to_string(),
        ]);
    }
    for (uuid, other) in &world.unreadable {
        rows.push([shown(uuid, other).to_owned(), uuid.clone(), "error".into(), "-".into()]);
    }
    drop(world);
    let value = json!({ "models": models, "current-model": current });
    call.print(&value, || {
        let head = ["Model", "UUID", "Cloud/Region", "Type", "Status", "Units"];
        let mut table_rows = vec![head.map(str::to_owned).to_vec()];
        for [name, uuid, status, units] in rows {
            let star = if current.as_deref() == Some(&name) { "*" } else { "" };
            let row = [name + star, uuid, format!("{CLOUD}/{CLOUD}"), CLOUD.into(), status, units];
            table_rows.push(row.to_vec());
        }
        if !with_uuid {
            table_rows.iter_mut().for_each(|row| drop(row.remove(1)));
        }
        format!("Controller: {CONTROLLER}\n\n{}", table(&table_rows))
    })
}

fn summary(model: &Model) -> Value {
    let status = if model.is_dying() { "destroying" } else { "available" };
    json!({
        "name": format!("admin/{}", model.name),
        "short-name": model.name,
        "model-uuid": model.uuid,
        "model-type": model.kind.name(),
        "controller-uuid": CONTROLLER_UUID,
        "controller-name": CONTROLLER,
        "is-controller": false,
        "owner": "admin",
        "cloud": CLOUD,
        "region": CLOUD,
        "type": CLOUD,
        "life": if model.is_dying() { "dying" } else { "alive" },
        "status": { "current": status, "since": model.created.date_time() },
        "users": { "admin": { "access": "admin", "last-connection": "just now" } },
        "agent-version": model.flavour.version(),
    })
}

/// How a model that cannot be read is called.
fn shown<'a>(uuid: &'a str, model: &'a Unreadable) -> &'a str {
    model.name.as_deref().unwrap_or(uuid)
}

fn unreadable(uuid: &str, model: &Unreadable) -> Value {
    let name = shown(uuid, model);
    json!({
        "name": format!("admin/{name}"),
        "short-name": name,
        "model-uuid": uuid,
        "status": { "current": "error", "message": model.why },
    })
}

pub(super) fn show(call: &mut Call<'_>) -> Result<i32, Failure> {
    if let Some(name) = call.args.positionals.first().cloned() {
        let summary = match find_any_model(&call.state.world(), &name)? {
            Found::Readable(model) => summary(model),
            Found::Unreadable(uuid, model) => unreadable(uuid, model),
        };
        return show_one(call, summary);
    }
    let summary = call.look(|model| Ok(summary(model)))?;
    show_one(call, summary)
}

fn show_one(call: &mut Call<'_>, summary: Value) -> Result<i32, Failure> {
    let name = summary["short-name"].as_str().unwrap_or_default().to_owned();
    let value = Value::Object(Map::from_iter([(name, summary)]));
    call.print(&value, || yaml::to_string(&value))
}

pub(super) fn switch_to(call: &mut Call<'_>) -> Result<i32, Failure> {
    let world = call.state.world();
    let current = world.settings.current.clone();
    let Some(given) = call.args.positionals.first() else {
        drop(world);
        let model = current.map(|name| format!(":admin/{name}")).unwrap_or_default();
        return call.write(format!("{CONTROLLER}{model}\n"));
    };
    if given == CONTROLLER {
        return Ok(0);
    }
    let name = find_model(&world, given)?.name.clone();
    drop(world);
    call.state.switch(&name)?;
    call.tell(format!("{CONTROLLER} -> {CONTROLLER}:admin/{name}\n"));
    Ok(0)
}
