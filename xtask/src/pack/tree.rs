//! The files of a part as a tree, whose directories are there as long as a file is in them, and whose links are followed
//! within it.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::ops::Bound;

use super::files::{Content, Entry, Files};

/// As many links as the kernel follows on one path.
const MOST_LINKS: usize = 40;

/// Why a path leads to no file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Broken {
    /// Out of the tree.
    Out,
    /// To nothing in it.
    Nowhere,
    /// From link to link without an end.
    Circle,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Broken::Out => "leads out of the charm",
            Broken::Nowhere => "leads to nothing in the charm",
            Broken::Circle => "leads in a circle",
        })
    }
}

pub(super) fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

/// The directory of a path, which is empty at the top, and the name in it.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The path, then the directories above it, without the top.
pub(super) fn upwards(path: &str) -> impl Iterator<Item = &str> {
    std::iter::once(path).chain(path.rmatch_indices('/').map(|(end, _)| &path[..end]))
}

/// The files in a directory, at any depth.
pub(super) fn below<'a>(
    files: &'a Files,
    dir: &str,
) -> impl Iterator<Item = (&'a String, &'a Entry)> + use<'a> {
    let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
    let from = files.range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded));
    from.take_while(move |(path, _)| path.starts_with(&prefix))
}

/// The names in a directory.
pub(super) fn names<'a>(files: &'a Files, dir: &str) -> BTreeSet<&'a str> {
    let start = if dir.is_empty() { 0 } else { dir.len() + 1 };
    below(files, dir).filter_map(|(path, _)| path[start..].split('/').next()).collect()
}

/// Whether this is a directory itself, and no link to one.
pub(super) fn is_dir(files: &Files, path: &str) -> bool {
    path.is_empty() || below(files, path).next().is_some()
}

/// The file or directory that a path leads to, every link followed.
pub(super) fn real(files: &Files, path: &str) -> Result<String, Broken> {
    let found = walk(files, path, true)?;
    if files.contains_key(&found) || is_dir(files, &found) { Ok(found) } else { Err(Broken::Nowhere) }
}

/// The path with the links of its directories followed, and not its own. The file need not be there.
pub(super) fn located(files: &Files, path: &str) -> Result<String, Broken> {
    walk(files, path, false)
}

fn walk(files: &Files, path: &str, last_too: bool) -> Result<String, Broken> {
    let mut names: VecDeque<&str> = path.split('/').collect();
    let (mut done, mut links) = (Vec::new(), 0);
    while let Some(name) = names.pop_front() {
        match name {
            "" | "." => continue,
            ".." => drop(done.pop().ok_or(Broken::Out)?),
            name => done.push(name),
        }
        let is_last = names.iter().all(|name| ["", "."].contains(name));
        let Some(Entry { content: Content::Link(target), .. }) = files.get(&done.join("/")) else { continue };
        if is_last && !last_too {
            continue;
        }
        links += 1;
        if links > MOST_LINKS {
            return Err(Broken::Circle);
        }
        if target.starts_with('/') {
            return Err(Broken::Out);
        }
        done.pop();
        target.rsplit('/').for_each(|name| names.push_front(name));
    }
    Ok(done.join("/"))
}

#[cfg(test)]
mod tests {
    use super::super::files::sample;
    use super::*;

    #[test]
    fn a_directory_is_what_files_are_in() {
        let files = sample(&["a/b/c", "a/d", "a.b", "a0", "l -> a"]);
        assert!(is_dir(&files, "") && is_dir(&files, "a") && is_dir(&files, "a/b"));
        assert!(!is_dir(&files, "a/d") && !is_dir(&files, "l") && !is_dir(&files, "none"));
        assert_eq!(names(&files, "a").into_iter().collect::<Vec<_>>(), ["b", "d"]);
        assert_eq!(names(&files, "").into_iter().collect::<Vec<_>>(), ["a", "a.b", "a0", "l"]);
        assert_eq!(upwards("a/b/c").collect::<Vec<_>>(), ["a/b/c", "a/b", "a"]);
    }

    #[test]
    fn links_are_followed_within_the_tree() {
        let files = sample(&[
            "a/b/c",
            "dir -> a",
            "deep -> dir/b",
            "a/up -> ../dir/./b/c",
            "out -> ../x",
            "abs -> /a",
            "none -> nowhere",
            "one -> two",
            "two -> one",
            "a/self -> .",
        ]);
        for (path, expected) in [
            ("dir", Ok("a")),
            ("deep/c", Ok("a/b/c")),
            ("dir/up", Ok("a/b/c")),
            ("a/self/self/b", Ok("a/b")),
            ("a/b/../b/c", Ok("a/b/c")),
            // As in a file system, `..` is above what the link leads to.
            ("deep/..", Ok("a")),
            ("out", Err(Broken::Out)),
            ("abs/b", Err(Broken::Out)),
            ("..", Err(Broken::Out)),
            ("none", Err(Broken::Nowhere)),
            ("one", Err(Broken::Circle)),
        ] {
            assert_eq!(real(&files, path), expected.map(String::from), "{path}");
        }
        assert_eq!(located(&files, "deep/new").unwrap(), "a/b/new");
        assert_eq!(located(&files, "none").unwrap(), "none");
    }
}
