//! Status as people read it.

use super::{instance, json, order};
use crate::commands::{CLOUD, CONTROLLER, VERSION, table};
use crate::model::time::Timestamp;
use crate::model::unit::Unit;
use crate::model::{Life, Model};

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

pub(super) fn status(model: &Model, relations: bool) -> String {
    let region = format!("{CLOUD}/{CLOUD}");
    let head = row(["Model", "Controller", "Cloud/Region", "Version", "SLA", "Timestamp"]);
    let now = Timestamp::now().clock() + "Z";
    let mut sections =
        vec![vec![head, row([&model.name, CONTROLLER, &region, VERSION, "unsupported", &now])]];
    if model.applications.is_empty() {
        let text = table(&sections[0]);
        return format!("{text}\nModel \"admin/{}\" is empty.\n", model.name);
    }
    sections.push(applications(model));
    sections.push(units(model));
    sections.push(machines(model));
    if relations {
        sections.push(integrations(model));
    }
    let texts: Vec<String> = sections.iter().filter(|rows| rows.len() > 1).map(|rows| table(rows)).collect();
    texts.join("\n")
}

fn applications(model: &Model) -> Vec<Vec<String>> {
    let mut rows =
        vec![row(["App", "Version", "Status", "Scale", "Charm", "Channel", "Rev", "Exposed", "Message"])];
    for app in model.applications.values() {
        let status = app.shown_status();
        let alive = app.units.values().filter(|unit| unit.life == Life::Alive).count();
        let scale = match alive == app.units.len() {
            true => alive.to_string(),
            false => format!("{alive}/{}", app.units.len()),
        };
        let exposed = if app.exposed { "yes" } else { "no" };
        let revision = app.revision.to_string();
        rows.push(row([
            &app.name,
            &app.workload_version,
            &status.current,
            &scale,
            &app.charm.name,
            "",
            &revision,
            exposed,
            &status.message,
        ]));
    }
    rows
}

fn ports(unit: &Unit) -> String {
    unit.ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn units(model: &Model) -> Vec<Vec<String>> {
    let mut rows = vec![row(["Unit", "Workload", "Agent", "Machine", "Public address", "Ports", "Message"])];
    let mut units: Vec<&Unit> = model.units().collect();
    units.sort_by_key(|unit| order(&unit.name));
    for unit in units {
        let name = if model.is_leader(&unit.name) { format!("{}*", unit.name) } else { unit.name.clone() };
        let (workload, agent) = (unit.shown_workload(), unit.shown_agent());
        // An agent at work says so where the charm has nothing to say.
        let message = if workload.message.is_empty() && agent.current == "executing" {
            format!("({})", agent.message)
        } else {
            workload.message.clone()
        };
        let (machine, address) = (unit.machine.to_string(), unit.address.to_string());
        rows.push(row([
            &name,
            &workload.current,
            &agent.current,
            &machine,
            &address,
            &ports(unit),
            &message,
        ]));
    }
    rows
}

fn machines(model: &Model) -> Vec<Vec<String>> {
    let mut rows = vec![row(["Machine", "State", "Address", "Inst id", "Base", "AZ", "Message"])];
    for (app, unit) in json::units(model) {
        let base = format!("{}@{}", app.base.name, app.base.channel);
        let (machine, address) = (unit.machine.to_string(), unit.address.to_string());
        let instance = instance(model, unit.machine);
        rows.push(row([&machine, "started", &address, &instance, &base, "", "Running"]));
    }
    rows
}

fn integrations(model: &Model) -> Vec<Vec<String>> {
    let mut rows = vec![row(["Integration provider", "Requirer", "Interface", "Type", "Message"])];
    let mut found: Vec<Vec<String>> = model
        .relations
        .values()
        .filter_map(|relation| {
            let name = |index: usize| {
                let side = relation.sides.get(index)?;
                Some((side, format!("{}:{}", side.app, side.endpoint.name)))
            };
            let (first, one) = name(0)?;
            let interface = &first.endpoint.interface;
            let Some((_, other)) = name(1) else { return Some(row([&one, &one, interface, "peer", ""])) };
            let provides = first.endpoint.role == crate::model::charm::Role::Provider;
            let (provider, requirer) = if provides { (one, other) } else { (other, one) };
            Some(row([&provider, &requirer, interface, "regular", ""]))
        })
        .collect();
    found.sort();
    rows.extend(found);
    rows
}

/// One line per unit.
pub(super) fn lines(model: &Model) -> String {
    let mut units: Vec<&Unit> = model.units().collect();
    units.sort_by_key(|unit| order(&unit.name));
    let line = |unit: &&Unit| {
        let (agent, workload) = (unit.shown_agent().current, &unit.shown_workload().current);
        let ports = if unit.ports.is_empty() { String::new() } else { format!(" {}", ports(unit)) };
        format!("- {}: {} (agent:{agent}, workload:{workload}){ports}\n", unit.name, unit.address)
    };
    format!("\n{}", units.iter().map(line).collect::<String>())
}
