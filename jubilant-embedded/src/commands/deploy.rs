//! `juju deploy` and `juju refresh`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::call::Call;
use super::plan::{Plan, Staged, apply, constraints, parse_base, place, stage};
use super::{bundle, config, resource_files, resources};
use crate::ground::failure::{Failure, fail, misuse, unsupported};
use crate::model::configuration;
use crate::state::charm_dir;

pub(super) fn deploy(call: &mut Call<'_>) -> Result<i32, Failure> {
    let given = call.args.first("charm or bundle")?.to_owned();
    let name = call.args.positionals.get(1).cloned();
    let path = local(call, &given)?;
    let uuid = call.model()?;
    if path.is_file() && !is_charm(&path) {
        return bundle::deploy(call, &uuid, &path);
    }
    if call.args.get("overlay").is_some() {
        misuse!("flags provided but not supported when deploying a charm: --overlay.");
    }
    if call.args.get("base").is_some() && call.args.get("series").is_some() {
        misuse!("--series and --base cannot be specified together");
    }
    let base = match call.args.get("base").or(call.args.get("series")) {
        None => None,
        Some(text) => Some(parse_base(text)?),
    };
    let units = call.args.number("num-units")?.unwrap_or(1);
    if units == 0 {
        misuse!("--num-units must be a positive integer");
    }
    let plan = Plan {
        units,
        config: config_arguments(call, name.as_deref())?,
        resources: resource_arguments(call)?,
        base,
        constraints: constraints(call.args.get("constraints").unwrap_or_default())?,
        trust: call.args.has("trust"),
        exposed: false,
        charm: path,
        name,
    };
    let deployed = apply(call, &uuid, plan)?;
    call.tell(format!("Located local charm \"{}\", revision {}\n", deployed.charm, deployed.revision));
    call.tell(format!(
        "Deploying \"{}\" from local charm \"{}\", revision {} on {}@{}/stable\n",
        deployed.app, deployed.charm, deployed.revision, deployed.base.name, deployed.base.channel
    ));
    deployed.warnings.into_iter().for_each(|warning| call.reply.err(warning));
    Ok(0)
}

/// The local charm or bundle that an argument names. Anything else would be on Charmhub.
fn local(call: &Call<'_>, given: &str) -> Result<PathBuf, Failure> {
    let text = given.strip_prefix("local:").unwrap_or(given);
    let path = call.path(text);
    let looks_local = text.starts_with(['/', '.']) || text.contains(".charm") || text.ends_with(".yaml");
    if path.exists() && (looks_local || path.join("metadata.yaml").exists() || path.is_file()) {
        return Ok(path);
    }
    if looks_local {
        fail!("no charm was found at \"{given}\"");
    }
    Err(unsupported(&format!("charm \"{given}\" is not a local path, and Charmhub")))
}

/// Whether a file is meant as a charm, by its name or by what it is; any other is a bundle.
fn is_charm(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "charm") || charm_dir::is_archive(path)
}

/// `--config key=value`, `--config key=@file` and `--config file.yaml`, in this order of precedence.
fn config_arguments(call: &Call<'_>, app: Option<&str>) -> Result<BTreeMap<String, Value>, Failure> {
    let mut from_files = BTreeMap::new();
    let mut values = BTreeMap::new();
    for given in call.args.all("config") {
        match given.split_once('=') {
            Some((key, value)) => {
                let value = match value.strip_prefix('@') {
                    Some(path) => call.read(path)?,
                    None => value.to_owned(),
                };
                values.insert(key.to_owned(), Value::from(value));
            }
            None => from_files.extend(config::read_file(&call.read(given)?, app)?),
        }
    }
    from_files.extend(values);
    Ok(from_files)
}

fn resource_arguments(call: &Call<'_>) -> Result<BTreeMap<String, String>, Failure> {
    call.args
        .all("resource")
        .map(|given| match given.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            None => misuse!("expected name=value, got \"{given}\" for option --resource"),
        })
        .collect()
}

pub(super) fn refresh(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("application")?.to_owned();
    let uuid = call.model()?;
    let (old, units_in_error) = call.state.look(&uuid, |model| {
        let app = model.application(&name)?.clone();
        Ok((app, model.units_of(&name).filter(|unit| model.is_in_error(&unit.name)).count()))
    })?;
    if let Some(text) = call.args.get("base")
        && parse_base(text)? != old.base
    {
        return Err(unsupported(&format!("refresh to another base (\"{text}\")")));
    }
    if call.args.has("force-units") && units_in_error > 0 {
        return Err(unsupported("\"refresh --force-units\" of a unit in error"));
    }
    let given = resource_arguments(call)?;
    let Some(path) = call.args.get("path").map(str::to_owned) else {
        if given.is_empty() {
            return Err(unsupported("refresh without --path (from Charmhub)"));
        }
        if call.args.get("config").is_some() || call.args.has("trust") {
            return Err(unsupported("refresh --config or --trust without --path"));
        }
        return resources::replace(call, &uuid, &name, &given);
    };
    let Staged { dir: staging, charm, warnings } = stage(call, &uuid, &call.path(&path))?;
    if charm.name != old.charm.name {
        fail!("cannot upgrade \"{}\" to \"{}\": another charm's name", old.charm.name, charm.name);
    }
    let files = resource_files::check(call, &charm, &given)?;
    let values = config_arguments(call, Some(&name))?;
    let config = configuration::accept(&name, &charm, &values)?;
    let trust = call.args.has("trust");
    let revision = call.state.update(&uuid, |model| {
        let known = model.application(&name)?.resources.clone();
        model.check_refresh(&name, &charm)?;
        let revision = model.next_revision(&charm.name);
        place(call, &uuid, &staging, &name, revision)?;
        let stored = resource_files::store_all(call, &uuid, &name, known, &files)?;
        let app = model.refresh(&name, charm, revision, config)?;
        app.resources = stored;
        app.trust |= trust;
        Ok(revision)
    })?;
    call.tell(format!("Added local charm \"{}\", revision {revision}, to the model\n", old.charm.name));
    warnings.into_iter().for_each(|warning| call.reply.err(warning));
    Ok(0)
}
