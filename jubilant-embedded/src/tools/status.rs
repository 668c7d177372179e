//! `status-set` and `status-get`

use serde_json::{Map, Value, json};

use super::call::{Answer, Call};
use crate::ground::failure::{Failure, fail, misuse};
use crate::ground::time::Timestamp;
use crate::model::status::{SETTABLE, Status};

fn need_leader(call: &Call<'_>) -> Result<(), Failure> {
    match call.is_leader()? {
        true => Ok(()),
        false => fail!("this unit is not the leader"),
    }
}

pub(super) fn set(call: &Call<'_>) -> Answer {
    let status = call.args.first("status")?;
    if !SETTABLE.contains(&status) {
        misuse!("invalid status \"{status}\", expected one of [{}]", SETTABLE.join(" "));
    }
    let message = call.args.positionals.get(1).cloned().unwrap_or_default();
    let status = Status::new(status, message, Timestamp::now());
    let application = call.args.has("application");
    if application {
        need_leader(call)?;
    }
    let mut world = call.state.world();
    call.state.commit(&mut world, &call.context.model, |model| {
        if application {
            if let Some(app) = model.applications.get_mut(&call.context.unit.app) {
                app.status = Some(status);
            }
            return;
        }
        let Some(unit) = model.units.get_mut(&call.context.unit) else { return };
        unit.status_set = true;
        // The same again is no change: `since` stays.
        if !unit.workload.says_as(&status) {
            model.set_workload(&call.context.unit, &status.current, &status.message);
        }
    });
    Ok(String::new())
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    let include = call.args.has("include-data");
    let record = |status: &Status| json!({ "status": status.current, "message": status.message, "status-data": status.data });
    if call.args.has("application") {
        need_leader(call)?;
        let value = call.look(|model, unit| {
            let Some(app) = model.applications.get(&unit.name.app) else { fail!("application not found") };
            let mut value = record(&model.status_of(app));
            let units: Map<String, Value> = model
                .units_of(&app.name)
                .map(|unit| (unit.name.to_string(), record(&unit.workload)))
                .collect();
            value["units"] = units.into();
            Ok(json!({ "application-status": value }))
        })?;
        return call.print(&value);
    }
    let value = call.look(|_, unit| {
        Ok(if include { record(&unit.workload) } else { unit.workload.current.clone().into() })
    })?;
    match call.args.get("format") {
        None if !include => Ok(format!("{}\n", value.as_str().unwrap_or_default())),
        Some("json") if !include => Ok(format!("{value}\n")),
        _ => call.print(&value),
    }
}
