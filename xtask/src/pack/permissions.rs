//! The modes that `permissions` gives the files of a part.

use anyhow::{Result, anyhow, bail};
use serde_json::Value;

use super::files::{Content, Files};
use super::glob::fits;
use super::tree::real;

/// Gives the files the modes that the list says, the last one that fits counting. `*` fits `/` too. An owner and a group
/// have no place in a charm.
pub(super) fn apply(mut files: Files, permissions: Option<&Value>) -> Result<Files> {
    let Some(permissions) = permissions.filter(|permissions| !permissions.is_null()) else {
        return Ok(files);
    };
    let list = permissions.as_array();
    let list = list.ok_or_else(|| anyhow!("`permissions` must be a list, and is {permissions}"))?;
    for entry in list {
        let Some((pattern, mode)) = read(entry)? else { continue };
        let fitting: Vec<String> = files.keys().filter(|path| fits(pattern, path)).cloned().collect();
        for path in fitting {
            // A link has no mode but that of what it leads to.
            let path = real(&files, &path).unwrap_or(path);
            if let Some(entry) =
                files.get_mut(&path).filter(|entry| !matches!(entry.content, Content::Link(_)))
            {
                entry.mode = mode;
            }
        }
    }
    Ok(files)
}

/// The pattern and the mode of an entry, if it has one.
fn read(entry: &Value) -> Result<Option<(&str, u32)>> {
    let map = entry
        .as_object()
        .ok_or_else(|| anyhow!("an entry of `permissions` must be a map, and is {entry}"))?;
    if map.contains_key("owner") != map.contains_key("group") {
        bail!("an entry of `permissions` has an owner or a group alone: give both, or none: {entry}");
    }
    let pattern = match map.get("path") {
        None => "*",
        Some(path) => {
            path.as_str().ok_or_else(|| anyhow!("a path of `permissions` must be a text: {path}"))?
        }
    };
    let Some(mode) = map.get("mode") else { return Ok(None) };
    let wrong =
        || anyhow!("the mode of {pattern:?} in `permissions` must be a text such as \"755\", and is {mode}");
    let digits = mode.as_str().ok_or_else(wrong)?;
    let digits = digits.strip_prefix("0o").unwrap_or(digits);
    let mode = u32::from_str_radix(digits, 8).ok().filter(|mode| *mode <= 0o7777).ok_or_else(wrong)?;
    // A charm's files have no set-user-ID and the like.
    Ok(Some((pattern, mode & 0o777)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::files::sample;
    use super::*;

    fn modes(permissions: Value) -> Result<Vec<u32>> {
        let files = sample(&["a.txt", "link -> a.txt", "src/charm.py", "src/sub/deep.py"]);
        let files = apply(files, Some(&permissions))?;
        Ok(["a.txt", "src/charm.py", "src/sub/deep.py"].map(|path| files[path].mode).into())
    }

    /// What craft-parts 2.37.2 makes of these, tried with it.
    #[test]
    fn modes_are_craft_parts() {
        for (permissions, expected) in [
            (json!([{"path": "a.txt", "mode": "755"}]), [0o755, 0o644, 0o644]),
            (json!([{"path": "src", "mode": "700"}]), [0o644, 0o644, 0o644]),
            (json!([{"path": "src/*", "mode": "600"}]), [0o644, 0o600, 0o600]),
            (json!([{"path": "*.py", "mode": "0755"}]), [0o644, 0o755, 0o755]),
            (json!([{"path": "[ab].txt", "mode": "0o755"}]), [0o755, 0o644, 0o644]),
            (json!([{"path": "link", "mode": "755"}]), [0o755, 0o644, 0o644]),
            (json!([{"mode": "755"}, {"path": "a.txt", "mode": "600"}]), [0o600, 0o755, 0o755]),
            (json!([{"path": "a.txt", "mode": "600"}, {"mode": "755"}]), [0o755, 0o755, 0o755]),
            (json!([{"path": "a.txt", "owner": 0, "group": 0}, {"path": "no", "mode": "1"}]), [0o644; 3]),
            (json!(null), [0o644; 3]),
        ] {
            assert_eq!(modes(permissions.clone()).unwrap(), expected, "{permissions}");
        }
    }

    #[test]
    fn wrong_modes_are_refused() {
        for (permissions, words) in [
            (
                json!([{"path": "a.txt", "mode": 755}]),
                "\"a.txt\" in `permissions` must be a text such as \"755\"",
            ),
            (json!([{"mode": "999"}]), "\"999\""),
            (json!([{"mode": "u+x"}]), "\"u+x\""),
            (json!([{"path": "a.txt", "owner": 0}]), "give both"),
            (json!({"mode": "755"}), "must be a list"),
        ] {
            let error = modes(permissions).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
