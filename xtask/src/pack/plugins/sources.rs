//! What the Python plugins have in common: their keys, their errors, and the sources that go into the charm.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, anyhow, bail};
use serde_json::Value;

use super::super::files::{Files, walk};
use super::super::part::Part;

/// The packages in `venv`, and of the source's root `src/` and `lib/`, whatever `source-subdir` says.
pub(super) fn with_sources(part: &Part, venv: &Path) -> Result<Files> {
    let mut files = in_dir("venv", walk(venv, &|_| false)?);
    for name in ["src", "lib"] {
        let dir = part.source.join(name);
        if dir.is_dir() {
            files.extend(in_dir(name, walk(&dir, &is_compiled)?));
        }
    }
    Ok(files)
}

/// The files by their paths in the directory above.
pub(super) fn in_dir(dir: &str, files: Files) -> Files {
    files.into_iter().map(|(path, entry)| (format!("{dir}/{path}"), entry)).collect()
}

/// What Python compiled, which it does again.
pub(super) fn is_compiled(path: &str) -> bool {
    path == "__pycache__" || path.ends_with("/__pycache__")
}

/// How a message calls the `pyproject.toml` of a directory, which may be a copy.
pub(super) fn in_source(dir: &Path, source: &Path) -> String {
    dir.strip_prefix(source).unwrap_or(dir).join("pyproject.toml").display().to_string()
}

/// What charmcraft would have installed first, where that is missing.
pub(super) fn build_failed(part: &Part, error: &anyhow::Error) -> anyhow::Error {
    let names = |key: &str| match part.keys.get(key) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(String::from).collect(),
        _ => Vec::new(),
    };
    let mut wanted = names("build-packages");
    wanted.extend(names("build-snaps").into_iter().filter(|snap| !snap.starts_with("astral-uv")));
    if wanted.is_empty() {
        return anyhow!("{error:#}");
    }
    anyhow!(
        "{error:#}; charmcraft would have installed {} first, and the local packer installs nothing",
        wanted.join(", ")
    )
}

/// `build-environment`: variables for the build, which may name directories of it.
#[derive(Debug)]
pub(super) struct Environment(Vec<(String, String)>);

impl Environment {
    pub(super) fn read(part: &Part) -> Result<Environment> {
        let all = part.environment()?;
        for (_, value) in &all {
            // Before anything runs.
            expand(value, Path::new(""), Path::new(""))?;
        }
        Ok(Environment(all))
    }

    /// What the packages depend on: the values, with the caller's variables in them.
    pub(super) fn values(&self) -> Result<Vec<(&str, String)>> {
        let expanded = |text: &str| expand(text, Path::new("source"), Path::new("install"));
        self.0.iter().map(|(name, value)| Ok((name.as_str(), expanded(value)?))).collect()
    }

    pub(super) fn is_off(&self, name: &str) -> bool {
        let value = self.0.iter().rfind(|(known, _)| known == name).map(|(_, value)| value.to_lowercase());
        value.is_some_and(|value| ["false", "0", "no", "off", "f", "n"].contains(&value.as_str()))
    }

    /// A directory that a variable names, in the source.
    pub(super) fn dir(&self, names: &[&str], source: &Path) -> Result<Option<PathBuf>> {
        let found = self.0.iter().rfind(|(known, _)| names.contains(&known.as_str()));
        found.map(|(_, value)| Ok(expand(value, source, source)?.into())).transpose()
    }

    /// For a program that works on a copy of the source.
    pub(super) fn set(&self, command: &mut Command, source: &Path, install: &Path) -> Result<()> {
        for (name, value) in &self.0 {
            // The directory was read by `dir`.
            if !name.starts_with("UV_WORKING_DIR") {
                command.env(name, expand(value, source, install)?);
            }
        }
        Ok(())
    }
}

/// `$NAME` and `${NAME}` as a shell has them.
fn expand(text: &str, source: &Path, install: &Path) -> Result<String> {
    let mut rest = text;
    let mut done = String::new();
    while let Some((before, after)) = rest.split_once(['$', '`']) {
        done.push_str(before);
        let braces = after.starts_with('{');
        let name = after.strip_prefix('{').unwrap_or(after);
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        let (name, tail) = name.split_at(end);
        let tail = if braces { tail.strip_prefix('}') } else { Some(tail) };
        let (Some(tail), false) = (tail, name.is_empty() || rest[before.len()..].starts_with('`')) else {
            bail!("`build-environment` has {text:?}, of which the local packer understands $NAME alone");
        };
        done.push_str(&match name {
            "CRAFT_PART_SRC" | "CRAFT_PART_SRC_WORK" | "CRAFT_PART_BUILD" | "CRAFT_PART_BUILD_WORK" => {
                source.display().to_string()
            }
            "CRAFT_PART_INSTALL" => install.display().to_string(),
            _ if name.starts_with("CRAFT_") => {
                bail!("`build-environment` uses ${name}, which the local packer does not know")
            }
            _ => env::var(name).unwrap_or_default(),
        });
        rest = tail;
    }
    Ok(done + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_name_directories() {
        let expanded =
            |text| expand(text, Path::new("/s"), Path::new("/i")).map_err(|error| error.to_string());
        assert_eq!(expanded("a$CRAFT_PART_BUILD/x:${CRAFT_PART_INSTALL}y").unwrap(), "a/s/x:/iy");
        assert_eq!(expanded("plain").unwrap(), "plain");
        assert_eq!(expanded("<$NOT_SET_ANYWHERE>").unwrap(), "<>");
        for (text, said) in [("$(git)", "$NAME alone"), ("`x`", "$NAME alone"), ("${A:-b}", "$NAME alone")] {
            assert!(expanded(text).unwrap_err().contains(said), "{text}");
        }
        assert!(expanded("$CRAFT_STAGE/x").unwrap_err().contains("uses $CRAFT_STAGE"));
    }
}
