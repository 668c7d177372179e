//! A charm's directory, and what its `charmcraft.yaml` and `metadata.yaml` say.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::yaml;
use crate::shown::shown;

/// A charm's directory, with its `charmcraft.yaml` read.
#[derive(Debug)]
pub(crate) struct Charm {
    /// Absolute.
    pub(crate) dir: PathBuf,
    /// `charmcraft.yaml`, or `metadata.yaml` where there is none: for messages.
    pub(super) file: PathBuf,
    /// Of an old charm that has none, what stands for it.
    pub(super) yaml: Map<String, Value>,
    /// A `metadata.yaml` of the charm's own, and its text.
    pub(super) metadata: Option<(Map<String, Value>, String)>,
    /// Whether it has no `charmcraft.yaml`, which charmcraft would refuse.
    pub(super) implicit: bool,
}

impl Charm {
    pub(crate) fn read(dir: &Path) -> Result<Charm> {
        let dir =
            dir.canonicalize().with_context(|| format!("there is no charm directory {}", dir.display()))?;
        if !dir.is_dir() {
            bail!("{} is a file, and what is packed is a charm's directory", shown(&dir));
        }
        let (charmcraft, own) = (dir.join("charmcraft.yaml"), dir.join("metadata.yaml"));
        let metadata = own.exists().then(|| yaml::read_mapping(&own)).transpose()?;
        let implicit = !charmcraft.exists();
        let charm = if implicit {
            let has_program = dir.join("src/charm.py").exists();
            if metadata.is_none() || !(has_program || dir.join("hooks").is_dir()) {
                bail!("there is no charmcraft.yaml in {}: is it a charm's directory?", shown(&dir));
            }
            Charm { yaml: implied(has_program), file: own, dir, metadata, implicit }
        } else {
            let (mut yaml, _) = yaml::read_mapping(&charmcraft)?;
            if yaml.contains_key("bases") && yaml.get("parts").is_none_or(is_empty) {
                yaml.insert("parts".into(), default_parts());
            }
            Charm { yaml, file: charmcraft, dir, metadata, implicit }
        };
        if let Some(kind) = charm.yaml.get("type").filter(|kind| *kind != "charm") {
            bail!("{} is of type {kind}, not a charm", shown(&charm.file));
        }
        Ok(charm)
    }

    /// The charm's name; older charms have it in a `metadata.yaml` of their own.
    pub(crate) fn name(&self) -> Result<String> {
        let name = self.own("name").cloned().unwrap_or_default();
        let text = name.as_str().unwrap_or_default();
        // The name becomes a file's: it must stay in the charm's directory.
        let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let wrong = !text.bytes().all(valid)
            || !text.bytes().any(|byte| byte.is_ascii_lowercase())
            || text.starts_with('-')
            || text.ends_with('-')
            || text.contains("--")
            || text.len() > 40;
        if wrong {
            bail!(
                "{}: the charm's `name` must be of a-z, 0-9 and single \"-\" between them, with a letter and at \
                 most 40 characters, and is {name}",
                shown(&self.file)
            );
        }
        Ok(text.to_owned())
    }

    /// A key that is in `metadata.yaml` if it is not in `charmcraft.yaml`.
    pub(super) fn own(&self, key: &str) -> Option<&Value> {
        self.yaml.get(key).or_else(|| self.metadata.as_ref()?.0.get(key))
    }
}

/// What stands for the `charmcraft.yaml` of a charm from before there was one. With hooks alone, it is packed as it is:
/// plugin `charm` is for charms with a program in Python.
fn implied(has_program: bool) -> Map<String, Value> {
    let parts =
        if has_program { default_parts() } else { json!({"charm": {"plugin": "dump", "source": "."}}) };
    [("type".to_owned(), json!("charm")), ("parts".to_owned(), parts)].into_iter().collect()
}

/// The parts of a charm that has `bases`, and names none; one with `platforms` has to.
fn default_parts() -> Value {
    json!({"charm": {"plugin": "charm", "source": "."}})
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(Map::is_empty)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(files: &[(&str, &str)]) -> Result<Charm> {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::create_dir_all(dir.path().join(name).parent().unwrap()).unwrap();
            fs::write(dir.path().join(name), text).unwrap();
        }
        Charm::read(dir.path())
    }

    #[test]
    fn without_charmcraft_yaml_it_is_one_part_of_everything() {
        let metadata = ("metadata.yaml", "name: old\nsummary: x\ndescription: x\n");
        for (code, plugin) in [(("src/charm.py", ""), "charm"), (("hooks/install", ""), "dump")] {
            let charm = read(&[metadata, code]).unwrap();
            assert!(
                charm.implicit && charm.name().unwrap() == "old" && charm.file.ends_with("metadata.yaml")
            );
            assert_eq!(charm.yaml["parts"], json!({"charm": {"plugin": plugin, "source": "."}}));
        }
        for wrong in [&[metadata, ("tests/x", "")], &[("README", ""), ("src/charm.py", "")]] {
            assert!(read(wrong).unwrap_err().to_string().contains("is it a charm's directory?"));
        }
    }

    #[test]
    fn a_packed_charm_is_no_directory_to_pack() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("web_amd64.charm");
        fs::write(&file, "").unwrap();
        let error = Charm::read(&file).unwrap_err().to_string();
        assert!(error.contains("web_amd64.charm is a file"), "{error}");
    }

    #[test]
    fn only_a_charm_of_bases_has_parts_that_it_does_not_name() {
        let parts = |yaml| read(&[("charmcraft.yaml", yaml)]).unwrap().yaml.get("parts").cloned();
        assert_eq!(parts("bases: []"), Some(default_parts()));
        assert_eq!(parts("bases: []\nparts:"), Some(default_parts()));
        assert_eq!(parts("bases: []\nparts: {x: {plugin: nil}}"), Some(json!({"x": {"plugin": "nil"}})));
        assert_eq!(parts("platforms: {amd64: }"), None);
    }

    #[test]
    fn names() {
        let name = |name| {
            read(&[("charmcraft.yaml", "type: charm"), ("metadata.yaml", &format!("name: {name}"))])?.name()
        };
        let longest = "a".repeat(40);
        for right in ["web", "mysql-k8s", "1a", "a1", "a-1-b", &longest] {
            assert_eq!(name(right).unwrap(), right);
        }
        let longer = "a".repeat(41);
        for wrong in
            ["A", "a_b", "a--b", "-a", "a-", "1", "'1'", "1-2", "~", "''", "é", "a.b", "../a", &longer]
        {
            assert!(name(wrong).unwrap_err().to_string().contains("`name` must be of a-z"), "{wrong}");
        }
    }
}
