//! Which of a part's files go into the charm: `stage` and `prime`.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow, bail};

use super::files::Files;
use super::glob::find;
use super::tree::{below, is_dir, join, located, upwards};

/// What `stage` and then `prime` leave of the installed files.
///
/// As in craft-parts, a `prime` that only excludes takes away from what was staged; one that includes is looked up among
/// the installed files, and what it names must have been staged.
pub(super) fn staged_and_primed(files: Files, stage: &[String], prime: &[String]) -> Result<Files> {
    let (stage, prime) = (Filter::new("stage", stage)?, Filter::new("prime", prime)?);
    let mut kept = stage.select(&files)?;
    if prime.is_of_all {
        let excluded = prime.excluded(&files)?;
        kept.retain(|path| !is_covered(&excluded, path));
    } else {
        let primed = prime.select(&files)?;
        if let Some(path) = primed.difference(&kept).next() {
            bail!("`prime` includes {path}, which `stage` leaves out: let `stage` have it too");
        }
        kept = primed;
    }
    Ok(files.into_iter().filter(|(path, _)| kept.contains(path)).collect())
}

/// A list of patterns; those with a `-` in front leave files out. Without any other, everything else goes in.
#[derive(Debug)]
struct Filter {
    key: &'static str,
    /// Whether it only says what to leave out, if anything.
    is_of_all: bool,
    include: Vec<String>,
    exclude: Vec<String>,
}

impl Filter {
    fn new(key: &'static str, entries: &[String]) -> Result<Filter> {
        let is_of_all = entries == ["*"] || entries.iter().all(|entry| entry.starts_with('-'));
        let mut filter = Filter { key, is_of_all, include: Vec::new(), exclude: Vec::new() };
        for entry in entries {
            let (list, pattern) = match entry.strip_prefix('-') {
                Some(pattern) => (&mut filter.exclude, pattern),
                // `\-x` is a file whose name begins with `-`.
                None => (&mut filter.include, entry.strip_prefix('\\').unwrap_or(entry)),
            };
            let is_all = pattern != entry && plain(pattern).is_empty();
            if pattern.is_empty() || (is_all && entry.starts_with('-') && !pattern.starts_with('/')) {
                bail!("`{key}` has the entry {entry:?}, which names nothing: leave it out");
            }
            if pattern.starts_with('/') {
                bail!("`{key}` has {entry:?}: a path must count from the part's top, without a `/` in front");
            }
            list.push(pattern.to_owned());
        }
        if filter.include.is_empty() {
            filter.include.push("*".into());
        }
        Ok(filter)
    }

    /// The paths of the files that the list lets in.
    fn select(&self, files: &Files) -> Result<BTreeSet<String>> {
        let excluded = self.excluded(files)?;
        let mut selected = BTreeSet::new();
        for path in self.included(files)? {
            let path = located(files, &path)
                .map_err(|broken| anyhow!("`{}` has {path:?}, which {broken}", self.key))?;
            if files.contains_key(&path) {
                selected.insert(path);
            } else if is_dir(files, &path) {
                selected.extend(below(files, &path).map(|(path, _)| path.clone()));
            } else if !is_covered(&excluded, &path) {
                bail!(
                    "`{}` names {path}, which the part does not have: mend the name or leave it out",
                    self.key
                );
            }
        }
        selected.retain(|path| !is_covered(&excluded, path));
        Ok(selected)
    }

    /// The files and directories that the list includes, entry by entry: one with a `*` takes what is hidden at the
    /// top away again, its own and that of the entries before it.
    fn included(&self, files: &Files) -> Result<BTreeSet<String>> {
        let mut included = BTreeSet::new();
        for entry in &self.include {
            // Without a `*` it is a name, whatever else is in it.
            if !entry.contains('*') {
                included.insert(plain(entry));
                continue;
            }
            if entry.starts_with("**") {
                bail!(
                    "`{}` has {entry:?}, at which charmcraft fails, as `**` cannot come first there: write \"./{entry}\"",
                    self.key
                );
            }
            if plain(entry).split('/').next() == Some("..") {
                bail!("`{}` has {entry:?}, which leads out of the part: name what is in it", self.key);
            }
            included.extend(find(files, entry)?.iter().map(|path| plain(path)));
            // With the dot in front of the whole, as craft-parts has it: of `./*` nothing is hidden.
            let hidden = find(files, &format!(".{entry}"))?;
            included.retain(|path| !is_covered(&hidden, path));
        }
        Ok(included)
    }

