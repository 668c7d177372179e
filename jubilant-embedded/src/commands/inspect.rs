//! `juju show-unit`, `juju show-application`, `juju machines`

use serde_json::{Map, Value, json};

use super::call::Call;
use super::names::arch;
use super::print::table;
use super::status::json::machines_of;
use crate::ground::failure::{Failure, fail};
use crate::ground::yaml;
use crate::model::Model;
use crate::model::application::Application;
use crate::model::charm::Role;
use crate::model::relation::{Presence, Relation};
use crate::model::unit::Unit;

fn print(call: &mut Call<'_>, value: &Value) -> Result<i32, Failure> {
    call.print(value, || yaml::to_string(value))
}

pub(super) fn show_unit(call: &mut Call<'_>) -> Result<i32, Failure> {
    call.args.first("unit name")?;
    let names = call.args.positionals.clone();
    let only_app = call.args.has("app");
    let endpoint = call.args.get("endpoint").map(str::to_owned);
    let value = call.look(|model| {
        let mut value = Map::new();
        for name in &names {
            let named = match name.strip_suffix("/leader") {
                Some(app) => model.leader(app),
                None => model.unit_named(name),
            };
            let Some(unit) = named else { fail!("unit \"{name}\" not found (not found)") };
            value.insert(unit.name.to_string(), describe_unit(model, unit, only_app, endpoint.as_deref()));
        }
        Ok(value.into())
    })?;
    print(call, &value)
}

fn describe_unit(model: &Model, unit: &Unit, only_app: bool, endpoint: Option<&str>) -> Value {
    let app = model.applications.get(&unit.name.app);
    let mut value = Map::new();
    value.insert("workload-version".into(), unit.workload_version.clone().into());
    if let Some(machine) = unit.place.machine() {
        value.insert("machine".into(), machine.to_string().into());
    }
    let ports: Vec<String> = unit.ports.iter().map(ToString::to_string).collect();
    value.insert("opened-ports".into(), ports.into());
    value.insert("public-address".into(), unit.place.address().to_string().into());
    value.insert("charm".into(), app.map_or(Value::Null, |app| app.charm_url().into()));
    value.insert("leader".into(), model.is_leader(&unit.name).into());
    value.insert("life".into(), serde_json::to_value(unit.life).unwrap_or_default());
    let relations: Vec<Value> = model
        .relations_of(&unit.name.app)
        .filter(|relation| {
            let side = relation.endpoint_of(&unit.name.app);
            endpoint.is_none_or(|wanted| side.is_some_and(|side| side.endpoint.name == wanted))
        })
        .filter_map(|relation| describe_relation(relation, unit, only_app))
        .collect();
    if !relations.is_empty() {
        value.insert("relation-info".into(), relations.into());
    }
    value.into()
}

fn describe_relation(relation: &Relation, unit: &Unit, only_app: bool) -> Option<Value> {
    let own = relation.endpoint_of(&unit.name.app)?;
    let other = relation.other_side(&unit.name.app)?;
    let settings = |bag: &std::collections::BTreeMap<String, String>| -> Value {
        bag.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect::<Map<_, _>>().into()
    };
    let data = relation.applications.get(&other.app);
    let mut value = json!({
        "relation-id": relation.id,
        "endpoint": own.endpoint.name,
        "related-endpoint": other.endpoint.name,
        "application-data": data.map_or_else(|| json!({}), |bag| settings(&bag.settings)),
    });
    if only_app {
        return Some(value);
    }
    if let Some(member) = relation.units.get(&unit.name) {
        value["local-unit"] =
            json!({ "in-scope": member.presence != Presence::Left, "data": settings(&member.bag.settings) });
    }
    let related: Map<String, Value> = relation
        .members_for(&unit.name)
        .filter_map(|name| Some((name, relation.units.get(name)?)))
        .map(|(name, member)| {
            (name.to_string(), json!({ "in-scope": true, "data": settings(&member.bag.settings) }))
        })
        .collect();
    if !related.is_empty() {
        value["related-units"] = related.into();
    }
    Some(value)
}

pub(super) fn show_application(call: &mut Call<'_>) -> Result<i32, Failure> {
    call.args.first("application name")?;
    let names = call.args.positionals.clone();
    let value = call.look(|model| {
        let mut value = Map::new();
        for name in &names {
            value.insert(name.clone(), describe_application(model, model.application(name)?));
        }
        Ok(value.into())
    })?;
    print(call, &value)
}

fn describe_application(model: &Model, app: &Application) -> Value {
    let bindings: Map<String, Value> = std::iter::once("")
        .chain(app.charm.endpoints.keys().map(String::as_str))
        .map(|name| (name.to_owned(), "alpha".into()))
        .collect();
    let mut units: Map<String, Value> = Map::new();
    for unit in model.units_of(&app.name) {
        let machine = unit.place.machine().map(|machine| ("machine".to_owned(), machine.to_string().into()));
        units.insert(unit.name.to_string(), Value::Object(machine.into_iter().collect()));
    }
    json!({
        "charm": app.charm.name,
        "base": format!("{}@{}", app.base.name, app.base.channel),
        "channel": "",
        "constraints": { "arch": arch() },
        "principal": true,
        "exposed": app.exposed,
        "remote": false,
        "life": app.life,
        "endpoint-bindings": bindings,
        "units": units,
        "roles": app.charm.endpoints.values().map(|endpoint| (endpoint.name.clone(), role(endpoint.role))).collect::<Map<_, _>>(),
    })
}

fn role(role: Role) -> Value {
    match role {
        Role::Provider => "provider".into(),
        Role::Requirer => "requirer".into(),
        Role::Peer => "peer".into(),
    }
}

pub(super) fn machines(call: &mut Call<'_>) -> Result<i32, Failure> {
    let machines = call.look(|model| Ok(machines_of(model)))?;
    let mut rows = vec![["Machine", "State", "Address", "Inst id"].map(str::to_owned).to_vec()];
    for (id, machine) in &machines {
        let text = |key: &str| machine[key].as_str().unwrap_or_default().to_owned();
        rows.push(vec![id.clone(), "started".into(), text("dns-name"), text("instance-id")]);
    }
    call.print(&json!({ "machines": machines }), || table(&rows))
}
