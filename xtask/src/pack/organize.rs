//! Where a part's files go: `organize`.

use anyhow::{Result, anyhow, bail};
use serde_json::Value;

use super::files::Files;
use super::glob::find;
use super::tree::{Broken, below, is_dir, join, located, real, split, upwards};

/// Moves files and directories as `organize` says: `from: to`, where a `to` that ends in `/`, or is a directory, takes
/// them in. Names come before patterns with a `*`, each in their order.
pub(super) fn organize(mut files: Files, moves: Option<&Value>) -> Result<Files> {
    let Some(moves) = moves.filter(|moves| !moves.is_null()) else { return Ok(files) };
    let moves =
        moves.as_object().ok_or_else(|| anyhow!("`organize` must map names to names, and is {moves}"))?;
    let mut sorted: Vec<_> = moves.iter().collect();
    sorted.sort_by_key(|(from, _)| (from.contains('*'), *from));
    for (from, to) in sorted {
        let to = to.as_str().ok_or_else(|| anyhow!("`organize` must name a place for {from:?}"))?;
        files = one_move(files, from, to)?;
    }
    Ok(files)
}

fn one_move(mut files: Files, from: &str, to: &str) -> Result<Files> {
    let inside = |path: &str| {
        let wrong = |_| anyhow!("`organize` moves {from:?} to {to:?}: both must stay inside the part");
        if path.starts_with('/') { Err(wrong(Broken::Out)) } else { located(&files, path).map_err(wrong) }
    };
    if inside(from)?.is_empty() {
        bail!("`organize` cannot move {from:?}, which is all of the part: name what is in it");
    }
    let goal = inside(to.trim_start_matches('/'))?;
    let into = to.ends_with('/') || is_dir(&files, &real(&files, &goal).unwrap_or_else(|_| goal.clone()));
    let found = find(&files, from)?;
    if found.len() > 1 && !into && from.contains('*') {
        bail!(
            "`organize` moves several files to {to:?}: write \"{to}/\" if that is to be a directory for what \
             {from:?} names"
        );
    }
    for source in found {
        let source = located(&files, &source).unwrap_or(source);
        // The content of a directory goes along with what is there; only a `*` moves a directory as such.
        let merges = is_dir(&files, &source) && !from.contains('*');
        let dir = real(&files, &goal).unwrap_or_else(|_| goal.clone());
        // What is to go into itself stays where it is, such as `lib` by `*: lib/`.
        if [&goal, &dir].contains(&&source) {
            continue;
        }
        let goal = if into && !merges { join(&dir, split(&source).1) } else { dir };
        files = moved(files, &source, &goal)?;
    }
    Ok(files)
}

/// Moves one file, link or directory.
fn moved(mut files: Files, source: &str, goal: &str) -> Result<Files> {
    if source == goal {
        return Ok(files);
    }
    if goal.strip_prefix(source).is_some_and(|rest| rest.starts_with('/')) {
        bail!("`organize` moves {source} into itself, to {goal}: name another place");
    }
    let taken: Vec<String> = match files.contains_key(source) {
        true => vec![source.to_owned()],
        false => below(&files, source).map(|(path, _)| path.clone()).collect(),
    };
    if taken.is_empty() {
        bail!("`organize` moves {source} twice: name it once");
    }
    let entries: Vec<_> = taken.into_iter().filter_map(|path| files.remove_entry(&path)).collect();
    for (path, entry) in entries {
        let to = join(goal, path[source.len()..].trim_start_matches('/'));
        let to = to.trim_end_matches('/').to_owned();
        refuse_occupied(&files, source, &to)?;
        files.insert(to, entry);
    }
    Ok(files)
}

