//! `.jujuignore`: which files of a project plugin `charm` leaves out.
//!
//! Much like `.gitignore`, with two differences: a rule that does not start with `/` may begin at any depth, also with a
//! `/` within, and the first rule with `!` that fits has the last word.

use anyhow::{Result, bail};

/// Left out of every charm.
const ALWAYS: &str = ".git\n.svn\n.hg\n.bzr\n.tox\n/build/\n/revision\n/venv\n/staging-venv\n.jujuignore\n";

#[derive(Debug)]
pub(super) struct JujuIgnore {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    /// Between the slashes; `**` is any number of names.
    names: Vec<Vec<Token>>,
    keeps: bool,
    directories_only: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Char(char),
    One,
    Any,
    /// Ranges, and whether it is what is not in them.
    Set(Vec<(char, char)>, bool),
}

impl JujuIgnore {
    /// The rules for every charm, then those of the file.
    pub(super) fn new(text: &str) -> Result<JujuIgnore> {
        let rules = ALWAYS.lines().chain(text.lines()).map(Rule::read);
        Ok(JujuIgnore { rules: rules.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect() })
    }

    /// Whether a path of the project, without a `/` at its start, is left out; what is in a directory is not asked for.
    pub(super) fn ignores(&self, path: &str, is_dir: bool) -> bool {
        let names: Vec<Vec<char>> = path.split('/').map(|name| name.chars().collect()).collect();
        let fits = |rule: &&Rule| (is_dir || !rule.directories_only) && rule.fits(&names);
        let mut fitting = self.rules.iter().filter(fits).peekable();
        fitting.peek().is_some() && fitting.all(|rule| !rule.keeps)
    }
}

impl Rule {
    /// None for an empty line and a comment.
    fn read(line: &str) -> Result<Option<Rule>> {
        let line = without_end_spaces(line.trim_start());
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let (keeps, text) = match line.strip_prefix('!') {
            Some(text) => (true, text),
            None => (false, line),
        };
        let (directories_only, text) = match text.strip_suffix('/') {
            Some(text) => (true, text),
            None => (false, text),
        };
        let (anchored, text) = match text.strip_prefix('/') {
            Some(text) => (true, text),
            None => (false, text),
        };
        if text.is_empty() {
            bail!(".jujuignore has the rule {line:?}, which names nothing");
        }
        let mut names = if anchored { Vec::new() } else { vec![any_names()] };
        names.extend(text.split('/').map(tokens));
        Ok(Some(Rule { names, keeps, directories_only }))
    }

    fn fits(&self, path: &[Vec<char>]) -> bool {
        fits_names(&self.names, path)
    }
}

/// `**` alone between slashes.
fn any_names() -> Vec<Token> {
    vec![Token::Any, Token::Any]
}

