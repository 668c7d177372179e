//! The keys of a charm: what charmcraft refuses is refused here too, so that a charm that packs on this machine packs
//! there. Its tables of keys are those of charmcraft 4.5.0.

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use super::charm::Charm;
use super::metadata::OWN;
use super::part_keys::{COMMON, PLUGINS};
use crate::shown::shown;

/// The keys of `charmcraft.yaml`.
const KEYS: [&str; 36] = [
    "actions",
    "adopt-info",
    "analysis",
    "assumes",
    "base",
    "bases",
    "build-base",
    "build-slices",
    "charm-libs",
    "charm-user",
    "charmhub",
    "config",
    "containers",
    "description",
    "devices",
    "extra-bindings",
    "links",
    "name",
    "package-repositories",
    "parts",
    "peers",
    "platforms",
    "provides",
    "requires",
    "resources",
    "storage",
    "subordinate",
    "summary",
    "terms",
    "title",
    "type",
    "version",
    // These must be empty.
    "contact",
    "issues",
    "license",
    "source-code",
];

const LINKS: [&str; 5] = ["contact", "documentation", "issues", "source", "website"];

/// What other files, and other versions, call a key, and what to do about it.
const REMEDIES: [(&[&str], &str); 5] = [
    (&["display-name"], "call it `title`"),
    (&["maintainer", "maintainers", "contact"], "write it as `contact` of `links`"),
    (&["docs"], "write it as `documentation` of `links`"),
    (&["issues", "source", "website"], "write it as that key of `links`"),
    (&["source-code"], "write it as `source` of `links`"),
];

/// Refuses what charmcraft refuses; of a charm without `charmcraft.yaml`, only what nobody could take.
pub(super) fn check(charm: &Charm) -> Result<()> {
    let file = shown(&charm.file);
    if !charm.implicit {
        if charm.yaml.get("type").is_none() {
            bail!("{file} has no `type`: add `type: charm`");
        }
        if charm.yaml.contains_key("extensions") {
            bail!(
                "{file}: the local packer does not know `extensions`: install charmcraft (sudo snap install charmcraft \
                 --classic), or put what `charmcraft expand-extensions` prints there"
            );
        }
        top_level(charm)?;
        kinds(charm)?;
        links(charm)?;
        parts(charm)?;
    }
    own(charm)
}

fn top_level(charm: &Charm) -> Result<()> {
    let file = shown(&charm.file);
    let must_be_empty = &KEYS[32..];
    for (key, value) in &charm.yaml {
        let known = KEYS.contains(&key.as_str());
        if known && (value.is_null() || !must_be_empty.contains(&key.as_str())) {
            continue;
        }
        let remedy = REMEDIES.iter().find(|(keys, _)| keys.contains(&key.as_str()));
        let remedy = remedy.map_or("remove it, or correct its name", |(_, remedy)| *remedy);
        bail!("{file}: charmcraft does not take the key `{key}`: {remedy}");
    }
    Ok(())
}

/// Refuses values that are of another kind than their key's, as far as a charm would get them as they are.
fn kinds(charm: &Charm) -> Result<()> {
    let is_user = |value: &Value| ["root", "sudoer", "non-root"].iter().any(|user| value == user);
    for (key, value) in charm.yaml.iter().filter(|(_, value)| !value.is_null()) {
        let (is_right, kind) = match key.as_str() {
            "analysis" | "charmhub" | "containers" | "devices" | "extra-bindings" | "links" | "peers"
            | "provides" | "requires" | "resources" | "storage" => (value.is_object(), "a mapping"),
            "assumes" | "build-slices" | "package-repositories" | "terms" => (value.is_array(), "a list"),
            "adopt-info" | "title" => (value.is_string() || value.is_number(), "a text"),
            "charm-user" => (is_user(value), "root, sudoer or non-root"),
            "subordinate" => (value.is_boolean(), "true or false"),
            _ => continue,
        };
        if !is_right {
            bail!("{}: `{key}` must be {kind}, and is {value}", shown(&charm.file));
        }
    }
    Ok(())
}

fn links(charm: &Charm) -> Result<()> {
    for (key, _) in charm.yaml.get("links").and_then(Value::as_object).into_iter().flatten() {
        if !LINKS.contains(&key.as_str()) {
            bail!(
                "{}: charmcraft does not take the key `{key}` of `links`: it knows {}",
                shown(&charm.file),
                LINKS.join(", ")
            );
        }
    }
    Ok(())
}

/// The name, summary and description: each in one of the two files.
fn own(charm: &Charm) -> Result<()> {
    let file = shown(&charm.file);
    for key in OWN {
        let here = charm.yaml.contains_key(key);
        let there = charm.metadata.as_ref().is_some_and(|(map, _)| map.contains_key(key));
        if here && there {
            bail!("{file} and metadata.yaml both have `{key}`: remove it from one of them");
        }
        match charm.own(key) {
            Some(Value::String(_) | Value::Number(_)) => {}
            None | Some(Value::Null) => bail!("{file} has no `{key}`: add a text"),
            Some(other) => bail!("{file}: `{key}` must be a text, and is {other}: put it in quotes"),
        }
    }
    charm.name().map(drop)
}

fn parts(charm: &Charm) -> Result<()> {
    let file = shown(&charm.file);
    let parts = match charm.yaml.get("parts") {
        Some(Value::Object(parts)) if !parts.is_empty() => parts,
        None | Some(Value::Null | Value::Object(_)) => bail!(
            "{file} has no `parts`, which a charm with `platforms` needs: add one, such as `parts: {{charm: {{plugin: \
             uv, source: .}}}}`"
        ),
        Some(other) => bail!("{file}: `parts` must be a mapping of names to parts, and is {other}"),
    };
    for (name, keys) in parts {
        let Value::Object(keys) = keys else {
            bail!("{file}: part `{name}` must be a mapping of keys, and is {keys}: add `plugin`");
        };
        part(charm, name, keys)?;
    }
    Ok(())
}

fn part(charm: &Charm, name: &str, keys: &Map<String, Value>) -> Result<()> {
    let file = shown(&charm.file);
    // A part without `plugin` is named after it.
    let plugin = match keys.get("plugin") {
        None => name,
        Some(Value::String(plugin)) if !plugin.is_empty() => plugin,
        Some(other) => bail!("{file}: part `{name}`: `plugin` must be the name of a plugin, and is {other}"),
    };
    let Some((_, own)) = PLUGINS.iter().find(|(known, _)| *known == plugin) else {
        bail!("{file}: part `{name}`: there is no plugin `{plugin}`: add `plugin`, or correct its name");
    };
    for key in keys.keys().map(String::as_str) {
        if !COMMON.contains(&key) && !own.contains(&key) {
            let other = PLUGINS.iter().find(|(_, own)| own.contains(&key));
            let whose = other.map_or(String::new(), |(other, _)| format!(" (it is one of plugin `{other}`)"));
            bail!(
                "{file}: part `{name}`: plugin `{plugin}` does not take the key `{key}`{whose}: remove it, or correct \
                 its name"
            );
        }
    }
    Ok(())
}
