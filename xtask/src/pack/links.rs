//! What the links of a charm lead to, in their place: a charm has files only.

use std::fmt;

use super::files::{Content, Entry, Files};
use super::tree::{Broken, below, real, upwards};

/// A link that cannot be replaced by what it leads to.
#[derive(Debug, PartialEq)]
pub(super) struct BrokenLink {
    pub(super) path: String,
    target: String,
    why: Broken,
}

impl fmt::Display for BrokenLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let remedy = match self.why {
            Broken::Out => "put the file itself there",
            Broken::Nowhere => "leave the link out, or put into the charm what it leads to",
            Broken::Circle => "leave the link out",
        };
        write!(f, "the link {} to {} {}: {remedy}", self.path, self.target, self.why)
    }
}

/// The files with each link replaced by the file, or the files of the directory, that it leads to.
pub(super) fn resolve(files: Files) -> Result<Files, BrokenLink> {
    let mut resolved = Files::new();
    for (path, entry) in &files {
        if let Content::Link(target) = &entry.content {
            place(&files, path, (path, target), &[], &mut resolved)?;
        } else {
            resolved.insert(path.clone(), entry.clone());
        }
    }
    Ok(resolved)
}

/// Puts what a link leads to at a path, which is another than the link's own if a link led there; `through` are the
/// directories on that way.
fn place(
    files: &Files,
    at: &str,
    (link, target): (&str, &str),
    through: &[&str],
    resolved: &mut Files,
) -> Result<(), BrokenLink> {
    let broken = |why| BrokenLink { path: link.to_owned(), target: target.to_owned(), why };
    let goal = real(files, link).map_err(broken)?;
    if let Some(entry) = files.get(&goal) {
        resolved.insert(at.to_owned(), entry.clone());
        return Ok(());
    }
    // A directory that is on the way to itself would go on for ever.
    let through: Vec<&str> = through.iter().copied().chain(upwards(link).skip(1)).collect();
    if goal.is_empty() || through.contains(&goal.as_str()) {
        return Err(broken(Broken::Circle));
    }
    for (path, entry) in below(files, &goal) {
        let at = format!("{at}{}", &path[goal.len()..]);
        match entry {
            Entry { content: Content::Link(target), .. } => {
                place(files, &at, (path, target), &through, resolved)?
            }
            entry => drop(resolved.insert(at, entry.clone())),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::files::sample;
    use super::*;

    #[test]
    fn links_become_what_they_lead_to() {
        let files = sample(&[
            "dispatch",
            "hooks/install -> ../dispatch",
            "lib/a.py",
            "lib/sub/b.py",
            "lib/sub/up -> ../a.py",
            "src/lib -> ../lib",
            "venv/lib64 -> lib",
            "venv/lib/x",
            "chain -> src/lib/sub",
        ]);
        let resolved = resolve(files).unwrap();
        let shown = |path: &str| String::from_utf8(resolved[path].bytes().unwrap()).unwrap();
        for (path, text) in [
            ("hooks/install", "dispatch"),
            ("src/lib/a.py", "lib/a.py"),
            ("src/lib/sub/up", "lib/a.py"),
            ("venv/lib64/x", "venv/lib/x"),
            ("chain/b.py", "lib/sub/b.py"),
            ("chain/up", "lib/a.py"),
        ] {
            assert_eq!(shown(path), text, "{path}");
        }
        assert_eq!(resolved.len(), 12);
        assert!(resolved.values().all(|entry| !matches!(entry.content, Content::Link(_))));
    }

    #[test]
    fn what_leads_to_no_file_is_named() {
        for (lines, link, why) in [
            (vec!["a/l -> ../../x"], "a/l", Broken::Out),
            (vec!["l -> /etc/passwd"], "l", Broken::Out),
            (vec!["l -> gone"], "l", Broken::Nowhere),
            (vec!["l -> l"], "l", Broken::Circle),
            (vec!["a/f", "a/l -> ."], "a/l", Broken::Circle),
            (vec!["f", "a/l -> .."], "a/l", Broken::Circle),
            // Each is in the other.
            (vec!["a/f", "a/x -> ../b", "b/f", "b/y -> ../a"], "b/y", Broken::Circle),
            // A link within what a link leads to.
            (vec!["l -> d", "d/f", "d/m -> ../../x"], "d/m", Broken::Out),
        ] {
            let broken = resolve(sample(&lines)).unwrap_err();
            assert_eq!((broken.path.as_str(), broken.why), (link, why), "{lines:?}");
        }
        let words = resolve(sample(&["l -> gone"])).unwrap_err().to_string();
        assert!(words.starts_with("the link l to gone leads to nothing in the charm: "), "{words}");
    }
}
