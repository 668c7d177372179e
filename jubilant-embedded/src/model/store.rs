//! Models on disk: one JSON file each, replaced in one step at every change.

use std::fs;
use std::io;
use std::mem;
use std::os::unix::fs::DirBuilderExt;

use serde::{Deserialize, Serialize};

use super::{Model, log};
use crate::paths::StateDir;
use crate::program::write_atomically;

/// What belongs to no single model.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// The name of the model that `juju switch` chose.
    pub(crate) current: Option<String>,
    /// How many addresses were handed out.
    pub(crate) addresses: u32,
}

/// Writes a model, with the log lines and status changes it has gathered.
pub(crate) fn save(dir: &StateDir, model: &mut Model) -> io::Result<()> {
    let path = dir.model(&model.uuid);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path.path())?;
    save_log(dir, model)?;
    write_atomically(&path.state(), &serde_json::to_vec(model)?)
}

/// Appends the log lines and status changes that a model has gathered.
pub(crate) fn save_log(dir: &StateDir, model: &mut Model) -> io::Result<()> {
    let path = dir.model(&model.uuid);
    log::append(&path.log(), &mem::take(&mut model.lines))?;
    log::append(&path.history(), &mem::take(&mut model.changes))
}

pub(crate) fn save_settings(dir: &StateDir, settings: &Settings) -> io::Result<()> {
    write_atomically(&dir.controller_file(), &serde_json::to_vec(settings)?)
}

pub(crate) fn load_settings(dir: &StateDir) -> Settings {
    fs::read(dir.controller_file())
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default()
}

/// How many models there are, without a controller's right to touch them.
pub(crate) fn count(dir: &StateDir) -> usize {
    let Ok(entries) = fs::read_dir(dir.models()) else { return 0 };
    entries.flatten().filter(|entry| entry.path().join("model.json").exists()).count()
}

/// Every model on disk. What cannot be read is reported and left where it is.
pub(crate) fn load(dir: &StateDir) -> Vec<Model> {
    let Ok(entries) = fs::read_dir(dir.models()) else { return Vec::new() };
    let mut models = Vec::new();
    for entry in entries.flatten() {
        let file = entry.path().join("model.json");
        match fs::read(&file).and_then(|text| Ok(serde_json::from_slice(&text)?)) {
            Ok(model) => models.push(model),
            // A model whose creation was interrupted has no state yet and was never confirmed to anybody.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let _ = fs::remove_dir_all(entry.path());
            }
            Err(error) => eprintln!("model {} cannot be read: {error}", file.display()),
        }
    }
    models
}
