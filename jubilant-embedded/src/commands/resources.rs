//! `juju resources`, `juju attach-resource`

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::Call;
use super::print::table;
use super::resource_files::{check, store_all};
use crate::ground::failure::{Failure, misuse};

pub(super) fn attach(call: &mut Call<'_>) -> Result<i32, Failure> {
    let app = call.args.first("application name")?.to_owned();
    let Some((name, value)) = call.args.positionals.get(1).and_then(|pair| pair.split_once('=')) else {
        misuse!("expected name=path after the application's name")
    };
    let given = BTreeMap::from([(name.to_owned(), value.to_owned())]);
    let uuid = call.model()?;
    replace(call, &uuid, &app, &given)
}

/// Gives an application new revisions of resources; its units run `upgrade-charm`.
pub(super) fn replace(
    call: &mut Call<'_>,
    uuid: &str,
    app: &str,
    given: &BTreeMap<String, String>,
) -> Result<i32, Failure> {
    let charm = call.state.look(uuid, |model| Ok(model.application(app)?.charm.clone()))?;
    let files = check(call, &charm, given)?;
    call.state.update(uuid, |model| {
        let application = model.application_mut(app)?;
        application.resources = store_all(call, uuid, app, application.resources.clone(), &files)?;
        application.upgrade_version += 1;
        Ok(())
    })?;
    Ok(0)
}

pub(super) fn list(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("application name")?.to_owned();
    let value = call.look(|model| {
        let app = model.application(&name)?;
        let resources: Vec<Value> = app
            .charm
            .resources
            .iter()
            .map(|(name, spec)| {
                let stored = app.resources.get(name);
                json!({
                    "resourceid": format!("{}/{name}", app.name),
                    "name": name,
                    "applicationid": app.name,
                    "type": if spec.kind.is_empty() { "file" } else { &spec.kind },
                    "path": spec.filename,
                    "description": spec.description,
                    "revision": stored.map_or("-".to_owned(), |stored| stored.revision.to_string()),
                    "origin": if stored.is_some() { "upload" } else { "unknown" },
                    "used": stored.is_some(),
                    "timestamp": stored.map(|stored| stored.uploaded.rfc3339()),
                    "size": stored.map_or(0, |stored| stored.size),
                })
            })
            .collect();
        Ok(json!({ "resources": resources }))
    })?;
    call.print(&value, || {
        let mut rows = vec![["Resource", "Supplied by", "Revision"].map(str::to_owned).to_vec()];
        for resource in value["resources"].as_array().into_iter().flatten() {
            let text = |key: &str| resource[key].as_str().unwrap_or_default().to_owned();
            rows.push(vec![text("name"), text("origin"), text("revision")]);
        }
        table(&rows)
    })
}
