//! The libraries in `lib/charms`, which charms bring from Charmhub.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use super::charm::Charm;
use super::pylist;
use crate::shown::shown;

/// Refuses `charm-libs` that charmcraft would fetch: those of which no version is in `lib/`.
pub(super) fn check(charm: &Charm) -> Result<()> {
    let libs = match charm.yaml.get("charm-libs") {
        None => return Ok(()),
        Some(Value::Array(libs)) => libs,
        Some(other) => bail!("{}: `charm-libs` must be a list, and is {other}", shown(&charm.file)),
    };
    for lib in libs {
        let (owner, name) = named(lib).with_context(|| format!("{}: `charm-libs`", shown(&charm.file)))?;
        if !is_there(&charm.dir, &owner, name)? {
            bail!(
                "charm {} needs the library {owner}.{name}, which is not in lib/charms/{}: run `charmcraft fetch-libs`, \
                 or commit lib/",
                charm.name()?,
                owner.replace('-', "_")
            );
        }
    }
    Ok(())
}

/// The charm and the library of an entry of `charm-libs`.
fn named(entry: &Value) -> Result<(String, &str)> {
    let keys = entry.as_object().ok_or_else(|| {
        anyhow!("an entry is {entry}, and must be as `{{lib: charm.library, version: \"1\"}}`")
    })?;
    if let Some(key) = keys.keys().find(|key| !["lib", "version"].contains(&key.as_str())) {
        bail!("charmcraft does not take the key `{key}` in {entry}: remove it");
    }
    let lib = entry.get("lib").and_then(Value::as_str).unwrap_or_default();
    let word = |text: &str, more: &str| {
        text.len() > 1
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c))
    };
    let named = lib.split_once('.').filter(|(owner, name)| word(owner, "_-") && word(name, "_"));
    let (owner, name) = named.ok_or_else(|| anyhow!("`lib` must be as charm.library in {entry}"))?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let version = match entry.get("version") {
        Some(Value::String(version)) => version.as_str(),
        Some(number @ Value::Number(_)) => {
            bail!("`version` of {lib} must be a text: write `version: \"{number}\"`")
        }
        _ => "",
    };
    let (api, patch) = version.split_once('.').unwrap_or((version, "0"));
    if !digits(api) || !digits(patch) {
        bail!("`version` of {lib} must be a text such as \"1\" or \"1.2\" in {entry}");
    }
    Ok((owner.replace('_', "-"), name))
}

/// Whether any version of the library is there, with a `LIBPATCH`; charmcraft takes any.
fn is_there(dir: &Path, owner: &str, name: &str) -> Result<bool> {
    for version in list(&dir.join("lib/charms").join(owner.replace('-', "_")))? {
        if let Ok(text) = fs::read_to_string(version.join(format!("{name}.py")))
            && text.lines().any(has_patch)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has_patch(line: &str) -> bool {
    let patch = line.strip_prefix("LIBPATCH").and_then(|rest| rest.trim_start().strip_prefix('='));
    patch.is_some_and(|patch| patch.trim_start().starts_with(|c: char| c.is_ascii_digit()))
}

/// The `PYDEPS` of all libraries in `lib/charms`, sorted, each once: packages that plugin `charm` installs.
pub(super) fn pydeps(dir: &Path) -> Result<Vec<String>> {
    let mut all = BTreeSet::new();
    for charm in list(&dir.join("lib/charms"))? {
        for version in list(&charm)?.into_iter().filter(|path| file_name(path).starts_with('v')) {
            for lib in
                list(&version)?.into_iter().filter(|path| path.extension().is_some_and(|py| py == "py"))
            {
                let text =
                    fs::read_to_string(&lib).with_context(|| format!("cannot read {}", shown(&lib)))?;
                all.extend(pylist::assigned(&text, "PYDEPS").with_context(|| shown(&lib).to_string())?);
            }
        }
    }
    Ok(all.into_iter().collect())
}

/// What a directory holds, sorted; nothing if there is none.
fn list(dir: &Path) -> Result<Vec<PathBuf>> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(dir).with_context(|| format!("cannot read {}", shown(dir)))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entries_of_charm_libs() {
        assert_eq!(
            named(&json!({"lib": "tls_certificates.tls", "version": "4"})).unwrap(),
            ("tls-certificates".into(), "tls")
        );
        assert_eq!(named(&json!({"lib": "a1-b.c_d", "version": "0.12"})).unwrap(), ("a1-b".into(), "c_d"));
        for (entry, told) in [
            (json!({"lib": "ab.cd", "version": 1}), "write `version: \"1\"`"),
            (json!({"lib": "ab.cd", "version": 0.1}), "write `version: \"0.1\"`"),
            (json!({"lib": "ab.cd"}), "`version` of ab.cd"),
            (json!({"lib": "ab.cd", "version": "v1"}), "`version` of ab.cd"),
            (json!({"lib": "ab.cd", "version": "1."}), "`version` of ab.cd"),
            (json!({"lib": "abcd", "version": "1"}), "charm.library"),
            (json!({"lib": "../a.cd", "version": "1"}), "charm.library"),
            (json!({"lib": "ab.c-d", "version": "1"}), "charm.library"),
            (json!({"lib": "ab.cd", "version": "1", "x": 1}), "`x`"),
            (json!("ab.cd"), "must be as"),
        ] {
            let error = named(&entry).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn a_library_counts_with_its_patch_in_any_version() {
        let dir = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let path = dir.path().join("lib/charms").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let is_there = |name| is_there(dir.path(), "a-b", name).unwrap();
        write("a_b/v0/old.py", "LIBAPI = 0\nLIBPATCH = 7\n");
        write("a_b/v1/none.py", "# LIBPATCH = 1\nLIBPATCH_X = 1\n");
        assert!(is_there("old") && !is_there("none") && !is_there("other"));

        assert_eq!(pydeps(dir.path()).unwrap(), [""; 0]);
        write("a_b/v1/one.py", "PYDEPS = [\"b>=1\", 'a']\n");
        write(
            "c/v0/two.py",
            "import x\nPYDEPS: list[str] = [\n  # why\n  \"b>=1\",  # that\n  'c[x]<2',\n]\n",
        );
        write("c/tests/three.py", "PYDEPS = ['no']");
        assert_eq!(pydeps(dir.path()).unwrap(), ["a", "b>=1", "c[x]<2"]);
        write("c/v0/wrong.py", "PYDEPS = [name]");
        assert!(format!("{:#}", pydeps(dir.path()).unwrap_err()).contains("wrong.py"));
    }
}
