//! What is to be deployed, and how: below `juju deploy` of a charm and of a bundle.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;

use super::call::Call;
use super::names::arch;
use super::resource_files;
use crate::ground::failure::{Failure, fail, misuse, unsupported};
use crate::ground::name::is_name;
use crate::ground::paths::ModelDir;
use crate::model::application::Application;
use crate::model::charm::{Base, Charm};
use crate::model::configuration;
use crate::model::life::Life;
use crate::python::{self, Choice, Surroundings};
use crate::state::charm_dir;

/// One application to deploy, from the command line or a bundle.
pub(super) struct Plan {
    pub(super) charm: PathBuf,
    pub(super) name: Option<String>,
    pub(super) units: u32,
    /// Option values by name, still as they were given.
    pub(super) config: BTreeMap<String, Value>,
    pub(super) resources: BTreeMap<String, String>,
    pub(super) base: Option<Base>,
    pub(super) constraints: String,
    pub(super) trust: bool,
    pub(super) exposed: bool,
}

/// What was deployed, to be told to the user.
pub(super) struct Deployed {
    pub(super) app: String,
    pub(super) charm: String,
    pub(super) revision: u32,
    pub(super) base: Base,
    /// What will not work, as far as it can be seen.
    pub(super) warnings: Vec<String>,
}

/// `ubuntu@24.04`, `ubuntu@24.04/stable`, or a series' name.
pub(super) fn parse_base(text: &str) -> Result<Base, Failure> {
    let series = [("focal", "20.04"), ("jammy", "22.04"), ("noble", "24.04")];
    if let Some((_, channel)) = series.iter().find(|(series, _)| *series == text) {
        return Ok(Base { name: "ubuntu".into(), channel: (*channel).into() });
    }
    match text.split_once('@') {
        Some((name, channel)) if !name.is_empty() && !channel.is_empty() => {
            let channel = channel.split('/').next().unwrap_or(channel);
            Ok(Base { name: name.into(), channel: channel.into() })
        }
        _ => misuse!("invalid base \"{text}\": expected something like ubuntu@24.04"),
    }
}

/// Accepts what a unit of this machine fulfils anyway, and keeps it to be shown.
pub(super) fn constraints(text: &str) -> Result<String, Failure> {
    for part in text.split_whitespace() {
        let Some((key, value)) = part.split_once('=') else { misuse!("malformed constraint \"{part}\"") };
        match key {
            "arch" if value != arch() => {
                fail!("constraint \"{part}\" cannot be met: this machine is {}", arch())
            }
            "arch" | "mem" | "cores" | "cpu-cores" | "cpu-power" | "root-disk" | "allocate-public-ip" => {}
            _ => return Err(unsupported(&format!("constraint \"{key}\""))),
        }
    }
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A charm that was unpacked next to the model.
pub(super) struct Staged {
    /// Holds its files in [`FILES`], and in [`PYTHON`] what leads to the interpreter that runs its hooks.
    pub(super) dir: TempDir,
    pub(super) charm: Charm,
    /// What will not work, as far as it can be seen.
    pub(super) warnings: Vec<String>,
}

const FILES: &str = "charm";
const PYTHON: &str = "python";

/// Unpacks the charm next to the model, reads it, and chooses the Python that will run its hooks.
pub(super) fn stage(call: &Call<'_>, uuid: &str, path: &Path) -> Result<Staged, Failure> {
    let flavour = call.state.look(uuid, |model| Ok(model.flavour))?;
    let dir = call.state.dir.model(uuid);
    let staging = TempDir::with_prefix_in(ModelDir::STAGING, dir.path())?;
    let target = staging.path().join(FILES);
    let result = match path.is_dir() {
        true => charm_dir::measure(path).and_then(|()| charm_dir::copy(path, &target)),
        false => charm_dir::unpack(path, &target),
    };
    result.map_err(|error| Failure::new(format!("cannot read charm {}: {error}", path.display())))?;
    let charm = charm_dir::read(&target, flavour)?;
    let surroundings = Surroundings { env: &call.request.env, cwd: &call.request.cwd };
    let python = python::choose(&charm.name, &target, &surroundings)?;
    let mut warnings: Vec<String> = charm_dir::unexecutable(&charm.name, &target).into_iter().collect();
    if let Some(Choice { interpreter, warning }) = python {
        python::equip(&target, &staging.path().join(PYTHON), &interpreter)?;
        warnings.extend(warning);
    }
    Ok(Staged { dir: staging, charm, warnings })
}

/// Puts a staged charm where units find it.
pub(super) fn place(
    call: &Call<'_>,
    uuid: &str,
    staging: &TempDir,
    app: &str,
    revision: u32,
) -> Result<(), Failure> {
    let dir = call.state.dir.model(uuid);
    for (from, to) in [(PYTHON, dir.python(app, revision)), (FILES, dir.charm(app, revision))] {
        let from = staging.path().join(from);
        // Left from a former application of this name.
        if to.exists() {
            fs::remove_dir_all(&to)?;
        }
        // A charm without Python has none.
        if from.exists() {
            fs::create_dir_all(to.parent().unwrap_or(&to))?;
            fs::rename(from, to)?;
        }
    }
    Ok(())
}

/// Deploys one application: everything is checked before anything is changed.
pub(super) fn apply(call: &Call<'_>, uuid: &str, plan: Plan) -> Result<Deployed, Failure> {
    let Staged { dir: staging, charm, warnings } = stage(call, uuid, &plan.charm)?;
    let name = plan.name.unwrap_or_else(|| charm.name.clone());
    if !is_name(&name) {
        fail!("invalid application name {name:?}, expected lowercase letters, digits and hyphens");
    }
    let mut values = plan.config;
    let trust = match values.remove("trust") {
        Some(Value::Bool(trust)) => trust,
        Some(Value::String(text)) => text == "true",
        _ => plan.trust,
    };
    let config = configuration::accept(&name, &charm, &values)?;
    let files = resource_files::check(call, &charm, &plan.resources)?;
    let addresses: Vec<_> = (0..plan.units).map(|_| call.state.next_address()).collect();
    let base = plan.base.or_else(|| charm.base.clone());
    let base = base.unwrap_or(Base { name: "ubuntu".into(), channel: "24.04".into() });
    call.state.update(uuid, |model| {
        model.check_new_application(&name)?;
        let revision = model.next_revision(&charm.name);
        place(call, uuid, &staging, &name, revision)?;
        let resources = resource_files::store_all(call, uuid, &name, BTreeMap::new(), &files)?;
        let deployed =
            Deployed { app: name.clone(), charm: charm.name.clone(), revision, base: base.clone(), warnings };
        let constraints = match plan.constraints.is_empty() {
            true => model.constraints.clone(),
            false => plan.constraints,
        };
        let app = Application {
            name,
            life: Life::Alive,
            created: model.now,
            revision,
            base,
            config,
            config_version: 1,
            upgrade_version: 0,
            trust,
            exposed: plan.exposed,
            constraints,
            resources,
            workload_version: String::new(),
            status: None,
            charm: Arc::new(charm),
        };
        model.add_application(app, &addresses);
        Ok(deployed)
    })
}
