//! `juju resources`, `juju attach-resource`, and the resources of deployments.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::failure::{Failure, fail, misuse};
use super::{Call, table};
use crate::model::application::Resource;
use crate::model::charm::Charm;
use crate::model::time::Timestamp;

/// A resource that was handed over.
pub(super) enum Given {
    File(PathBuf),
    Image(String),
}

/// Checks that the charm has these resources and that the files are there.
pub(super) fn check(
    call: &Call<'_>,
    charm: &Charm,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Given>, Failure> {
    let mut checked = BTreeMap::new();
    for (name, value) in given {
        let Some(spec) = charm.resources.get(name) else { fail!("unrecognized resource \"{name}\"") };
        let path = call.path(value);
        let entry = match spec.kind.as_str() {
            "oci-image" => Given::Image(value.clone()),
            _ if path.is_file() => Given::File(path),
            _ => fail!("resource \"{name}\": file \"{value}\" not found"),
        };
        checked.insert(name.clone(), entry);
    }
    Ok(checked)
}

/// Copies a resource into the model.
pub(super) fn store(
    call: &Call<'_>,
    uuid: &str,
    app: &str,
    name: &str,
    revision: u32,
    given: &Given,
) -> Result<Resource, Failure> {
    let path = call.controller.dir.model(uuid).resource(app, name, revision);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let uploaded = Timestamp::now();
    match given {
        Given::File(file) => {
            let size = fs::copy(file, &path)?;
            let original =
                file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            Ok(Resource { revision, original, size, image: None, uploaded })
        }
        Given::Image(image) => {
            // What a charm of a real Juju gets: a YAML file with the image's path.
            let text = format!("{}\n", json!({ "registrypath": image, "username": "", "password": "" }));
            fs::write(&path, &text)?;
            let original = format!("{name}.yaml");
            Ok(Resource { revision, original, size: text.len() as u64, image: Some(image.clone()), uploaded })
        }
    }
}

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
    let charm = call.look(|model| match model.applications.get(app) {
        Some(app) => Ok(app.charm.clone()),
        None => fail!("application \"{app}\" not found (not found)"),
    })?;
    let files = check(call, &charm, given)?;
    call.controller.update(uuid, |model| {
        let application = super::config::application(model, app)?;
        for (name, given) in &files {
            let revision = application.resources.get(name).map_or(0, |resource| resource.revision + 1);
            let resource = store(call, uuid, app, name, revision, given)?;
            application.resources.insert(name.clone(), resource);
        }
        application.upgrade_version += 1;
        Ok(())
    })?;
    Ok(0)
}

pub(super) fn list(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("application name")?.to_owned();
    let value = call.look(|model| {
        let Some(app) = model.applications.get(&name) else {
            fail!("application \"{name}\" not found (not found)")
        };
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
