//! What lies in the state directory: settings, and a directory for each model.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::journal::{Journal, Unreadable};
use crate::ground::files::write_atomically;
use crate::ground::paths::{ModelDir, StateDir};
use crate::model::Model;

/// What belongs to no single model.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// The name of the model that `juju switch` chose.
    pub(crate) current: Option<String>,
    /// How many addresses were handed out.
    pub(crate) addresses: u32,
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
    entries.flatten().filter(|entry| is_model(&dir.model(&entry.file_name().to_string_lossy()))).count()
}

fn is_model(dir: &ModelDir) -> bool {
    dir.state().exists() || dir.first_state().exists()
}

/// Every model on disk by UUID, and why some cannot be read. What an interrupted command left is deleted.
pub(crate) fn load(dir: &StateDir) -> BTreeMap<String, Result<(Model, Journal), Unreadable>> {
    let Ok(entries) = fs::read_dir(dir.models()) else { return BTreeMap::new() };
    let mut models = BTreeMap::new();
    for entry in entries.flatten() {
        let uuid = entry.file_name().to_string_lossy().into_owned();
        let model = dir.model(&uuid);
        if !is_model(&model) {
            // Its creation, or its end, was interrupted: nobody was told that it is there.
            let _ = fs::remove_dir_all(entry.path());
            continue;
        }
        delete_staged(&model);
        let read = match model.state().exists() {
            true => Journal::open(model.state()),
            false => Err(of_first_format(&model)),
        };
        models.insert(uuid, read);
    }
    models
}

/// Builds before formats were numbered wrote one JSON file.
fn of_first_format(dir: &ModelDir) -> Unreadable {
    let text = fs::read(dir.first_state()).unwrap_or_default();
    let name = serde_json::from_slice::<Value>(&text)
        .ok()
        .and_then(|value| Some(value["name"].as_str()?.to_owned()));
    Unreadable { name, why: "an older build wrote its state, in a format that this one does not read".into() }
}

/// Charms that were being deployed when the controller was killed.
fn delete_staged(dir: &ModelDir) {
    for entry in fs::read_dir(dir.path()).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(ModelDir::STAGING) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
