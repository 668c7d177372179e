//! What a project takes from its own repository and not from an index: paths in locks, projects and requirements.

use std::path::{Component, Path, PathBuf};

use anyhow::{Result, bail};
use toml::{Table, Value};

use super::read_toml::{parse_toml, read_text};
use crate::shown::shown;

/// The paths in the sources of `uv.lock` and `poetry.lock`, in the directory of the lock.
pub(in crate::pack) fn of_lock(lock: &Path) -> Result<Vec<PathBuf>> {
    let text = read_text(lock)?;
    // Most have none, and a long lock takes longer to parse than all the rest of an unchanged charm.
    if !may_have_paths(&text) {
        return Ok(Vec::new());
    }
    Ok(paths_of_lock(&parse_toml(&text, lock)?, lock.parent().unwrap_or(lock)))
}

/// Whether any line could give a path, however it is written; the project itself is known in the words that uv writes.
fn may_have_paths(lock: &str) -> bool {
    const OWN: [&str; 2] = [r#"source = { virtual = "." }"#, r#"source = { editable = "." }"#];
    const KEYS: [&str; 4] = ["directory", "editable", "path", "virtual"];
    let is_key = |line: &str, key: &str| {
        line.match_indices(key)
            .any(|(at, _)| line[at + key.len()..].trim_start_matches(['"', '\'', ' ']).starts_with('='))
    };
    lock.lines().filter(|line| !OWN.contains(line)).any(|line| {
        KEYS.iter().any(|key| is_key(line, key))
            || (is_key(line, "type") && (line.contains("directory") || line.contains("file")))
    })
}

fn paths_of_lock(lock: &Table, dir: &Path) -> Vec<PathBuf> {
    let packages = lock.get("package").and_then(Value::as_array).into_iter().flatten();
    let sources = packages.filter_map(|package| package.get("source")?.as_table());
    let paths = sources.filter_map(|source| {
        let of_uv = ["directory", "editable", "path", "virtual"].iter().find_map(|key| source.get(*key));
        let of_poetry = match source.get("type").and_then(Value::as_str) {
            Some("directory" | "file") => source.get("url"),
            _ => None,
        };
        of_uv.or(of_poetry)?.as_str()
    });
    // The project itself is not installed.
    paths.filter(|path| *path != ".").map(|path| dir.join(path)).collect()
}

/// The paths of `[tool.uv.sources]` and of Poetry's dependencies, in the directory of the `pyproject.toml`.
pub(in crate::pack) fn of_sources(project: &Table, dir: &Path) -> Vec<PathBuf> {
    let tool = |name: &str| project.get("tool")?.as_table()?.get(name)?.as_table();
    let uv = tool("uv").and_then(|uv| uv.get("sources")).into_iter();
    let poetry = tool("poetry").into_iter().flat_map(|poetry| {
        let groups = poetry.get("group").and_then(Value::as_table).into_iter().flat_map(Table::values);
        let groups = groups.filter_map(|group| group.get("dependencies"));
        poetry.get("dependencies").into_iter().chain(groups)
    });
    let entries = uv.chain(poetry).filter_map(Value::as_table).flat_map(Table::values);
    // A source may be a list of them, by platform.
    let each = entries.flat_map(|entry| match entry {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    });
    each.filter_map(|entry| entry.get("path")?.as_str()).map(|path| dir.join(path)).collect()
}

/// The paths that a file of requirements names, in its directory: packages, and other such files.
pub(in crate::pack) fn of_requirements(text: &str, dir: &Path) -> Vec<PathBuf> {
    text.lines().filter_map(local).map(|path| dir.join(path)).collect()
}

fn local(line: &str) -> Option<&str> {
    // A comment starts a line or follows a space.
    let line = line.split(" #").next().unwrap_or_default().trim();
    if line.starts_with('#') || line.is_empty() {
        return None;
    }
    for option in ["--requirement", "--constraint", "--editable", "-r", "-c", "-e"] {
        if let Some(rest) = line.strip_prefix(option) {
            let path = rest.trim_start_matches('=').trim();
            return (!path.contains("://")).then(|| without_extras(path));
        }
    }
    if line.starts_with('-') {
        return None;
    }
    let target = line.split_once('@').map_or(line, |(_, target)| target.trim());
    let target = target.split(';').next().unwrap_or_default().trim();
    if let Some(path) = target.strip_prefix("file://").or_else(|| target.strip_prefix("file:")) {
        return Some(without_extras(path));
    }
    let archive = [".whl", ".tar.gz", ".zip"].iter().any(|end| target.ends_with(end));
    let path = target.starts_with(['.', '/']) || (archive && !target.contains("://"));
    path.then(|| without_extras(target))
}

fn without_extras(path: &str) -> &str {
    path.split(['[', ';', '#']).next().unwrap_or_default().trim()
}

/// Refuses a path outside of the source, which a copy of the part alone has not; gives it without `..`.
pub(in crate::pack) fn inside(path: &Path, source: &Path) -> Result<PathBuf> {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    if !plain.starts_with(source) {
        bail!(
            "it needs {}, which is not in the part's source {}: move it there, or make `source` the directory that \
             has both, and `source-subdir` the charm's",
            shown(&plain),
            shown(source)
        );
    }
    if !plain.exists() {
        bail!("it needs {}, which is not there", shown(&plain));
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: Vec<PathBuf>) -> Vec<String> {
        paths.into_iter().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn locks_name_what_is_beside_them() {
        let lock = "[[package]]\nname = 'a'\nsource = { virtual = '.' }\n\
                    [[package]]\nname = 'b'\nsource = { editable = 'libs/b' }\n\
                    [[package]]\nname = 'c'\nsource = { registry = 'https://pypi.org/simple' }\n\
                    [[package]]\nname = 'd'\nsource = { path = '../d.tar.gz' }\n\
                    [[package]]\nname = 'e'\n[package.source]\ntype = 'directory'\nurl = 'e'\n\
                    [[package]]\nname = 'f'\n[package.source]\ntype = 'git'\nurl = 'https://x'\n";
        let paths = paths_of_lock(&lock.parse().unwrap(), Path::new("/p"));
        assert_eq!(names(paths), ["/p/libs/b", "/p/../d.tar.gz", "/p/e"]);
        for line in lock
            .lines()
            .filter(|line| line.contains('/') && !line.contains("https") || line.contains("directory"))
        {
            assert!(may_have_paths(line), "{line}");
        }
        for line in [r#"source={"path" = "x"}"#, r#""directory"="x""#, r#"type="file""#] {
            assert!(may_have_paths(line), "{line}");
        }
        for line in
            [r#"source = { virtual = "." }"#, r#"name = "pathspec""#, r#"    {file = "a.whl", hash = "x"},"#]
        {
            assert!(!may_have_paths(line), "{line}");
        }
    }

    #[test]
    fn projects_name_paths() {
        let project = "[tool.uv.sources]\na = { path = 'a' }\nb = { git = 'x' }\nc = [{ path = 'c' }, { url = 'x' }]\n\
                       [tool.poetry.dependencies]\npython = '^3.10'\nd = { path = '../d' }\n\
                       [tool.poetry.group.x.dependencies]\ne = { path = 'e' }\n";
        let paths = of_sources(&project.parse().unwrap(), Path::new("/p"));
        assert_eq!(names(paths), ["/p/a", "/p/c", "/p/../d", "/p/e"]);
    }

    #[test]
    fn requirements_name_paths() {
        let text = "ops~=2.0\n# -r no\n-r more.txt\n-e ./lib[x]\n../up ; python_version > '3'\n\
                    a @ file:///abs/a\nb @ https://x/b.whl\nb @ git+https://x/y.git\nc.tar.gz  # own\n\
                    --index-url https://x/\n--hash=sha256:x\n-e git+https://x/y\n";
        let paths = of_requirements(text, Path::new("/p"));
        assert_eq!(names(paths), ["/p/more.txt", "/p/./lib", "/p/../up", "/abs/a", "/p/c.tar.gz"]);
    }

    #[test]
    fn what_is_outside_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("charm");
        std::fs::create_dir_all(source.join("lib")).unwrap();
        assert_eq!(inside(&source.join("./x/../lib"), &source).unwrap(), source.join("lib"));
        let error = |path: &str| inside(&source.join(path), &source).unwrap_err().to_string();
        assert!(error("../lib").contains("/lib, which is not in the part's source"));
        assert!(error("nowhere").contains("/nowhere, which is not there"));
    }
}
