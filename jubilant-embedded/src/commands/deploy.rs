//! `juju deploy` and `juju refresh`

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::failure::{Failure, fail, misuse, unsupported};
use super::{Call, arch, bundle, config, is_name, resources};
use crate::agent::charm_dir;
use crate::model::application::{Application, Resource};
use crate::model::charm::Role;
use crate::model::charm::{Base, Charm};
use crate::model::relation::{Relation, Side};
use crate::model::time::Timestamp;
use crate::model::unit::Unit;
use crate::model::{Life, Model};

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

pub(super) fn deploy(call: &mut Call<'_>) -> Result<i32, Failure> {
    let given = call.args.first("charm or bundle")?.to_owned();
    let name = call.args.positionals.get(1).cloned();
    let path = local(call, &given)?;
    let uuid = call.model()?;
    if path.is_file() && !is_archive(&path) {
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
    call.controller.start_agents();
    call.tell(format!("Located local charm \"{}\", revision {}\n", deployed.charm, deployed.revision));
    call.tell(format!(
        "Deploying \"{}\" from local charm \"{}\", revision {} on {}@{}/stable\n",
        deployed.app, deployed.charm, deployed.revision, deployed.base.name, deployed.base.channel
    ));
    deployed.warning.into_iter().for_each(|warning| call.reply.err(warning));
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

fn is_archive(path: &Path) -> bool {
    use std::io::Read;
    let mut magic = [0; 2];
    fs::File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok() && &magic == b"PK"
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

/// What was deployed, to be told to the user.
pub(super) struct Deployed {
    pub(super) app: String,
    charm: String,
    revision: u32,
    base: Base,
    /// What will not work, if it can be seen.
    pub(super) warning: Option<String>,
}

/// Unpacks the charm next to the model, reads it, and moves it into place.
fn stage(call: &Call<'_>, uuid: &str, path: &Path) -> Result<(tempfile::TempDir, Charm), Failure> {
    let dir = call.controller.dir.model(uuid);
    let staging = tempfile::TempDir::with_prefix_in("staging-", dir.path())?;
    let target = staging.path().join("charm");
    let result = match path.is_dir() {
        true => charm_dir::measure(path).and_then(|()| charm_dir::copy(path, &target)),
        false => charm_dir::unpack(path, &target),
    };
    result.map_err(|error| Failure::new(format!("cannot read charm {}: {error}", path.display())))?;
    let charm = Charm::read(&target)?;
    Ok((staging, charm))
}

/// Puts a staged charm where units find it.
fn place(
    call: &Call<'_>,
    uuid: &str,
    staging: &tempfile::TempDir,
    app: &str,
    revision: u32,
) -> Result<(), Failure> {
    let place = call.controller.dir.model(uuid).charm(app, revision);
    // Left from a former application of this name.
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent)?;
    }
    Ok(fs::rename(staging.path().join("charm"), &place)?)
}

/// Deploys one application: everything is checked before anything is changed.
pub(super) fn apply(call: &Call<'_>, uuid: &str, plan: Plan) -> Result<Deployed, Failure> {
    let (staging, charm) = stage(call, uuid, &plan.charm)?;
    let name = plan.name.unwrap_or_else(|| charm.name.clone());
    if !is_name(&name) {
        fail!("invalid application name \"{name}\", expected lowercase letters, digits and hyphens");
    }
    let warning = charm_dir::unexecutable(&charm.name, &staging.path().join("charm"));
    let mut values = plan.config;
    let trust = match values.remove("trust") {
        Some(Value::Bool(trust)) => trust,
        Some(Value::String(text)) => text == "true",
        _ => plan.trust,
    };
    let config = config::accept(&name, &charm, &values)?;
    let files = resources::check(call, &charm, &plan.resources)?;
    let addresses: Vec<_> = (0..plan.units).map(|_| call.controller.next_address()).collect();
    let base = plan.base.or_else(|| charm.base.clone());
    let base = base.unwrap_or(Base { name: "ubuntu".into(), channel: "24.04".into() });
    call.controller.update(uuid, |model| {
        if model.life == Life::Dying {
            fail!("cannot deploy \"{name}\": the model is being destroyed");
        }
        if model.applications.contains_key(&name) {
            fail!("cannot add application \"{name}\": application already exists (already exists)");
        }
        let revision = next_revision(model, &charm.name);
        place(call, uuid, &staging, &name, revision)?;
        let stored = store_resources(call, uuid, &name, &BTreeMap::new(), &files)?;
        let deployed =
            Deployed { app: name.clone(), charm: charm.name.clone(), revision, base: base.clone(), warning };
        let app = Application {
            name: name.clone(),
            life: Life::Alive,
            created: Timestamp::now(),
            revision,
            base,
            config,
            config_version: 1,
            upgrade_version: 0,
            trust,
            exposed: plan.exposed,
            constraints: if plan.constraints.is_empty() {
                model.constraints.clone()
            } else {
                plan.constraints
            },
            resources: stored,
            workload_version: String::new(),
            status: None,
            units: Default::default(),
            charm,
        };
        add_peers(model, &app);
        model.applications.insert(name.clone(), app);
        for address in addresses {
            add_unit(model, &name, address);
        }
        Ok(deployed)
    })
}

/// Local charms of one name are numbered within the model.
fn next_revision(model: &mut Model, charm: &str) -> u32 {
    let next = model.next_revision.entry(charm.to_owned()).or_default();
    *next += 1;
    *next - 1
}

fn store_resources(
    call: &Call<'_>,
    uuid: &str,
    app: &str,
    known: &BTreeMap<String, Resource>,
    files: &BTreeMap<String, resources::Given>,
) -> Result<BTreeMap<String, Resource>, Failure> {
    let mut stored = known.clone();
    for (name, given) in files {
        let revision = known.get(name).map_or(0, |resource| resource.revision + 1);
        stored.insert(name.clone(), resources::store(call, uuid, app, name, revision, given)?);
    }
    Ok(stored)
}

fn add_peers(model: &mut Model, app: &Application) {
    for endpoint in app.charm.endpoints.values().filter(|endpoint| endpoint.role == Role::Peer) {
        let id = model.next_relation;
        model.next_relation += 1;
        model.relations.insert(
            id,
            Relation {
                id,
                life: Life::Alive,
                sides: vec![Side { app: app.name.clone(), endpoint: endpoint.clone() }],
                units: BTreeMap::new(),
                applications: BTreeMap::new(),
                forced: false,
            },
        );
    }
}

/// Adds a unit on a machine of its own.
pub(super) fn add_unit(model: &mut Model, app: &str, address: std::net::Ipv4Addr) -> Option<String> {
    let number = model.next_unit.entry(app.to_owned()).or_default();
    let unit = Unit::new(app, *number, model.next_machine, address);
    *number += 1;
    model.next_machine += 1;
    let name = unit.name.clone();
    let (workload, agent) = (unit.workload.clone(), unit.agent_status.clone());
    model.applications.get_mut(app)?.units.insert(unit.number, unit);
    model.set_workload(&name, workload);
    model.set_agent(&name, agent);
    Some(name)
}

pub(super) fn refresh(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("application")?.to_owned();
    let uuid = call.model()?;
    let (old, resources_known) = call.look(|model| match model.applications.get(&name) {
        Some(app) => Ok((app.charm.clone(), app.resources.clone())),
        None => fail!("application \"{name}\" not found (not found)"),
    })?;
    let (base, units_in_error) = call.look(|model| {
        let app = model.applications.get(&name);
        let units = app.into_iter().flat_map(|app| app.units.values());
        Ok((app.map(|app| app.base.clone()), units.filter(|unit| unit.agent.failure.is_some()).count()))
    })?;
    if let Some(text) = call.args.get("base")
        && Some(parse_base(text)?) != base
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
    let (staging, charm) = stage(call, &uuid, &call.path(&path))?;
    if charm.name != old.name {
        fail!("cannot upgrade \"{}\" to \"{}\": another charm's name", old.name, charm.name);
    }
    let files = resources::check(call, &charm, &given)?;
    let values = config_arguments(call, Some(&name))?;
    let new_config = config::accept(&name, &charm, &values)?;
    let warning = charm_dir::unexecutable(&charm.name, &staging.path().join("charm"));
    let trust = call.args.has("trust");
    let revision = call.controller.update(&uuid, |model| {
        refuse_lost_endpoints(model, &name, &charm)?;
        let revision = next_revision(model, &charm.name);
        let Some(app) = model.applications.get_mut(&name) else { fail!("application \"{name}\" not found") };
        place(call, &uuid, &staging, &name, revision)?;
        app.resources = store_resources(call, &uuid, &name, &resources_known, &files)?;
        // Values of options that the new charm lacks or types otherwise go back to the default.
        app.config
            .retain(|key, value| charm.options.get(key).is_some_and(|option| option.accept(value).is_some()));
        app.config.extend(new_config);
        app.config_version += 1;
        app.trust |= trust;
        app.charm = charm;
        app.revision = revision;
        Ok(revision)
    })?;
    call.update(|model| {
        add_new_peers(model, &name);
        Ok(())
    })?;
    call.tell(format!("Added local charm \"{}\", revision {revision}, to the model\n", old.name));
    warning.into_iter().for_each(|warning| call.reply.err(warning));
    Ok(0)
}

fn refuse_lost_endpoints(model: &Model, name: &str, charm: &Charm) -> Result<(), Failure> {
    for relation in model.relations_of(name).filter(|relation| !relation.is_peer()) {
        let Some(side) = relation.endpoint_of(name) else { continue };
        let new = charm.endpoints.get(&side.endpoint.name);
        if new.is_none_or(|new| (new.role, &new.interface) != (side.endpoint.role, &side.endpoint.interface))
        {
            fail!("cannot upgrade application \"{name}\": would break relation \"{}\"", relation.key());
        }
    }
    Ok(())
}

fn add_new_peers(model: &mut Model, name: &str) {
    let Some(app) = model.applications.get(name) else { return };
    let mut app = app.clone();
    app.charm.endpoints.retain(|endpoint, _| {
        !model.relations.values().any(|relation| {
            relation.is_peer()
                && relation.endpoint_of(name).is_some_and(|side| side.endpoint.name == *endpoint)
        })
    });
    add_peers(model, &app);
}
