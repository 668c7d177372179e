//! Bundles of local charms.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use super::call::Call;
use super::plan::{Plan, apply, constraints, parse_base};
use crate::ground::failure::{Failure, fail, unsupported};
use crate::ground::yaml;

/// Deploys a bundle file, with its overlays on top: all of it is read and checked before anything is deployed.
pub(super) fn deploy(call: &mut Call<'_>, uuid: &str, path: &Path) -> Result<i32, Failure> {
    if call.args.positionals.len() > 1 {
        fail!("a bundle has no application name of its own");
    }
    for flag in ["num-units", "config", "resource", "base", "series", "channel", "constraints"] {
        if call.args.get(flag).is_some() {
            fail!("options provided but not supported when deploying a bundle: --{flag}.");
        }
    }
    let mut bundle = read(path)?;
    for overlay in call.args.all("overlay") {
        merge(&mut bundle, read(&call.path(overlay))?);
    }
    let trust = call.args.has("trust");
    let plans = applications(&bundle, path.parent().unwrap_or(Path::new("/")), trust)?;
    let pairs = pairs(&bundle)?;
    let known: Vec<String> = call.look(|model| Ok(model.applications.keys().cloned().collect()))?;
    for (name, _) in pairs
        .iter()
        .flat_map(|(one, other)| [one, other])
        .map(|text| text.split_once(':').unwrap_or((text, "")))
    {
        if !plans.iter().any(|plan| plan.name.as_deref() == Some(name))
            && !known.iter().any(|app| app == name)
        {
            fail!("the bundle relates application \"{name}\", which it does not have");
        }
    }
    for plan in plans {
        let name = plan.name.clone().unwrap_or_default();
        // As with Juju, an application that is there already stays.
        if known.contains(&name) {
            continue;
        }
        call.tell(format!("- deploy application {name} from local charm\n"));
        let deployed = apply(call, uuid, plan)?;
        deployed.warnings.into_iter().for_each(|warning| call.reply.err(warning));
    }
    for (one, other) in pairs {
        let related = call.state.update(uuid, |model| model.integrate(&one, &other));
        match related {
            Err(failure) if failure.text.contains("already exists") => {}
            other => other?,
        }
        call.tell(format!("- add integration {one} - {other}\n"));
    }
    call.tell("Deploy of bundle completed.\n");
    Ok(0)
}

fn read(path: &Path) -> Result<Map<String, Value>, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("cannot read bundle {}: {error}", path.display())))?;
    match yaml::parse(&text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => fail!("bundle {} is not a YAML map", path.display()),
        Err(error) => fail!("cannot parse bundle {}: {error}", path.display()),
    }
}

/// Lays an overlay over a bundle: maps merge, relations add up, `null` removes.
fn merge(bundle: &mut Map<String, Value>, overlay: Map<String, Value>) {
    for (key, value) in overlay {
        match (bundle.get_mut(&key), value) {
            (_, Value::Null) => drop(bundle.shift_remove(&key)),
            (Some(Value::Object(inner)), Value::Object(over)) => merge(inner, over),
            (Some(Value::Array(list)), Value::Array(more)) if key == "relations" => list.extend(more),
            (_, value) => drop(bundle.insert(key, value)),
        }
    }
}

fn refuse_unknown(map: &Map<String, Value>, known: &[&str], place: &str) -> Result<(), Failure> {
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(unsupported(&format!("key \"{key}\" in {place}"))),
        None => Ok(()),
    }
}

fn applications(bundle: &Map<String, Value>, dir: &Path, trust: bool) -> Result<Vec<Plan>, Failure> {
    let known = [
        "applications",
        "relations",
        "description",
        "name",
        "default-base",
        "series",
        "tags",
        "website",
        "source",
        "issues",
        "docs",
        "bundle",
    ];
    refuse_unknown(bundle, &known, "the bundle")?;
    if bundle.get("bundle").and_then(Value::as_str) == Some("kubernetes") {
        return Err(unsupported("a Kubernetes bundle"));
    }
    let Some(Value::Object(applications)) = bundle.get("applications") else {
        fail!("the bundle has no applications")
    };
    applications.iter().map(|(name, spec)| plan(name, spec, bundle.get("default-base"), dir, trust)).collect()
}

fn plan(
    name: &str,
    spec: &Value,
    default_base: Option<&Value>,
    dir: &Path,
    trust: bool,
) -> Result<Plan, Failure> {
    let Value::Object(spec) = spec else { fail!("application \"{name}\" of the bundle is not a map") };
    let known = [
        "charm",
        "num_units",
        "scale",
        "options",
        "resources",
        "trust",
        "expose",
        "constraints",
        "base",
        "series",
        "channel",
        "annotations",
    ];
    refuse_unknown(spec, &known, &format!("application \"{name}\" of the bundle"))?;
    let Some(charm) = spec.get("charm").and_then(Value::as_str) else {
        fail!("application \"{name}\" of the bundle has no charm")
    };
    let path = dir.join(charm.strip_prefix("local:").unwrap_or(charm));
    if !(charm.starts_with(['.', '/']) || charm.starts_with("local:") || path.exists()) {
        return Err(unsupported(&format!("charm \"{charm}\" is not a local path, and Charmhub")));
    }
    if !path.exists() {
        fail!("no charm was found at \"{}\"", path.display());
    }
    let text =
        |key: &str| spec.get(key).or_else(|| default_base.filter(|_| key == "base")).and_then(Value::as_str);
    let base = match text("base").or(text("series")) {
        Some(base) => Some(parse_base(base)?),
        None => None,
    };
    let map = |key: &str| spec.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
    let resources = map("resources").into_iter().map(|(name, value)| match value {
        Value::String(text) if text.starts_with(['.', '/']) => {
            (name, dir.join(text).to_string_lossy().into_owned())
        }
        Value::String(text) => (name, text),
        other => (name, other.to_string()),
    });
    let units = spec.get("num_units").or(spec.get("scale")).map_or(Some(1), Value::as_u64);
    let Some(units) = units.and_then(|units| u32::try_from(units).ok()) else {
        fail!("num_units of \"{name}\" is not a number")
    };
    Ok(Plan {
        charm: path,
        name: Some(name.to_owned()),
        units,
        config: map("options").into_iter().collect::<BTreeMap<_, _>>(),
        resources: resources.collect(),
        base,
        constraints: constraints(spec.get("constraints").and_then(Value::as_str).unwrap_or_default())?,
        trust: trust || spec.get("trust").and_then(Value::as_bool).unwrap_or(false),
        exposed: spec.get("expose").and_then(Value::as_bool).unwrap_or(false),
    })
}

/// Relations as `[[a:x, b:y], …]`; the second may be a list.
fn pairs(bundle: &Map<String, Value>) -> Result<Vec<(String, String)>, Failure> {
    let mut pairs = Vec::new();
    for entry in bundle.get("relations").and_then(Value::as_array).into_iter().flatten() {
        let sides = entry.as_array().map(Vec::as_slice).unwrap_or_default();
        let [Value::String(one), rest] = sides else {
            fail!("a relation of the bundle is not a pair: {entry}")
        };
        match rest {
            Value::String(other) => pairs.push((one.clone(), other.clone())),
            Value::Array(others) if others.iter().all(Value::is_string) => {
                pairs.extend(
                    others.iter().filter_map(Value::as_str).map(|other| (one.clone(), other.to_owned())),
                );
            }
            _ => fail!("a relation of the bundle is not a pair: {entry}"),
        }
    }
    Ok(pairs)
}
