//! The files of resources: checked, then copied into the model.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::json;

use super::call::Call;
use crate::ground::failure::{Failure, fail};
use crate::ground::time::Timestamp;
use crate::model::charm::Charm;
use crate::model::resource::Resource;

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
fn store(
    call: &Call<'_>,
    uuid: &str,
    app: &str,
    name: &str,
    revision: u32,
    given: &Given,
) -> Result<Resource, Failure> {
    let path = call.state.dir.model(uuid).resource(app, name, revision);
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

/// Copies new revisions of resources into the model; returns what the application has then.
pub(super) fn store_all(
    call: &Call<'_>,
    uuid: &str,
    app: &str,
    known: BTreeMap<String, Resource>,
    files: &BTreeMap<String, Given>,
) -> Result<BTreeMap<String, Resource>, Failure> {
    let mut stored = known;
    for (name, given) in files {
        let revision = stored.get(name).map_or(0, |resource| resource.revision + 1);
        stored.insert(name.clone(), store(call, uuid, app, name, revision, given)?);
    }
    Ok(stored)
}
