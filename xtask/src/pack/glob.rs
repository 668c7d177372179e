//! Patterns as Python's `pathlib` and `fnmatch` read them, which craft-parts uses: `*`, `?`, `[ab]`, `[!a-z]`, and `**`
//! for directories of any depth. No crate reads them so: a leading dot is no exception, `[` without `]` is itself.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::files::Files;
use super::tree::{below, is_dir, join, names, real, split, upwards};

/// One piece of a pattern.
#[derive(Debug, PartialEq)]
enum Piece {
    Any,
    One,
    Char(char),
    Of { not: bool, ranges: Vec<(char, char)> },
}

/// Whether a pattern fits a text as a whole; `*` fits `/` as well.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let (pieces, text) = (pieces(pattern), text.chars().collect::<Vec<_>>());
    let (mut piece, mut at) = (0, 0);
    // Where the last `*` was, and what it has taken so far: it takes one more when nothing else helps.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pieces.get(piece) {
            Some(Piece::Any) => {
                star = Some((piece, at));
                piece += 1;
            }
            Some(one) if one.takes(text[at]) => {
                piece += 1;
                at += 1;
            }
            _ => {
                let Some((last, taken)) = star else { return false };
                star = Some((last, taken + 1));
                (piece, at) = (last + 1, taken + 1);
            }
        }
    }
    pieces[piece..].iter().all(|piece| *piece == Piece::Any)
}

impl Piece {
    fn takes(&self, given: char) -> bool {
        match self {
            Piece::Any | Piece::One => true,
            Piece::Char(char) => *char == given,
            Piece::Of { not, ranges } => {
                ranges.iter().any(|(from, to)| (*from..=*to).contains(&given)) != *not
            }
        }
    }
}

fn pieces(pattern: &str) -> Vec<Piece> {
    let chars: Vec<char> = pattern.chars().collect();
    let (mut pieces, mut at) = (Vec::new(), 0);
    while let Some(char) = chars.get(at) {
        at += 1;
        pieces.push(match char {
            '*' => Piece::Any,
            '?' => Piece::One,
            '[' => match set(&chars[at..]) {
                Some((set, length)) => {
                    at += length;
                    set
                }
                None => Piece::Char('['),
            },
            char => Piece::Char(*char),
        });
    }
    pieces
}

/// What is between `[` and `]`, and its length with the `]`, which is itself if it comes first.
fn set(chars: &[char]) -> Option<(Piece, usize)> {
    let not = chars.first() == Some(&'!');
    let start = usize::from(not);
    let end = (start + 1..chars.len()).find(|at| chars[*at] == ']')?;
    let (mut ranges, mut at) = (Vec::new(), start);
    while at < end {
        let is_range = at + 2 < end && chars[at + 1] == '-';
        let last = if is_range { at + 2 } else { at };
        ranges.push((chars[at], chars[last]));
        at = last + 1;
    }
    Some((Piece::Of { not, ranges }, end + 1))
}

/// The files and directories that a pattern names, by the paths that it names them.
pub(super) fn find(files: &Files, pattern: &str) -> Result<BTreeSet<String>> {
    let parts: Vec<&str> = pattern.split('/').filter(|part| !["", "."].contains(part)).collect();
    if let Some(part) = parts.iter().find(|part| part.contains("**") && **part != "**") {
        bail!("{pattern:?} has {part:?}, which charmcraft cannot read: `**` stands alone between two `/`");
    }
    let mut found = BTreeSet::new();
    find_in(files, String::new(), &parts, &mut found, &mut BTreeSet::new());
    if pattern.ends_with('/') {
        found.retain(|path| real(files, path).is_ok_and(|path| is_dir(files, &path)));
    }
    Ok(found)
}

