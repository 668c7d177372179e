//! A part of a charm as `charmcraft.yaml` has it: what the local packer takes on, and what it refuses by name.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use serde_json::{Map, Value};

use super::charm::Charm;
use super::order::{Ordered, order};

/// Keys that charmcraft knows (others never come here: see `schema`) and the local packer does not. Of what must be on
/// the building machine, a failing build will tell.
const REFUSED: [&str; 23] = [
    "build-attributes",
    "overlay",
    "overlay-packages",
    "overlay-recommended-packages",
    "overlay-script",
    "override-overlay",
    "override-prime",
    "override-pull",
    "override-stage",
    "rust-cargo-parameters",
    "rust-ignore-toolchain-file",
    "rust-inherit-ldflags",
    "rust-use-global-lto",
    "source-branch",
    "source-channel",
    "source-checksum",
    "source-commit",
    "source-depth",
    "source-submodules",
    "source-tag",
    "stage-packages",
    "stage-slices",
    "stage-snaps",
];

#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) plugin: Plugin,
    /// Absolute. A part without a source has the charm's directory here.
    pub(super) source: PathBuf,
    pub(super) keys: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Plugin {
    Dump,
    Rust,
    /// Nothing, without the keys that are refused.
    Nil,
    Uv,
    Charm,
    Poetry,
    Python,
}

impl Plugin {
    fn named(name: &str) -> Option<Plugin> {
        Some(match name {
            "dump" => Plugin::Dump,
            "rust" => Plugin::Rust,
            "nil" => Plugin::Nil,
            "uv" => Plugin::Uv,
            "charm" => Plugin::Charm,
            "poetry" => Plugin::Poetry,
            "python" => Plugin::Python,
            _ => return None,
        })
    }

    /// Whether charmcraft refuses such a part without `source`.
    fn needs_source(self) -> bool {
        match self {
            Plugin::Dump | Plugin::Rust | Plugin::Uv | Plugin::Poetry | Plugin::Python => true,
            Plugin::Nil | Plugin::Charm => false,
        }
    }
}

impl Part {
    /// The charm's parts in the order of building, if the local packer can build all of them.
    pub(super) fn all(charm: &Charm) -> Result<Vec<Part>> {
        let Some(parts) = charm.yaml.get("parts").and_then(Value::as_object) else {
            return Err(refusal("charm", "it is charmcraft's default, of plugin `charm`"));
        };
        let parts = parts.iter().map(|(name, keys)| Part::read(charm, name, keys));
        let mut parts = parts.map(|part| part.map(Some)).collect::<Result<Vec<_>>>()?;
        let ordered: Result<Vec<_>> = parts.iter().flatten().map(Part::ordered).collect();
        Ok(order(&ordered?)?.into_iter().filter_map(|index| parts[index].take()).collect())
    }

