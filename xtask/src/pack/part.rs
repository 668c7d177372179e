//! A part of a charm as `charmcraft.yaml` has it: what the local packer takes on, and what it refuses by name.

use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};
use serde_json::{Map, Value};

use super::charm::Charm;

/// Keys without effect on what the local packer does: the order of building, and what must be on the building
/// machine (which a failing build will tell).
const NO_EFFECT: [&str; 4] = ["after", "build-packages", "build-snaps", "source-type"];
/// Keys that it knows, for every plugin.
const COMMON: [&str; 8] = [
    "plugin",
    "source",
    "organize",
    "stage",
    "prime",
    "override-build",
    "build-environment",
    "source-subdir",
];
/// Keys that it knows, of the `rust` plugin.
const RUST: [&str; 4] = ["rust-channel", "rust-features", "rust-no-default-features", "rust-path"];

#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) plugin: Plugin,
    /// Absolute.
    pub(super) source: PathBuf,
    pub(super) keys: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Plugin {
    Dump,
    Rust,
    /// Nothing, without the keys that are refused.
    Nil,
}

impl Part {
    /// The charm's parts, if the local packer can build all of them.
    pub(super) fn all(charm: &Charm) -> Result<Vec<Part>> {
        match charm.yaml.get("parts").and_then(Value::as_object) {
            Some(parts) => parts.iter().map(|(name, keys)| Part::read(charm, name, keys)).collect(),
            None => Err(refusal("charm", "it is charmcraft's default, of plugin `charm`")),
        }
    }

    fn read(charm: &Charm, name: &str, keys: &Value) -> Result<Part> {
        let keys = keys.as_object().cloned().unwrap_or_default();
        // A part without `plugin` is named after it.
        let plugin = match keys.get("plugin").and_then(Value::as_str).unwrap_or(name) {
            "dump" => Plugin::Dump,
            "rust" => Plugin::Rust,
            "nil" => Plugin::Nil,
            other => return Err(refusal(name, &format!("its plugin is `{other}`"))),
        };
        for (key, value) in &keys {
            let known = NO_EFFECT.contains(&key.as_str())
                || COMMON.contains(&key.as_str())
                || (plugin == Plugin::Rust && RUST.contains(&key.as_str()));
            let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            if !known && !empty {
                return Err(refusal(name, &format!("it has `{key}`")));
            }
        }
        if let Some(kind) = keys.get("source-type").filter(|kind| *kind != "local") {
            return Err(refusal(name, &format!("its source is of type {kind}")));
        }
        let source = source(charm, name, &keys)?;
        Ok(Part { name: name.to_owned(), plugin, source, keys })
    }

    pub(super) fn is_compiled(&self) -> bool {
        self.plugin == Plugin::Rust
    }

    /// The texts of a key; none when it is absent.
    pub(super) fn list(&self, key: &str) -> Result<Vec<String>> {
        match self.keys.get(key) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(list)) if list.iter().all(Value::is_string) => {
                Ok(list.iter().filter_map(Value::as_str).map(String::from).collect())
            }
            Some(other) => Err(self.wrong(&anyhow!("`{key}` must be a list of texts, and is {other}"))),
        }
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.keys.get(key).and_then(Value::as_str)
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        self.keys.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(super) fn refused(&self, why: &str) -> anyhow::Error {
        refusal(&self.name, why)
    }

    pub(super) fn wrong(&self, error: &anyhow::Error) -> anyhow::Error {
        anyhow!("part `{}`: {error:#}", self.name)
    }
}

fn source(charm: &Charm, part: &str, keys: &Map<String, Value>) -> Result<PathBuf> {
    let Some(source) = keys.get("source").and_then(Value::as_str) else { return Ok(charm.dir.clone()) };
    if source.contains("://") || source.starts_with("git@") {
        return Err(refusal(part, &format!("its source is not in this repository: {source}")));
    }
    let dir = charm.dir.join(source);
    if !dir.is_dir() {
        bail!("part `{part}`: there is no source directory {source}");
    }
    Ok(dir)
}

fn refusal(part: &str, why: &str) -> anyhow::Error {
    anyhow!(
        "part `{part}` cannot be built by the local packer: {why}; install charmcraft to pack this charm \
         (sudo snap install charmcraft --classic)"
    )
}