/// `seen` are the places with what was left of the pattern there: several `**` come to one on many ways.
fn find_in(
    files: &Files,
    at: String,
    parts: &[&str],
    found: &mut BTreeSet<String>,
    seen: &mut BTreeSet<(String, usize)>,
) {
    if !seen.insert((at.clone(), parts.len())) {
        return;
    }
    let Some((part, rest)) = parts.split_first() else {
        found.insert(at);
        return;
    };
    let Ok(dir) = real(files, &at) else { return };
    match *part {
        "**" if !is_dir(files, &dir) => {}
        "**" => {
            find_in(files, at.clone(), rest, found, seen);
            let inner = dirs(files, &dir);
            inner.iter().for_each(|inner| find_in(files, join(&at, inner), rest, found, seen));
        }
        ".." if is_dir(files, &dir) => find_in(files, join(&at, ".."), rest, found, seen),
        name if !name.contains(['*', '?', '[']) => {
            if is_there(files, &join(&dir, name)) {
                find_in(files, join(&at, name), rest, found, seen);
            }
        }
        pattern => {
            let names = names(files, &dir).into_iter().filter(|name| fits(pattern, name));
            names.for_each(|name| find_in(files, join(&at, name), rest, found, seen));
        }
    }
}

fn is_there(files: &Files, path: &str) -> bool {
    files.contains_key(path) || is_dir(files, path)
}

/// The directories in a directory, at any depth, from there.
fn dirs(files: &Files, dir: &str) -> BTreeSet<String> {
    let start = if dir.is_empty() { 0 } else { dir.len() + 1 };
    let parents = below(files, dir).map(|(path, _)| split(&path[start..]).0).filter(|dir| !dir.is_empty());
    parents.flat_map(|dir| upwards(dir).map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::files::sample;
    use super::*;

    #[test]
    fn many_ways_to_one_place_are_gone_once() {
        let files = sample(&[&format!("{}f", "d/".repeat(40))]);
        assert_eq!(find(&files, "**/**/**/**/**/**/**/x").unwrap(), BTreeSet::new());
        assert_eq!(find(&files, "**/**/**/**/**/**/**/f").unwrap().len(), 1);
    }

    #[test]
    fn names_fit_as_in_python() {
        for (pattern, fitting, other) in [
            ("*.py", "a.py", "a.pyc"),
            ("*", ".hidden", "?"),
            ("a*b*c", "aXbYbc", "acb"),
            ("a?c", "abc", "ac"),
            ("src/*", "src/sub/deep.py", "lib/x"),
            ("[ab]*", "b1", "c"),
            ("[!a-c]", "d", "b"),
            ("[]a]", "]", "b"),
            ("[a-]", "-", "b"),
            ("[z-a]", "?", "m"),
            ("x[t", "x[t", "xt"),
            ("a.b", "a.b", "axb"),
        ] {
            assert!(fitting == "?" || fits(pattern, fitting), "{pattern} {fitting}");
            assert!(other == "?" || !fits(pattern, other), "{pattern} {other}");
        }
        // Many stars do not multiply the work.
        assert!(!fits(&"*a".repeat(30), &"ab".repeat(1000)));
    }

    #[test]
    fn patterns_find_files_and_directories() {
        let files = sample(&["a.txt", "src/charm.py", "src/sub/deep.py", ".git/x", "link -> src"]);
        for (pattern, expected) in [
            ("*", vec![".git", "a.txt", "link", "src"]),
            ("*/*.py", vec!["link/charm.py", "src/charm.py"]),
            ("**/*.py", vec!["src/charm.py", "src/sub/deep.py"]),
            ("**", vec!["", ".git", "src", "src/sub"]),
            ("link/**/*.py", vec!["link/charm.py", "link/sub/deep.py"]),
            ("./src//sub/", vec!["src/sub"]),
            ("src/../a.txt", vec!["src/../a.txt"]),
            ("none/*", vec![]),
            ("a.txt/*", vec![]),
            ("a.txt/**", vec![]),
            ("*/", vec![".git", "link", "src"]),
        ] {
            let found = find(&files, pattern).unwrap();
            assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{pattern}");
        }
        assert!(find(&files, "src/**.py").unwrap_err().to_string().contains("\"**.py\""));
    }
}
