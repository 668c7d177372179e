//! Libraries from Charmhub in a charm's `lib/`.
//!
//! Stand-in: the branch `yaml` has the real file; the merge takes that.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shown::shown;

/// The packages that the libraries in `lib/charms/<charm>/v<n>/` say they need.
pub(super) fn pydeps(dir: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for charm in below(&dir.join("lib/charms"))? {
        for version in below(&charm)? {
            let name = version.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let libraries = if name.starts_with('v') { below(&version)? } else { Vec::new() };
            for library in libraries.iter().filter(|file| file.extension().is_some_and(|end| end == "py")) {
                let text = fs::read_to_string(library);
                found.extend(listed(&text.with_context(|| format!("cannot read {}", shown(library)))?));
            }
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn below(dir: &Path) -> Result<Vec<PathBuf>> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    Ok(entries
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|name| name != "__pycache__"))
        .collect())
}

/// The texts of `PYDEPS = […]`.
fn listed(text: &str) -> Vec<String> {
    let after = text.lines().position(|line| {
        line.strip_prefix("PYDEPS").is_some_and(|rest| rest.trim_start().starts_with(['=', ':']))
    });
    let Some(start) = after else { return Vec::new() };
    let rest: Vec<&str> = text.lines().skip(start).collect();
    let rest = rest.join("\n");
    let Some((_, mut rest)) = rest.split_once('=').and_then(|(_, rest)| rest.split_once('[')) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    while let Some(at) = rest.find(['"', '\'', '#', ']']) {
        let (mark, after) = (&rest[at..=at], &rest[at + 1..]);
        if mark == "]" {
            break;
        }
        let end = if mark == "#" { "\n" } else { mark };
        let Some((inner, after)) = after.split_once(end) else { break };
        if mark != "#" {
            all.push(inner.to_owned());
        }
        rest = after;
    }
    all
}
