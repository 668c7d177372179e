//! `charmcraft.yaml`, and the files of a packed charm that are derived from it.
//!
//! They are written as JSON, which every YAML reader takes for what it is: YAML written plainly has strings such as
//! `yes` that YAML 1.1 readers, Juju among them, take for a boolean.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Map, Value, json};

use crate::shown::shown;

/// The keys of `charmcraft.yaml` that are in `metadata.yaml` too.
const METADATA_KEYS: [&str; 15] = [
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

/// The keys of `links` in `charmcraft.yaml`, and what they are called in `metadata.yaml`.
const LINKS: [(&str, &str); 5] = [
    ("documentation", "docs"),
    ("issues", "issues"),
    ("source", "source"),
    ("website", "website"),
    ("contact", "maintainers"),
];

/// A charm's directory, with its `charmcraft.yaml` read.
#[derive(Debug)]
pub(crate) struct Charm {
    /// Absolute.
    pub(crate) dir: PathBuf,
    pub(super) yaml: Map<String, Value>,
}

impl Charm {
    pub(crate) fn read(dir: &Path) -> Result<Charm> {
        let dir =
            dir.canonicalize().with_context(|| format!("there is no charm directory {}", dir.display()))?;
        if !dir.join("charmcraft.yaml").exists() {
            bail!("there is no charmcraft.yaml in {}: is it a charm's directory?", shown(&dir));
        }
        let yaml = read_yaml(&dir.join("charmcraft.yaml"))?;
        if let Some(kind) = yaml.get("type").filter(|kind| *kind != "charm") {
            bail!("{} is of type {kind}, not a charm", shown(&dir.join("charmcraft.yaml")));
        }
        Ok(Charm { dir, yaml })
    }

    /// The charm's name; older charms have it in a `metadata.yaml` of their own.
    pub(crate) fn name(&self) -> Result<String> {
        let name = match self.yaml.get("name") {
            Some(name) => name.clone(),
            None => self.own("metadata.yaml")?.and_then(|own| own.get("name").cloned()).unwrap_or_default(),
        };
        let text = name.as_str().unwrap_or_default();
        // The name becomes a file's: it must stay in the charm's directory.
        let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if text.is_empty() || !text.bytes().all(valid) {
            bail!(
                "{}: the charm's name must be of a-z, 0-9 and \"-\", and is {name}",
                shown(&self.dir.join("charmcraft.yaml"))
            );
        }
        Ok(text.to_owned())
    }

    pub(super) fn metadata(&self) -> Result<String> {
        if let Some(own) = self.own("metadata.yaml")? {
            return Ok(pretty(&own.into()));
        }
        let mut metadata = Map::new();
        for key in METADATA_KEYS {
            if let Some(value) = self.yaml.get(key) {
                metadata.insert(key.into(), value.clone());
            }
        }
        if let Some(title) = self.yaml.get("title") {
            metadata.insert("display-name".into(), title.clone());
        }
        for (link, key) in LINKS {
            if let Some(value) = self.yaml.get("links").and_then(|links| links.get(link)) {
                // A contact may be one or a list; maintainers are a list.
                let one = key == "maintainers" && value.is_string();
                metadata.insert(key.into(), if one { json!([value]) } else { value.clone() });
            }
        }
        if let Some(subordinate) = metadata.get_mut("subordinate") {
            mend_boolean(subordinate);
        }
        Ok(pretty(&metadata.into()))
    }

    pub(super) fn config(&self) -> Result<Option<String>> {
        let Some(mut config) = self.section("config", "config.yaml")? else { return Ok(None) };
        let options = config.get_mut("options").and_then(Value::as_object_mut);
        for option in options.into_iter().flat_map(Map::values_mut) {
            if option.get("type").is_some_and(|kind| kind == "boolean")
                && let Some(default) = option.get_mut("default")
            {
                mend_boolean(default);
            }
        }
        Ok(Some(pretty(&config)))
    }

    pub(super) fn actions(&self) -> Result<Option<String>> {
        Ok(self.section("actions", "actions.yaml")?.as_ref().map(pretty))
    }

    /// A part of `charmcraft.yaml`, or the file of its own that older charms have for it.
    fn section(&self, key: &str, file: &str) -> Result<Option<Value>> {
        match self.yaml.get(key) {
            Some(value) => Ok(Some(value.clone())),
            None => Ok(self.own(file)?.map(Value::from)),
        }
    }

    fn own(&self, file: &str) -> Result<Option<Map<String, Value>>> {
        let path = self.dir.join(file);
        if path.exists() { read_yaml(&path).map(Some) } else { Ok(None) }
    }
}

fn read_yaml(path: &Path) -> Result<Map<String, Value>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", shown(path)))?;
    let wrong = || format!("{} is not right", shown(path));
    let mut yaml: serde_yaml::Value = serde_yaml::from_str(&text).with_context(wrong)?;
    yaml.apply_merge().with_context(wrong)?;
    match serde_json::to_value(&yaml).with_context(wrong)? {
        Value::Object(map) => Ok(map),
        _ => Err(anyhow!("it holds no mapping of keys to values")).with_context(wrong),
    }
}

/// charmcraft and Juju read YAML 1.1, where a plain `yes` is a boolean; here it arrives as a string.
fn mend_boolean(value: &mut Value) {
    let mended = match value.as_str() {
        Some("yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y") => true,
        Some("no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N") => false,
        _ => return,
    };
    *value = Value::Bool(mended);
}

/// As the files of a packed charm have it.
pub(super) fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
