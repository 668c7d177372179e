//! Bundles and overlays for a snapped Juju: what they refer to must be copied with them.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::cli::Files;
use crate::error::{Error, FileError, Result};

/// The path under which `juju` can read a bundle or an overlay and every file it refers to.
pub(super) fn give(files: &mut Files, path: &Path) -> Result<String> {
    if !files.copies() {
        return Ok(files.give(path)?);
    }
    let path = std::path::absolute(path).map_err(|error| FileError::new("find", path, error))?;
    let text = std::fs::read_to_string(&path).map_err(|error| FileError::new("read", &path, error))?;
    let dir = path.parent().unwrap_or(Path::new("/"));
    let mut documents = Vec::new();
    for document in serde_yaml::Deserializer::from_str(&text) {
        let mut document = Value::deserialize(document)
            .map_err(|error| Error::usage(format!("cannot read the bundle {}: {error}", path.display())))?;
        for key in ["applications", "services"] {
            for app in document
                .get_mut(key)
                .and_then(Value::as_object_mut)
                .into_iter()
                .flat_map(|apps| apps.values_mut())
            {
                copy_files_of(app, dir, files)?;
            }
        }
        documents.push(document.to_string());
    }
    let name = path.file_name().map_or_else(|| "bundle.yaml".into(), |name| name.to_string_lossy());
    Ok(files.write(&name, documents.join("\n---\n").as_bytes())?)
}

/// Gives one application's charm, resources and included options paths that can be read.
fn copy_files_of(app: &mut Value, dir: &Path, files: &mut Files) -> Result<()> {
    if let Some(charm) = app.get_mut("charm") {
        copy(charm, "", dir, files)?;
    }
    for key in ["resources", "options"] {
        for value in
            app.get_mut(key).and_then(Value::as_object_mut).into_iter().flat_map(|map| map.values_mut())
        {
            match key {
                "resources" => copy(value, "", dir, files)?,
                _ => {
                    copy(value, "include-file://", dir, files)?;
                    copy(value, "include-base64://", dir, files)?;
                }
            }
        }
    }
    Ok(())
}

/// Replaces a value by its copy's path if it is this prefix and the path of a file, counted from the bundle.
fn copy(value: &mut Value, prefix: &str, dir: &Path, files: &mut Files) -> Result<()> {
    let Some(path) = value.as_str().and_then(|text| text.strip_prefix(prefix)) else { return Ok(()) };
    // Without a prefix, a plain word is a charm's name or an image.
    if prefix.is_empty() && !path.starts_with(['.', '/']) {
        return Ok(());
    }
    let path: PathBuf = dir.join(path);
    *value = format!("{prefix}{}", files.give(&path)?).into();
    Ok(())
}
