//! Status as data. The order of keys is Juju's: people read it.

use serde_json::{Map, Value, json};

use super::{instance, relations_of};
use crate::commands::{CLOUD, CONTROLLER, VERSION, arch};
use crate::model::application::Application;
use crate::model::charm::Base;
use crate::model::status::Status;
use crate::model::time::Timestamp;
use crate::model::unit::Unit;
use crate::model::{Life, Model};

/// The whole record.
pub(crate) fn status(model: &Model) -> Value {
    let machines: Map<String, Value> =
        units(model).map(|(app, unit)| (unit.machine.to_string(), machine(model, app, unit))).collect();
    let applications: Map<String, Value> =
        model.applications.values().map(|app| (app.name.clone(), application(model, app))).collect();
    let mut status = Status::new(if model.life == Life::Alive { "available" } else { "destroying" }, "");
    status.since = model.created;
    json!({
        "model": {
            "name": model.name,
            "type": "iaas",
            "controller": CONTROLLER,
            "cloud": CLOUD,
            "region": CLOUD,
            "version": VERSION,
            "model-status": info(&status),
        },
        "machines": machines,
        "applications": applications,
        "storage": {},
        "controller": { "timestamp": Timestamp::now().clock() + "Z" },
    })
}

/// Units in the order of their machines.
pub(super) fn units(model: &Model) -> impl Iterator<Item = (&Application, &Unit)> {
    let mut units: Vec<_> =
        model.applications.values().flat_map(|app| app.units.values().map(move |unit| (app, unit))).collect();
    units.sort_by_key(|(_, unit)| unit.machine);
    units.into_iter()
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
pub(crate) fn machine(model: &Model, app: &Application, unit: &Unit) -> Value {
    let instance = instance(model, unit.machine);
    let address = unit.address.to_string();
    let started = |current: &str| Status { since: unit.created, ..Status::new(current, "") };
    let mut juju = info(&started("started"));
    juju["version"] = VERSION.into();
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
    set("application-status", info(&app.shown_status()));
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
    if !app.units.is_empty() {
        let units: Map<String, Value> =
            app.units.values().map(|entry| (entry.name.clone(), unit(model, entry))).collect();
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
    agent["version"] = VERSION.into();
    if unit.life == Life::Dying {
        agent["life"] = "dying".into();
    }
    value.insert("juju-status".into(), agent);
    if model.is_leader(&unit.name) {
        value.insert("leader".into(), true.into());
    }
    value.insert("machine".into(), unit.machine.to_string().into());
    if !unit.ports.is_empty() {
        let ports: Vec<String> = unit.ports.iter().map(ToString::to_string).collect();
        value.insert("open-ports".into(), ports.into());
    }
    value.insert("public-address".into(), unit.address.to_string().into());
    value.into()
}
