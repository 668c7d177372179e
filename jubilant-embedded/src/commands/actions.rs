//! `juju actions` and `juju show-action`: what a charm offers.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::print::table;
use crate::ground::failure::{Failure, fail, misuse};
use crate::ground::yaml;
use crate::model::charm::Action;

pub(super) fn list(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("application name")?.to_owned();
    let actions = call.look(|model| Ok(model.application(&name)?.charm.actions.clone()))?;
    let schema = call.args.has("schema");
    let value: Map<String, Value> = actions
        .iter()
        .map(|(name, action)| match schema {
            true => (name.clone(), schema_of(name, action)),
            false => (name.clone(), action.description.clone().into()),
        })
        .collect();
    let mut rows = vec![["Action", "Description"].map(str::to_owned).to_vec()];
    rows.extend(actions.iter().map(|(name, action)| {
        vec![name.clone(), action.description.lines().next().unwrap_or_default().to_owned()]
    }));
    let value = Value::from(value);
    match call.args.get("format") {
        Some("tabular") if schema => misuse!("full schema not compatible with tabular output"),
        None | Some("default") if schema => call.write(yaml::to_string(&value)),
        _ => call.print(&value, || table(&rows)),
    }
}

fn schema_of(name: &str, action: &Action) -> Value {
    json!({
        "additionalProperties": action.additional_properties,
        "description": action.description,
        "properties": action.params,
        "required": action.required,
        "title": name,
        "type": "object",
    })
}

pub(super) fn show(call: &mut Call<'_>) -> Result<i32, Failure> {
    let (app, action) = match call.args.positionals.as_slice() {
        [app, action] => (app.clone(), action.clone()),
        _ => misuse!("expected an application and an action"),
    };
    let value = call.look(|model| match model.application(&app)?.charm.actions.get(&action) {
        Some(spec) => Ok(schema_of(&action, spec)),
        None => fail!("unknown action \"{action}\""),
    })?;
    call.write(yaml::to_string(&value))
}