/// Spaces at the end, but for one with `\` before it.
fn without_end_spaces(line: &str) -> &str {
    let trimmed = line.trim_end();
    match line[trimmed.len()..].chars().next() {
        Some(escaped) if trimmed.ends_with('\\') => &line[..trimmed.len() + escaped.len_utf8()],
        _ => trimmed,
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(&char) = chars.get(at) {
        at += 1;
        all.push(match char {
            '*' => Token::Any,
            '?' => Token::One,
            '[' => match set(&chars[at..]) {
                Some((token, length)) => {
                    at += length;
                    token
                }
                None => Token::Char('['),
            },
            '\\' => {
                at += 1;
                Token::Char(chars.get(at - 1).copied().unwrap_or('\\'))
            }
            other => Token::Char(other),
        });
    }
    all
}

/// What follows a `[`, up to its `]`, and how long that is; none if there is no `]`.
fn set(chars: &[char]) -> Option<(Token, usize)> {
    let not = matches!(chars.first(), Some('!' | '^'));
    let start = usize::from(not);
    // A `]` right at the start stands for itself.
    let end = start + 1 + chars.get(start + 1..)?.iter().position(|char| *char == ']')?;
    let (mut ranges, mut at) = (Vec::new(), start);
    while at < end {
        let ranged = at + 2 < end && chars[at + 1] == '-';
        let last = if ranged { at + 2 } else { at };
        ranges.push((chars[at], chars[last]));
        at = last + 1;
    }
    Some((Token::Set(ranges, not), end + 1))
}

fn fits_names(rule: &[Vec<Token>], path: &[Vec<char>]) -> bool {
    match rule.split_first() {
        None => path.is_empty(),
        Some((first, rest)) if *first == any_names() => {
            // At the end it is what is below, not the directory itself.
            let least = usize::from(rest.is_empty());
            (least..=path.len()).any(|skipped| fits_names(rest, &path[skipped..]))
        }
        Some((first, rest)) => {
            path.split_first().is_some_and(|(name, below)| fits_name(first, name) && fits_names(rest, below))
        }
    }
}

fn fits_name(rule: &[Token], name: &[char]) -> bool {
    let Some((first, rest)) = rule.split_first() else { return name.is_empty() };
    if *first == Token::Any {
        return (0..=name.len()).any(|skipped| fits_name(rest, &name[skipped..]));
    }
    let Some((char, below)) = name.split_first() else { return false };
    let fits = match first {
        Token::Char(expected) => expected == char,
        Token::Set(ranges, not) => ranges.iter().any(|(from, to)| (from..=to).contains(&char)) != *not,
        Token::One | Token::Any => true,
    };
    fits && fits_name(rest, below)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path that ends in `/` is a directory.
    fn ignored(rules: &str, path: &str) -> bool {
        let ignore = JujuIgnore::new(rules).unwrap();
        ignore.ignores(path.trim_end_matches('/'), path.ends_with('/'))
    }

    #[test]
    fn every_charm_leaves_these_out() {
        for path in
            [".git/", "mod/x/.git", ".tox/", "build/", "revision", "venv/", "staging-venv/", ".jujuignore"]
        {
            assert!(ignored("", path), "{path}");
        }
        for path in ["build", "src/build/", "lib/venv/", "src/revision", "git", ".gitignore", "charm.py"] {
            assert!(!ignored("", path), "{path}");
        }
    }

    #[test]
    fn rules() {
        for (rules, path, is_ignored) in [
            ("*.md", "README.md", true),
            ("*.md", "docs/a.md", true),
            ("/*.md", "docs/a.md", false),
            ("/*.md", "a.md", true),
            ("tests/", "tests/", true),
            ("tests/", "tests", false),
            ("tests/", "src/tests/", true),
            ("/tests", "src/tests/", false),
            ("a/b", "a/b", true),
            ("a/b", "x/a/b", true),
            ("/a/b", "x/a/b", false),
            ("a*z", "a/z", false),
            ("a*z", "a-b-z", true),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("a?c", "ac", false),
            ("[ab].py", "a.py", true),
            ("[a-c]x", "bx", true),
            ("[a-c]x", "dx", false),
            ("[!a-c]x", "dx", true),
            ("[!a-c]x", "ax", false),
            ("[]]x", "]x", true),
            ("[ab", "[ab", true),
            ("/a/**/z", "a/z", true),
            ("/a/**/z", "a/b/c/z", true),
            ("/a/**/z", "a/b", false),
            ("/a/**", "a/b", true),
            ("/a/**", "a/", false),
            ("**/x", "a/b/x", true),
            ("**/x", "x", true),
            ("# a comment", "# a comment", false),
            ("\\#file", "#file", true),
            ("\\!file", "!file", true),
            ("  padded  ", "padded", true),
            ("space\\ ", "space ", true),
            ("wide\\\u{3000}", "wide\u{3000}", true),
            ("a\n!a", "a", false),
            ("!a\na", "a", false),
            ("*.md\n!/README.md\n*.md", "README.md", false),
            ("*.md\n!/README.md", "docs/README.md", true),
            ("!.git", ".git/", false),
            ("!other", "a", false),
            ("a.b", "axb", false),
        ] {
            assert_eq!(ignored(rules, path), is_ignored, "{rules:?} {path}");
        }
        assert!(JujuIgnore::new("!/").unwrap_err().to_string().contains("\"!/\""));
    }
}
