//! Status as people read it.

use super::parts;
use crate::commands::names::{CLOUD, CONTROLLER};
use crate::commands::print::table;
use crate::ground::time::Timestamp;
use crate::model::Model;
use crate::model::charm::Role;
use crate::model::unit::Unit;

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

pub(super) fn status(model: &Model, relations: bool) -> String {
    let region = format!("{CLOUD}/{CLOUD}");
    let head = row(["Model", "Controller", "Cloud/Region", "Version", "SLA", "Timestamp"]);
    let version = model.flavour.version();
    let now = Timestamp::now().clock() + "Z";
    let mut sections =
        vec![vec![head, row([&model.name, CONTROLLER, &region, version, "unsupported", &now])]];
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
        let status = model.status_of(app);
        let units = model.units_of(&app.name).count();
        let alive = model.units_of(&app.name).filter(|unit| !unit.is_dying()).count();
        let scale = if alive == units { alive.to_string() } else { format!("{alive}/{units}") };
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
    for unit in model.units.values() {
        let name = format!("{}{}", unit.name, if model.is_leader(&unit.name) { "*" } else { "" });
        let (workload, agent) = (unit.shown_workload(), unit.shown_agent());
        // An agent at work says so where the charm has nothing to say.
        let message = if workload.message.is_empty() && agent.current == "executing" {
            format!("({})", agent.message)
        } else {
            workload.message.clone()
        };
        let machine = unit.place.machine().map(|machine| machine.to_string()).unwrap_or_default();
        let address = unit.place.address().to_string();
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
    for (number, app, unit) in parts::machines(model) {
        let base = format!("{}@{}", app.base.name, app.base.channel);
        let (machine, address) = (number.to_string(), unit.place.address().to_string());
        let instance = parts::instance(model, number);
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
            let provides = first.endpoint.role == Role::Provider;
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
    let line = |unit: &Unit| {
        let (agent, workload) = (unit.shown_agent().current, &unit.shown_workload().current);
        let ports = if unit.ports.is_empty() { String::new() } else { format!(" {}", ports(unit)) };
        format!("- {}: {} (agent:{agent}, workload:{workload}){ports}\n", unit.name, unit.place.address())
    };
    format!("\n{}", model.units.values().map(line).collect::<String>())
}