/// Refuses a place where something is, or where a file would have to be a directory.
fn refuse_occupied(files: &Files, source: &str, to: &str) -> Result<()> {
    let occupied = upwards(to).find(|path| files.contains_key(*path));
    let occupied = occupied.or_else(|| is_dir(files, to).then_some(to));
    match occupied {
        Some(path) => {
            bail!("`organize` moves {source} to {to}, but there is {path} already: name another place")
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::files::sample;
    use super::*;

    const TREE: [&str; 11] = [
        ".hidden",
        "a.txt",
        "b1.txt",
        "d1/f",
        "d2/f",
        "lib/x.so",
        "link -> src",
        "run/only",
        "src/.dot",
        "src/charm.py",
        "src/sub/deep.py",
    ];

    /// What came to be where, as `from>to`.
    fn changes(moves: Value) -> Result<String> {
        let files = organize(sample(&TREE), Some(&moves))?;
        let from = |path: &str| {
            let text = String::from_utf8(files[path].bytes().unwrap()).unwrap();
            (text != path).then(|| format!("{text}>{path}"))
        };
        assert_eq!(files.len(), TREE.len(), "nothing is lost");
        let paths = files.keys().filter(|path| !path.contains("link"));
        Ok(paths.filter_map(|path| from(path)).collect::<Vec<_>>().join(" "))
    }

    /// What craft-parts 2.37.2 makes of these, tried with it.
    #[test]
    fn every_move_is_craft_parts() {
        for (moves, expected) in [
            (json!({"a.txt": "bin/"}), "a.txt>bin/a.txt"),
            (json!({"a.txt": "bin/x"}), "a.txt>bin/x"),
            (json!({"./a.txt": "x"}), "a.txt>x"),
            (json!({"src/../a.txt": "src/../x"}), "a.txt>x"),
            (json!({"a.txt": "/x"}), "a.txt>x"),
            (json!({"a.txt": "lib"}), "a.txt>lib/a.txt"),
            (json!({"a.txt": "a.txt", "src/charm.py": "src", "d1": "d1"}), ""),
            (json!({"src/charm.py": "."}), "src/charm.py>charm.py"),
            (json!({"run": "code"}), "run/only>code/only"),
            (json!({"run/": "code/"}), "run/only>code/only"),
            (json!({"run": "lib/"}), "run/only>lib/only"),
            (json!({"run": "."}), "run/only>only"),
            (json!({"run/*": ""}), "run/only>only"),
            (json!({"r*n": "code"}), "run/only>code/only"),
            (json!({"r*n": "code/"}), "run/only>code/run/only"),
            (json!({"d*": "d1/", "link": "link"}), "d2/f>d1/d2/f"),
            (json!({"r*n": "d2"}), "run/only>d2/run/only"),
            (json!({"r?n": "code/"}), "run/only>code/only"),
            (json!({"run/*": "one"}), "run/only>one"),
            (json!({"*.txt": "docs/"}), "a.txt>docs/a.txt b1.txt>docs/b1.txt"),
            (json!({"*.txt": "lib"}), "a.txt>lib/a.txt b1.txt>lib/b1.txt"),
            (json!({"b?.txt": "q/"}), "b1.txt>q/b1.txt"),
            (
                json!({"src/*": "src/x/"}),
                "src/.dot>src/x/.dot src/charm.py>src/x/charm.py \
                                          src/sub/deep.py>src/x/sub/deep.py",
            ),
            (json!({".*": "all/"}), ".hidden>all/.hidden"),
            (json!({"**/*.py": "q/"}), "src/charm.py>q/charm.py src/sub/deep.py>q/deep.py"),
            // Names first, then what is sorted before.
            (json!({"x*": "z", "a.txt": "x1"}), "a.txt>z"),
            (json!({"nosuch": "x", "nosuch*": "y"}), ""),
            // Through a link.
            (json!({"link/charm.py": "q"}), "src/charm.py>q"),
            (json!({"a.txt": "link/new"}), "a.txt>src/new"),
            (json!({"run": "link"}), "run/only>src/only"),
        ] {
            assert_eq!(changes(moves.clone()).unwrap(), expected, "{moves}");
        }
        let files = organize(sample(&TREE), Some(&json!({"link": "q"}))).unwrap();
        assert_eq!(files["q"], sample(&TREE)["link"]);
    }

    #[test]
    fn what_would_lose_a_file_is_refused() {
        for (moves, words) in [
            (json!({"a.txt": "b1.txt"}), "moves a.txt to b1.txt, but there is b1.txt already"),
            (json!({"a.txt": "x", "b1.txt": "x"}), "moves b1.txt to x, but there is x already"),
            (json!({"a.txt": "b1.txt/c"}), "there is b1.txt already"),
            (json!({"b1.txt": "z", "a.txt": "b1.txt/"}), "there is b1.txt already"),
            (json!({"d1/*": "d2/"}), "there is d2/f already"),
            (json!({"d1": "d2"}), "there is d2/f already"),
            (json!({"d1": "a.txt"}), "there is a.txt already"),
            (json!({"*.txt": "docs"}), "moves several files to \"docs\": write \"docs/\""),
            (json!({"src": "src/x"}), "into itself"),
            (json!({"../x": "y"}), "\"../x\" to \"y\": both must stay inside the part"),
            (json!({"/a.txt": "y"}), "both must stay inside the part"),
            (json!({"a.txt": "../y"}), "both must stay inside the part"),
            (json!({".": "all"}), "all of the part"),
            (json!({"": "all"}), "all of the part"),
            (json!({"a.txt": 1}), "must name a place"),
            (json!(["a.txt"]), "must map names to names"),
            (json!({"src/**": "q/"}), "twice"),
        ] {
            let error = changes(moves).unwrap_err().to_string();
            assert!(error.contains(words), "{words}: {error}");
        }
    }
}