    /// The files and directories that the list leaves out; there, every entry is a pattern.
    fn excluded(&self, files: &Files) -> Result<BTreeSet<String>> {
        let mut excluded = BTreeSet::new();
        for entry in &self.exclude {
            excluded.extend(find(files, entry)?);
        }
        Ok(excluded)
    }
}

/// Whether the path or a directory above it is among these.
fn is_covered(paths: &BTreeSet<String>, path: &str) -> bool {
    paths.contains("") || upwards(path).any(|path| paths.contains(path))
}

/// The path without what says nothing: `./`, a second `/`, a `/` at the end.
fn plain(path: &str) -> String {
    path.split('/').filter(|name| !["", "."].contains(name)).fold(String::new(), |dir, name| join(&dir, name))
}

#[cfg(test)]
mod tests {
    use super::super::files::sample;
    use super::*;

    const TREE: [&str; 15] = [
        ".github/wf.yml",
        ".hidden",
        "a.txt",
        "b1.txt",
        "lib/x.so",
        "lib/y.py",
        "linkdir -> src",
        "linkfile -> a.txt",
        "src/.dot",
        "src/charm.py",
        "src/sub/deep.py",
        "-x",
        "tests/t.py",
        "to_copy/bar",
        "to_copy/foo",
    ];

    fn list(entries: &str) -> Vec<String> {
        entries.split_whitespace().map(String::from).collect()
    }

    fn left(stage: &str, prime: &str) -> Result<Vec<String>> {
        let files = staged_and_primed(sample(&TREE), &list(stage), &list(prime))?;
        Ok(files.into_keys().collect())
    }

    /// The paths of the tree which are, or are in, one of these.
    fn of_tree(names: &str) -> Vec<String> {
        let names: BTreeSet<String> = list(names).into_iter().collect();
        sample(&TREE).into_keys().filter(|path| is_covered(&names, path)).collect()
    }

    const ALL: &str = "-x a.txt b1.txt lib linkdir linkfile src tests to_copy";

    /// What craft-parts 2.37.2 makes of these lists, tried with it.
    #[test]
    fn every_list_leaves_what_craft_parts_leaves() {
        let without = |names: &str| {
            let gone = of_tree(names);
            of_tree(ALL).into_iter().filter(|path| !gone.contains(path)).collect::<Vec<_>>()
        };
        for (entries, expected) in [
            // Hidden names of the top fall out, those further down stay.
            ("", of_tree(ALL)),
            ("*", of_tree(ALL)),
            ("./*", of_tree(".github .hidden -x a.txt b1.txt lib linkdir linkfile src tests to_copy")),
            ("-tests", without("tests")),
            ("-./tests", without("tests")),
            ("-tests/", without("tests")),
            ("./to_copy/foo", of_tree("to_copy/foo")),
            ("src", of_tree("src")),
            ("src/", of_tree("src")),
            ("src/*", of_tree("src")),
            ("src/**", of_tree("src")),
            ("./src/*", of_tree("src")),
            ("src//charm.py", of_tree("src/charm.py")),
            ("src/../a.txt", of_tree("a.txt")),
            (".", of_tree(".github .hidden -x a.txt b1.txt lib linkdir linkfile src tests to_copy")),
            ("nosuch*", vec![]),
            (".github", of_tree(".github")),
            (".*", of_tree(".github .hidden")),
            (".github *", of_tree(ALL)),
            (".github/wf.yml *", of_tree(ALL)),
            ("* .github", of_tree(".github -x a.txt b1.txt lib linkdir linkfile src tests to_copy")),
            (".github src/*", of_tree(".github src")),
            ("src/.* a.txt", of_tree("src/.dot a.txt")),
            ("*/wf.yml", vec![]),
            ("b?*.txt", of_tree("b1.txt")),
            ("[ab]*.txt", of_tree("a.txt b1.txt")),
            ("[!a]*.txt", of_tree("b1.txt")),
            ("*.py", vec![]),
            ("./**/*.py", of_tree("lib/y.py src/charm.py src/sub/deep.py tests/t.py")),
            ("*/*.py", of_tree("lib/y.py src/charm.py tests/t.py")),
            ("src/**/*.py", of_tree("src/charm.py src/sub/deep.py")),
            ("s*", of_tree("src")),
            ("-b?.txt", without("b1.txt")),
            ("-[!a].txt", of_tree(ALL)),
            ("-[a-b]*.txt", without("a.txt b1.txt")),
            ("-*.so", of_tree(ALL)),
            ("-**/*.so", without("lib/x.so")),
            ("-*/*.py", without("lib/y.py src/charm.py tests/t.py")),
            ("-*", vec![]),
            ("-**", vec![]),
            ("-.github", of_tree(ALL)),
            ("-nosuch", of_tree(ALL)),
            ("src -src/sub/deep.py", of_tree("src/.dot src/charm.py")),
            ("src -src/sub", of_tree("src/.dot src/charm.py")),
            ("src/sub/* -src/sub", vec![]),
            ("a.txt -lib", of_tree("a.txt")),
            ("a.txt src/nosuch -src", of_tree("a.txt")),
            ("-a.txt/** -linkfile/", of_tree(ALL)),
            ("\\-x", of_tree("-x")),
            // A link is itself, and a path through one is where that leads.
            ("linkdir", of_tree("linkdir")),
            ("linkdir/charm.py", of_tree("src/charm.py")),
            ("linkdir/*", of_tree("src")),
            ("-linkdir", without("linkdir")),
            ("-src", without("src")),
            ("-linkdir/charm.py", of_tree(ALL)),
        ] {
            // Alone, `prime` is the same, but can bring back nothing that is hidden.
            assert_eq!(left(entries, "").unwrap(), expected, "stage: {entries}");
            if !entries.is_empty() {
                let primed = left(".", entries).unwrap();
                let all = entries.split(' ').all(|entry| entry == "*" || entry.starts_with('-'));
                assert!(all || primed == expected, "prime: {entries}: {primed:?}");
            }
        }
    }