    fn ordered(&self) -> Result<Ordered<'_>> {
        Ok(Ordered { name: &self.name, after: self.list("after")? })
    }

    fn read(charm: &Charm, name: &str, keys: &Value) -> Result<Part> {
        // It names directories, of which what an earlier pack left is removed.
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
            bail!(
                "part {name:?}: the name of a part must be that of a directory, without `/` and not beginning with \
                 `.`: rename it"
            );
        }
        let keys = keys.as_object().cloned().unwrap_or_default();
        // A part without `plugin` is named after it.
        let called = keys.get("plugin").and_then(Value::as_str).unwrap_or(name);
        let plugin =
            Plugin::named(called).ok_or_else(|| refusal(name, &format!("its plugin is `{called}`")))?;
        for (key, value) in &keys {
            check_kind(name, key, value)?;
            // cargo would have to be told of the variables.
            let refused =
                REFUSED.contains(&key.as_str()) || (plugin == Plugin::Rust && key == "build-environment");
            let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            if refused && !empty {
                return Err(refusal(name, &format!("it has `{key}`")));
            }
        }
        if let Some(kind) = keys.get("source-type").filter(|kind| *kind != "local") {
            return Err(refusal(name, &format!("its source is of type {kind}")));
        }
        let source = match keys.get("source") {
            None | Some(Value::Null) if plugin.needs_source() => {
                bail!("part `{name}` has no `source`, which its plugin needs: add `source: .` or a directory")
            }
            None | Some(Value::Null) => charm.dir.clone(),
            // Without the `.` of `source: .`, which would be in every message.
            Some(source) => charm.dir.join(local(name, source)?).components().collect(),
        };
        let part = Part { name: name.to_owned(), plugin, source, keys };
        part.environment()?;
        if let Some(subdir) = part.keys.get("source-subdir").filter(|_| part.subdir().is_none()) {
            bail!("part `{name}`: `source-subdir` must be a directory within the source, and is {subdir}");
        }
        Ok(part)
    }

    /// Where in the source the part is built, by `source-subdir`: a path of plain names.
    pub(super) fn subdir(&self) -> Option<String> {
        let subdir = self.text("source-subdir").filter(|subdir| !subdir.starts_with('/'))?;
        let names: Vec<&str> = subdir.split('/').filter(|name| !["", "."].contains(name)).collect();
        (!names.contains(&"..")).then(|| names.join("/"))
    }

    /// The directory where the part is built: that of its source, or `source-subdir` in it.
    pub(super) fn build_dir(&self) -> PathBuf {
        self.source.join(self.subdir().unwrap_or_default())
    }

    /// Whether it brings packages for one version of Python.
    pub(super) fn is_python(&self) -> bool {
        matches!(self.plugin, Plugin::Uv | Plugin::Charm | Plugin::Poetry | Plugin::Python)
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

    /// `build-environment`, as it stands.
    pub(super) fn environment(&self) -> Result<Vec<(String, String)>> {
        let Some(given) = self.keys.get("build-environment").filter(|value| !value.is_null()) else {
            return Ok(Vec::new());
        };
        let wrong = |what: &str| anyhow!("part `{}`: `build-environment` {what}, and is {given}", self.name);
        let list =
            given.as_array().and_then(|list| list.iter().map(Value::as_object).collect::<Option<Vec<_>>>());
        let list = list.ok_or_else(|| wrong("must be a list of NAME: VALUE"))?;
        let variables = list.into_iter().flatten().map(|(name, value)| {
            let value = match value {
                Value::String(text) if !text.contains('\n') => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return Err(wrong("must have texts of one line: put them in quotes")),
            };
            if is_variable(name) {
                Ok((name.clone(), value))
            } else {
                Err(wrong("must have names of variables"))
            }
        });
        variables.collect()
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

/// Refuses what is no text, and no yes or no, where there must be one: it would be as if it were not there.
fn check_kind(part: &str, key: &str, value: &Value) -> Result<()> {
    const TEXTS: [&str; 3] = ["charm-entrypoint", "override-build", "rust-channel"];
    const FLAGS: [&str; 4] =
        ["charm-strict-dependencies", "poetry-keep-bins", "python-keep-bins", "rust-no-default-features"];
    let (is_right, kind) = match key {
        _ if TEXTS.contains(&key) => (value.is_string() || value.is_null(), "a text"),
        _ if FLAGS.contains(&key) => (value.is_boolean(), "true or false"),
        _ => return Ok(()),
    };
    if !is_right {
        bail!("part `{part}`: `{key}` must be {kind}, and is {value}");
    }
    Ok(())
}

/// Whether this can be the name of a shell's variable.
pub(super) fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A source in the repository; any other would be fetched, or would pack what lies around on this machine.
fn local<'a>(part: &str, source: &'a Value) -> Result<&'a str> {
    const REMOTE: [&str; 3] = ["git@", "git+", "lp:"];
    let Some(text) = source.as_str().filter(|text| !text.is_empty()) else {
        bail!("part `{part}`: `source` must be the name of a directory, and is {source}");
    };
    if text.contains("://") || REMOTE.iter().any(|start| text.starts_with(start)) {
        return Err(refusal(part, &format!("its source is not in this repository: {text}")));
    }
    if Path::new(text).is_absolute() {
        return Err(refusal(
            part,
            &format!("its source is a place on this machine and not in this repository: {text}"),
        ));
    }
    Ok(text)
}

fn refusal(part: &str, why: &str) -> anyhow::Error {
    anyhow!(
        "part `{part}` cannot be built by the local packer: {why}; install charmcraft to pack this charm \
         (sudo snap install charmcraft --classic)"
    )
}
