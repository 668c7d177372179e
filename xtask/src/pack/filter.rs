//! Which of a part's files go into the charm (`stage`, `prime`), and where (`organize`).

use anyhow::{Result, anyhow, bail};
use serde_json::Value;

use super::files::Files;

/// A list of patterns; those with a `-` in front leave files out. Without any other, everything else goes in.
#[derive(Debug)]
pub(super) struct Filter {
    include: Vec<String>,
    exclude: Vec<String>,
}

impl Filter {
    pub(super) fn new(patterns: &[String]) -> Result<Filter> {
        let mut filter = Filter { include: Vec::new(), exclude: Vec::new() };
        for pattern in patterns {
            let (list, pattern) = match pattern.strip_prefix('-') {
                Some(pattern) => (&mut filter.exclude, pattern),
                None => (&mut filter.include, pattern.as_str()),
            };
            check(pattern)?;
            list.push(pattern.trim_end_matches('/').to_owned());
        }
        Ok(filter)
    }

    pub(super) fn keeps(&self, path: &str) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| covers(pattern, path));
        (self.include.is_empty() || any(&self.include)) && !any(&self.exclude)
    }
}

fn check(pattern: &str) -> Result<()> {
    if pattern.is_empty() || pattern.starts_with(['/', '(', '$']) || pattern.contains(['[', '{']) {
        bail!("the local packer does not know the pattern {pattern:?}: use names with `*`, `**` and `?`");
    }
    Ok(())
}

/// Whether the pattern matches the path or a directory above it.
fn covers(pattern: &str, path: &str) -> bool {
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
    ends.into_iter().any(|end| matches(pattern.as_bytes(), &path.as_bytes()[..end]))
}

/// `*` and `?` stay within a name, `**` does not, and `**/` may stand for nothing.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        ([b'*', b'*', b'/', rest @ ..], _) => {
            matches(rest, path)
                || (0..path.len()).any(|at| path[at] == b'/' && matches(rest, &path[at + 1..]))
        }
        ([b'*', b'*', rest @ ..], _) => (0..=path.len()).any(|at| matches(rest, &path[at..])),
        ([b'*', rest @ ..], _) => {
            let name = path.iter().position(|byte| *byte == b'/').unwrap_or(path.len());
            (0..=name).any(|at| matches(rest, &path[at..]))
        }
        ([b'?', rest @ ..], [byte, tail @ ..]) => *byte != b'/' && matches(rest, tail),
        ([expected, rest @ ..], [byte, tail @ ..]) => expected == byte && matches(rest, tail),
        _ => false,
    }
}

/// Moves files and directories as `organize` says: `from: to`, where a `to` that ends in `/` is a directory.
pub(super) fn organize(mut files: Files, moves: Option<&Value>) -> Result<Files> {
    for (from, to) in moves.and_then(Value::as_object).into_iter().flatten() {
        let to = to.as_str().ok_or_else(|| anyhow!("`organize` must name a place for {from:?}"))?;
        if from.contains('*')
            || from.is_empty()
            || to.is_empty()
            || to.starts_with(['/', '('])
            || to.contains("..")
        {
            bail!("the local packer cannot organize {from:?} to {to:?}: use plain names");
        }
        let from = from.trim_end_matches('/');
        let name = from.rsplit('/').next().unwrap_or(from);
        let to = if to.ends_with('/') { format!("{to}{name}") } else { to.to_owned() };
        files = files
            .into_iter()
            .map(|(path, entry)| match path.strip_prefix(from) {
                Some(rest) if rest.is_empty() || rest.starts_with('/') => (format!("{to}{rest}"), entry),
                _ => (path, entry),
            })
            .collect();
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::files::Entry;
    use super::*;

    fn kept<'a>(patterns: &[&str], paths: &[&'a str]) -> Vec<&'a str> {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        let filter = Filter::new(&patterns).unwrap();
        paths.iter().copied().filter(|path| filter.keeps(path)).collect()
    }

    #[test]
    fn filters() {
        let paths = ["bin/web", "bin/old", "lib.sh", "src/a/b.rs", "src/c.rs"];
        assert_eq!(kept(&[], &paths), paths);
        assert_eq!(kept(&["bin"], &paths), ["bin/web", "bin/old"]);
        assert_eq!(kept(&["bin/", "-bin/old"], &paths), ["bin/web"]);
        assert_eq!(kept(&["-src"], &paths), ["bin/web", "bin/old", "lib.sh"]);
        assert_eq!(kept(&["*.sh", "src/*.rs"], &paths), ["lib.sh", "src/c.rs"]);
        assert_eq!(kept(&["**/*.rs"], &paths), ["src/a/b.rs", "src/c.rs"]);
        assert_eq!(kept(&["b?n/*", "li"], &paths), ["bin/web", "bin/old"]);
        assert!(Filter::new(&["a[bc]".to_owned()]).is_err());
    }

    #[test]
    fn organizes() {
        let files: Files = ["a", "b/c", "bc"].map(|path| (path.to_owned(), Entry::text(path))).into();
        let moved = organize(files, Some(&json!({"a": "bin/", "b": "lib/b"}))).unwrap();
        assert_eq!(moved.into_keys().collect::<Vec<_>>(), ["bc", "bin/a", "lib/b/c"]);
        assert!(organize(Files::new(), Some(&json!({"a": "../b"}))).is_err());
    }
}
