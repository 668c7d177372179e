//! `metadata.yaml`, `config.yaml` and `actions.yaml` of a packed charm: the charm's own files as they are, or what
//! `charmcraft.yaml` says.

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

use super::charm::Charm;
use super::files::{Entry, Files};
use super::yaml;
use crate::shown::shown;

/// The keys of `charmcraft.yaml` that are in `metadata.yaml` too.
const KEYS: [&str; 15] = [
    "name",
    "summary",
    "description",
    "assumes",
    "charm-user",
    "containers",
    "devices",
    "extra-bindings",
    "peers",
    "provides",
    "requires",
    "resources",
    "storage",
    "subordinate",
    "terms",
];

/// Those that may be in a `metadata.yaml` beside `charmcraft.yaml` instead.
pub(super) const OWN: [&str; 3] = ["name", "summary", "description"];

/// Texts, which charmcraft makes of numbers too.
const TEXTS: [&str; 4] = ["summary", "description", "display-name", "charm-user"];

/// The keys of `links` in `charmcraft.yaml`, and what they are called in `metadata.yaml`.
const LINKS: [(&str, &str); 5] = [
    ("documentation", "docs"),
    ("issues", "issues"),
    ("source", "source"),
    ("website", "website"),
    ("contact", "maintainers"),
];

/// Adds the three files, and says what of `charmcraft.yaml` is lost.
pub(super) fn add(files: &mut Files, charm: &Charm) -> Result<()> {
    files.insert("metadata.yaml".into(), Entry::text(metadata(charm)?));
    for (key, name) in [("config", "config.yaml"), ("actions", "actions.yaml")] {
        match section(charm, key, name)? {
            Some(text) => files.insert(name.into(), Entry::text(text)),
            // Without the key, charmcraft has no such file, whatever a part put there.
            None => files.remove(name),
        };
    }
    Ok(())
}

fn metadata(charm: &Charm) -> Result<String> {
    let Some((_, text)) = &charm.metadata else { return Ok(yaml::write(&dumped(&charm.yaml).into())) };
    let given = |key: &&str| charm.yaml.get(*key).is_some_and(|value| !value.is_null());
    let lost = KEYS.iter().copied().filter(|key| !OWN.contains(key)).chain(["title", "links"]).filter(given);
    let lost: Vec<&str> = lost.collect();
    if !lost.is_empty() {
        eprintln!(
            "warning: charm {} has a metadata.yaml, which is packed as it is: move {} there from charmcraft.yaml, \
             or nobody sees it",
            charm.name()?,
            lost.join(", ")
        );
    }
    Ok(text.clone())
}

/// What charmcraft makes of `charmcraft.yaml` where there is no `metadata.yaml`.
fn dumped(yaml: &Map<String, Value>) -> Map<String, Value> {
    let mut metadata = Map::new();
    for key in KEYS {
        metadata.insert(key.into(), yaml.get(key).cloned().unwrap_or_default());
    }
    metadata.insert("display-name".into(), yaml.get("title").cloned().unwrap_or_default());
    for (link, key) in LINKS {
        let value = yaml.get("links").and_then(|links| links.get(link)).cloned().unwrap_or_default();
        // A contact may be one or a list; maintainers are a list.
        let one = key == "maintainers" && value.is_string();
        metadata.insert(key.into(), if one { json!([value]) } else { value });
    }
    metadata.retain(|_, value| !value.is_null());
    for key in TEXTS {
        if let Some(value) = metadata.get_mut(key).filter(|value| value.is_number()) {
            *value = value.to_string().into();
        }
    }
    metadata
}

/// `config` or `actions`: the file of its own, else what `charmcraft.yaml` says; nothing is no file.
fn section(charm: &Charm, key: &str, file: &str) -> Result<Option<String>> {
    let path = charm.dir.join(file);
    let (value, text) = match (charm.yaml.get(key), path.exists()) {
        (Some(_), true) => bail!(
            "{} has `{key}`, and there is {}: move what the file says into `{key}`, and remove the file",
            shown(&charm.file),
            shown(&path)
        ),
        (None, false) => return Ok(None),
        (None, true) => {
            let (value, text) = yaml::read_file(&path)?;
            // charmcraft takes a list of actions for none.
            let none = key == "actions" && !value.is_object();
            (if none { Value::Null } else { value }, Some(text))
        }
        (Some(value), false) => (value.clone(), None),
    };
    match &value {
        Value::Null => Ok(None),
        Value::Object(map) if map.is_empty() => Ok(None),
        Value::Object(_) => Ok(Some(text.unwrap_or_else(|| yaml::write(&value)))),
        _ if text.is_some() => bail!("{} is not right: it holds no mapping of keys to values", shown(&path)),
        other => bail!("{}: `{key}` must be a mapping, and is {other}", shown(&charm.file)),
    }
}
