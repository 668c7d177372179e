//! `open-port`, `close-port`, `opened-ports`, `network-get`

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::relation;
use crate::ground::failure::{Failure, fail, misuse};
use crate::model::port::Port;

fn port(call: &Call<'_>) -> Result<Port, Failure> {
    let text = call.args.first("port or protocol")?;
    match Port::parse(text) {
        Some(port) => Ok(port),
        None => misuse!("invalid port \"{text}\": expected <port>[-<port>][/tcp|udp] or icmp"),
    }
}

pub(super) fn open(call: &Call<'_>) -> Answer {
    let port = port(call)?;
    call.context.progress().changes.ports.open(port);
    Ok(String::new())
}

pub(super) fn close(call: &Call<'_>) -> Answer {
    let port = port(call)?;
    call.context.progress().changes.ports.close(port);
    Ok(String::new())
}

pub(super) fn opened(call: &Call<'_>) -> Answer {
    let ports = call.look(|_, unit| Ok(unit.ports.clone()))?;
    let ports = call.context.progress().changes.ports.over(&ports);
    // Every port is open at all endpoints.
    let at = if call.args.has("endpoints") { " (*)" } else { "" };
    call.print(&ports.iter().map(|port| format!("{port}{at}")).collect::<Vec<_>>().into())
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    let binding = call.args.first("arguments")?;
    let address = call.look(|model, unit| {
        if call.args.get("relation").is_some() {
            relation::find(call, model, unit)?;
        }
        let charm = model.applications.get(&unit.name.app).map(|app| &app.charm);
        let known = charm.is_some_and(|charm| {
            charm.endpoints.contains_key(binding) || charm.bindings.iter().any(|name| name == binding)
        });
        match known || binding == "juju-info" {
            true => Ok(unit.place.address().to_string()),
            false => fail!("no network config found for binding \"{binding}\""),
        }
    })?;
    let mut parts: Vec<(&str, Value)> = Vec::new();
    let subnet = format!("{address}/32");
    if call.args.has("primary-address") | call.args.has("bind-address") {
        parts.push(("bind-address", address.clone().into()));
    }
    if call.args.has("ingress-address") {
        parts.push(("ingress-address", address.clone().into()));
    }
    if call.args.has("egress-subnets") {
        parts.push(("egress-subnets", json!([subnet])));
    }
    if let [(_, only)] = parts.as_slice() {
        return call.print(only);
    }
    if !parts.is_empty() {
        return call.print(&parts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect());
    }
    // Juju's JSON calls an address `value`, its YAML `address`; charms read either.
    let interface = json!({
        "mac-address": "",
        "interface-name": "lo",
        "addresses": [{ "hostname": "", "value": address, "address": address, "cidr": "127.0.0.0/8" }],
    });
    call.print(&json!({
        "bind-addresses": [interface],
        "egress-subnets": [subnet],
        "ingress-addresses": [address],
    }))
}
