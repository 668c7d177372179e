//! Status as data. The order of keys is Juju's: people read it.

use serde_json::{Map, Value, json};

use super::parts::{instance, machines, relations_of};
use crate::commands::names::{CLOUD, CONTROLLER, arch};
use crate::ground::time::Timestamp;
use crate::model::Model;
use crate::model::application::Application;
use crate::model::charm::Base;
use crate::model::life::Life;
use crate::model::status::Status;
use crate::model::unit::Unit;

/// The whole record.
pub(crate) fn status(model: &Model) -> Value {
    let applications: Map<String, Value> =
        model.applications.values().map(|app| (app.name.clone(), application(model, app))).collect();
    let current = if model.is_dying() { "destroying" } else { "available" };
    let status = Status::new(current, "", model.created);
    json!({
        "model": {
            "name": model.name,
            "type": model.kind.name(),
            "controller": CONTROLLER,
            "cloud": CLOUD,
            "region": CLOUD,
            "version": model.flavour.version(),
            "model-status": info(&status),
        },
        "machines": machines_of(model),
        "applications": applications,
        "storage": {},
        "controller": { "timestamp": Timestamp::now().clock() + "Z" },
    })
}

/// The record of each machine, by its number.
pub(crate) fn machines_of(model: &Model) -> Map<String, Value> {
    machines(model)
        .map(|(number, app, unit)| (number.to_string(), machine(model, number, app, unit)))
        .collect()
}

fn info(status: &Status) -> Value {
    let mut value = Map::new();
    value.insert("current".into(), status.current.clone().into());
    if !status.message.is_empty() {
        value.insert("message".into(), status.message.clone().into());
    }
    value.insert("since".into(), status.since.status().into());
    value.into()
}

fn base(base: &Base) -> Value {
    json!({ "name": base.name, "channel": base.channel })
}

/// A unit's machine. It exists as long as the unit does.
fn machine(model: &Model, number: u32, app: &Application, unit: &Unit) -> Value {
    let instance = instance(model, number);
    let address = unit.place.address().to_string();
    let started = |current: &str| Status::new(current, "", unit.created);
    let mut juju = info(&started("started"));
    juju["version"] = model.flavour.version().into();
    let constraints =
        if app.constraints.is_empty() { format!("arch={}", arch()) } else { app.constraints.clone() };
    json!({
        "juju-status": juju,
        "hostname": instance,
        "dns-name": address,
        "ip-addresses": [address],
        "instance-id": instance,
        "machine-status": info(&Status { message: "Running".into(), ..started("running") }),
        "modification-status": info(&started("applied")),
        "base": base(&app.base),
        "network-interfaces": { "lo": { "ip-addresses": [address], "mac-address": "", "is-up": true } },
        "constraints": constraints,
        "hardware": format!("arch={}", arch()),
    })
}

fn application(model: &Model, app: &Application) -> Value {
    let mut value = Map::new();
    let mut set = |key: &str, entry: Value| {
        value.insert(key.to_owned(), entry);
    };
    set("charm", app.charm_url().into());
    set("base", base(&app.base));
    set("charm-origin", "local".into());
    set("charm-name", app.charm.name.clone().into());
    set("charm-rev", app.revision.into());
    if !app.charm.version.is_empty() {
        set("charm-version", app.charm.version.clone().into());
    }
    set("exposed", app.exposed.into());
    if app.life == Life::Dying {
        set("life", "dying".into());
    }
    set("application-status", info(&model.status_of(app)));
    let mut relations: Map<String, Value> = Map::new();
    for (endpoint, other, interface) in relations_of(model, &app.name) {
        let entry = json!({ "related-application": other, "interface": interface, "scope": "global" });
        match relations.entry(endpoint.to_owned()).or_insert_with(|| json!([])) {
            Value::Array(list) => list.push(entry),
            _ => unreachable!("only arrays were inserted"),
        }
    }
    if !relations.is_empty() {
        set("relations", relations.into());
    }
    let units: Map<String, Value> =
        model.units_of(&app.name).map(|entry| (entry.name.to_string(), unit(model, entry))).collect();
    if !units.is_empty() {
        set("units", units.into());
    }
    if !app.workload_version.is_empty() {
        set("version", app.workload_version.clone().into());
    }
    let mut bindings: Vec<&String> = app.charm.endpoints.keys().chain(&app.charm.bindings).collect();
    bindings.sort();
    let bindings: Map<String, Value> = std::iter::once(String::new())
        .chain(bindings.into_iter().cloned())
        .map(|name| (name, "alpha".into()))
        .collect();
    set("endpoint-bindings", bindings.into());
    value.into()
}

fn unit(model: &Model, unit: &Unit) -> Value {
    let mut value = Map::new();
    value.insert("workload-status".into(), info(unit.shown_workload()));
    let mut agent = info(&unit.shown_agent());
    agent["version"] = model.flavour.version().into();
    if unit.life == Life::Dying {
        agent["life"] = "dying".into();
    }
    value.insert("juju-status".into(), agent);
    if model.is_leader(&unit.name) {
        value.insert("leader".into(), true.into());
    }
    if let Some(machine) = unit.place.machine() {
        value.insert("machine".into(), machine.to_string().into());
    }
    if !unit.ports.is_empty() {
        let ports: Vec<String> = unit.ports.iter().map(ToString::to_string).collect();
        value.insert("open-ports".into(), ports.into());
    }
    value.insert("public-address".into(), unit.place.address().to_string().into());
    value.into()
}
