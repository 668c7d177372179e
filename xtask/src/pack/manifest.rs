//! `manifest.yaml`: what a packed charm runs on, and who packed it.

use std::env;

use anyhow::{Context, Result, anyhow};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::analysis;
use super::archive::MARKER;
use super::charm::Charm;
use super::files::Files;
use super::platform::{Base, Platform};
use super::yaml;

/// What is told of a packed charm.
pub(super) struct Manifest<'a> {
    pub(super) charm: &'a Charm,
    pub(super) platform: &'a Platform,
    /// The `major.minor` of the Python that the charm's packages were installed for.
    pub(super) python: Option<String>,
}

impl Manifest<'_> {
    /// Its text; `files` is the rest of the charm.
    pub(super) fn text(&self, files: &Files) -> Result<String> {
        let mut manifest = Map::new();
        let mut add = |key: &str, value: Value| drop(manifest.insert(key.into(), value));
        add("charmcraft-version", concat!("jubilant-xtask-", env!("CARGO_PKG_VERSION")).into());
        if let Some(started_at) = started_at()? {
            add("charmcraft-started-at", started_at.into());
        }
        add(MARKER, "jubilant-xtask (not charmcraft)".into());
        if let Some(python) = &self.python {
            // charmcraft builds every package from its source.
            add("wheels", true.into());
            add("python", python.as_str().into());
        }
        let bases: Vec<Value> = self.platform.bases.iter().map(base).collect();
        if !bases.is_empty() {
            add("bases", bases.into());
        }
        add("analysis", json!({"attributes": analysis::attributes(self.charm, files)?}));
        if let Some(image_info) = image_info()? {
            add("image-info", image_info);
        }
        Ok(yaml::write(&manifest.into()))
    }
}

fn base(base: &Base) -> Value {
    json!({"name": base.name, "channel": base.channel, "architectures": base.architectures})
}

/// From `SOURCE_DATE_EPOCH`. Otherwise there is none: the same charm is to be the same bytes whenever it is packed.
fn started_at() -> Result<Option<String>> {
    let Some(seconds) = env::var_os("SOURCE_DATE_EPOCH").filter(|seconds| !seconds.is_empty()) else {
        return Ok(None);
    };
    let seconds = seconds.to_string_lossy();
    let date = seconds.parse().ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    let date = date.ok_or_else(|| {
        anyhow!("SOURCE_DATE_EPOCH must be a number of seconds since 1970, and is {seconds:?}")
    })?;
    // charmcraft writes the offset in digits.
    Ok(Some(date.format(&Rfc3339)?.replace('Z', "+00:00")))
}

/// What the machine that builds says of its image, as for charmcraft.
fn image_info() -> Result<Option<Value>> {
    match env::var("CHARMCRAFT_IMAGE_INFO") {
        Ok(text) if !text.is_empty() => {
            serde_json::from_str(&text).context("CHARMCRAFT_IMAGE_INFO must be JSON").map(Some)
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_charm_without_a_base_says_none_and_one_with_a_python_says_which() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("metadata.yaml"), "name: old").unwrap();
        fs::create_dir(dir.path().join("hooks")).unwrap();
        let charm = Charm::read(dir.path()).unwrap();
        let platform = Platform::choose(&charm, false).unwrap();
        let manifest = Manifest { charm: &charm, platform: &platform, python: Some("3.11".into()) };
        let manifest: Value = serde_json::from_str(&manifest.text(&Files::new()).unwrap()).unwrap();
        assert_eq!(manifest.get("bases"), None);
        assert_eq!((&manifest["python"], &manifest["wheels"]), (&json!("3.11"), &json!(true)));
    }
}