    #[test]
    fn wrong_lists_name_the_entry() {
        for (entries, words) in [
            ("nosuch", "`stage` names nosuch, which the part does not have"),
            ("b?.txt", "names b?.txt,"),
            ("{a,b1}.txt", "names {a,b1}.txt,"),
            ("[a].txt", "names [a].txt,"),
            ("b1.tx[t", "names b1.tx[t,"),
            (
                "**/*.py",
                "has \"**/*.py\", at which charmcraft fails, as `**` cannot come first there: write \"./**/*.py\"",
            ),
            ("**", "at which charmcraft fails"),
            ("src/**b*", "\"**b*\""),
            ("-src/**b", "`**` stands alone"),
            ("/a", "\"/a\": a path must count from the part's top"),
            ("-/a", "\"-/a\""),
            ("-", "names nothing"),
            ("-.", "names nothing"),
            ("../s*", "\"../s*\", which leads out of the part"),
            ("../s", "\"../s\", which leads out"),
        ] {
            let error = left(entries, "").unwrap_err().to_string();
            assert!(error.contains(words), "{entries}: {error}");
        }
        assert!(staged_and_primed(sample(&TREE), &[String::new()], &[]).is_err());
    }

    #[test]
    fn prime_takes_from_what_was_staged() {
        for (stage, prime, expected) in [
            ("src a.txt", "-src", Ok("a.txt")),
            ("src", "-src/sub -src/charm.py", Ok("src/.dot")),
            (".github src", "", Ok(".github src")),
            (".github src", "*", Ok(".github src")),
            (".github src", "-src", Ok(".github")),
            ("tests", "-tests", Ok("")),
            ("-tests", "src", Ok("src")),
            ("src", "a.txt", Err("`prime` includes a.txt, which `stage` leaves out")),
            ("-tests", "tests", Err("tests/t.py")),
            ("-tests", "t*", Err("tests/t.py")),
            ("-tests", "* -lib", Err("tests/t.py")),
            ("src -src/sub/deep.py", "src", Err("src/sub/deep.py")),
            ("", ".github", Err(".github/wf.yml")),
            ("", "nosuch", Err("`prime` names nosuch")),
        ] {
            match (left(stage, prime), expected) {
                (Ok(left), Ok(names)) => assert_eq!(left, of_tree(names), "{stage} | {prime}"),
                (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
                (other, _) => panic!("{stage} | {prime}: {other:?}"),
            }
        }
    }
}
