//! What a word may become when it is expanded, as far as the script alone tells.

use std::collections::BTreeMap;

use super::reader::Foreign;
use super::syntax::{Operation, Piece, Word};

/// A piece of a text that a word may become.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Atom {
    Text(String),
    /// A directory of the part: its sources, its build, what it installs.
    Part,
    /// Another directory, which a script may read.
    Outside,
    /// A name of this packer's making, or a number: no `/`, no `..`, never empty.
    Safe,
    /// `*`, `?` or `[` that is matched with names of files.
    Glob(char),
    /// Any text; if it splits, several words or none.
    Any {
        splits: bool,
    },
}

/// All that a word may become: one of these.
pub(super) type Values = Vec<Vec<Atom>>;

/// More than this is as good as anything.
const MANY: usize = 32;
/// The directories of the part, in which a script may do what it likes.
const PART: [&str; 4] = ["CRAFT_PART_SRC", "CRAFT_PART_BUILD", "CRAFT_PART_BUILD_WORK", "CRAFT_PART_INSTALL"];
/// Variables of the packer that hold a plain name.
const SAFE: [&str; 10] = [
    "CRAFT_PART_NAME",
    "CRAFT_PROJECT_NAME",
    "CRAFT_PLATFORM",
    "CRAFT_ARCH_BUILD_ON",
    "CRAFT_ARCH_BUILD_FOR",
    "CRAFT_ARCH_TRIPLET",
    "CRAFT_ARCH_TRIPLET_BUILD_ON",
    "CRAFT_ARCH_TRIPLET_BUILD_FOR",
    "CRAFT_TARGET_ARCH",
    "CRAFT_PARALLEL_BUILD_COUNT",
];

/// What the script assigns to its variables, wherever it does.
#[derive(Debug, Default)]
pub(super) struct Variables(BTreeMap<String, Vec<Source>>);

#[derive(Debug)]
enum Source {
    /// The value of an assignment, in which nothing splits and no name is matched.
    Value(Word),
    /// One of a loop's words.
    Item(Word),
    Unknown,
}

impl Variables {
    pub(super) fn assigned(&mut self, name: &str, value: Word) {
        self.0.entry(name.into()).or_default().push(Source::Value(value));
    }

    pub(super) fn item(&mut self, name: &str, word: Word) {
        self.0.entry(name.into()).or_default().push(Source::Item(word));
    }

    pub(super) fn unknown(&mut self, name: &str) {
        self.0.entry(name.into()).or_default().push(Source::Unknown);
    }

    /// What an argument may become.
    pub(super) fn expand(&self, word: &Word) -> Values {
        self.word(word, false, &mut Vec::new())
    }

    /// `stands`: in an assignment, where a word stays one word. `seen`: the variables on the way here.
    fn word(&self, word: &Word, stands: bool, seen: &mut Vec<String>) -> Values {
        let mut values: Values = vec![Vec::new()];
        for piece in word {
            let next = self.piece(piece, stands, seen);
            if values.len() * next.len() > MANY {
                return vec![vec![Atom::Any { splits: !stands }]];
            }
            let join = |value: &Vec<Atom>| next.iter().map(|more| [&value[..], &more[..]].concat()).collect();
            values = values.iter().flat_map(|value| -> Values { join(value) }).collect();
        }
        let quoted = word.iter().any(|piece| matches!(piece, Piece::Text { quoted: true, .. }));
        for value in &mut values {
            // Without quotes, nothing is no word at all.
            if !stands && !quoted && text_of(value).is_some_and(|text| text.is_empty()) {
                *value = vec![Atom::Any { splits: true }];
            }
            value.retain(|atom| !matches!(atom, Atom::Text(text) if text.is_empty()));
        }
        values
    }

    fn piece(&self, piece: &Piece, stands: bool, seen: &mut Vec<String>) -> Values {
        match piece {
            Piece::Text { text, .. } => vec![vec![Atom::Text(text.clone())]],
            Piece::Glob(c) if stands => vec![vec![Atom::Text(c.to_string())]],
            Piece::Glob(c) => vec![vec![Atom::Glob(*c)]],
            Piece::Number => vec![vec![Atom::Safe]],
            Piece::Output { quoted, .. } => vec![vec![Atom::Any { splits: !quoted && !stands }]],
            Piece::Variable { name, operation, quoted } => {
                let splits = !quoted && !stands;
                let mut values = self.variable(name, operation, stands || *quoted, seen);
                for atom in values.iter_mut().flatten() {
                    let parts = |text: &str| text.contains([' ', '\t', '\n', '*', '?', '[', '\\']);
                    match atom {
                        Atom::Text(text) if splits && parts(text) => *atom = Atom::Any { splits },
                        Atom::Any { .. } => *atom = Atom::Any { splits },
                        _ => {}
                    }
                }
                values
            }
        }
    }

    fn variable(&self, name: &str, operation: &Operation, stands: bool, seen: &mut Vec<String>) -> Values {
        match operation {
            Operation::None => self.value(name, seen),
            Operation::Default(word) => {
                let mut values = self.value(name, seen);
                values.extend(self.word(word, stands, seen));
                values
            }
            Operation::Alternative(word) => {
                let mut values = self.word(word, stands, seen);
                values.push(vec![Atom::Text(String::new())]);
                values
            }
            Operation::Change(_) => vec![vec![Atom::Any { splits: true }]],
        }
    }

    fn value(&self, name: &str, seen: &mut Vec<String>) -> Values {
        if PART.contains(&name) {
            return vec![vec![Atom::Part]];
        }
        if name == "CRAFT_PROJECT_DIR" {
            return vec![vec![Atom::Outside]];
        }
        if SAFE.contains(&name) {
            return vec![vec![Atom::Safe]];
        }
        let any = || vec![vec![Atom::Any { splits: true }]];
        let Some(sources) = self.0.get(name) else { return any() };
        // A variable that is made of itself can become anything.
        if seen.iter().any(|other| other == name) {
            return any();
        }
        seen.push(name.into());
        let mut values = Values::new();
        for source in sources {
            match source {
                Source::Value(word) => values.extend(self.word(word, true, seen)),
                Source::Item(word) => values.extend(self.word(word, false, seen)),
                Source::Unknown => values.extend(any()),
            }
        }
        seen.pop();
        if values.len() > MANY { any() } else { values }
    }

    /// Why a script may not write at a path that the word may become; `here`: the current directory is of the part.
    pub(super) fn not_writable(&self, word: &Word, here: bool) -> Option<String> {
        self.expand(word).iter().find_map(|value| not_writable(value, here))
    }
}

/// The text of a value that is nothing but text.
pub(super) fn text_of(value: &[Atom]) -> Option<String> {
    value
        .iter()
        .map(|atom| match atom {
            Atom::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// The path without the directory of the part that it begins with, if it does, and what stands for each atom that is
/// no text: `x` for a name, `*` for what is matched.
pub(super) fn path_of(value: &[Atom]) -> Option<(bool, String)> {
    let (absolute, rest) = match value {
        [Atom::Part, rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let path: Option<String> = rest
        .iter()
        .map(|atom| match atom {
            Atom::Text(text) => Some(text.as_str()),
            Atom::Safe => Some("x"),
            Atom::Glob(_) => Some("*"),
            Atom::Part | Atom::Outside | Atom::Any { .. } => None,
        })
        .collect();
    Some((absolute, path?))
}

fn not_writable(value: &[Atom], here: bool) -> Option<String> {
    if value.contains(&Atom::Outside) {
        return Some("it writes to the project itself, and not to a copy".into());
    }
    let Some((absolute, path)) = path_of(value) else {
        return Some("it cannot be seen where a path leads that is written to".into());
    };
    let inside = if absolute { path.is_empty() || path.starts_with('/') } else { !path.starts_with('/') };
    if !inside {
        return Some(format!("it writes outside of the part's directories: {path}"));
    }
    if !absolute && path.is_empty() {
        return Some("it writes to a path that may be empty".into());
    }
    if !absolute && !here {
        return Some("it writes where it may be outside of the part's directories".into());
    }
    // `.*` and the like match `..` in some versions of bash.
    let leaves = |part: &str| part == ".." || (part.starts_with('.') && part.contains('*'));
    if path.split('/').any(leaves) {
        return Some(format!("it writes to a path that may lead out of the part's directories: {path}"));
    }
    None
}

/// Variables that change what programs do, or where they are found.
pub(super) fn check_assigned(name: &str, exported: bool, line: usize) -> Result<(), Foreign> {
    const NAMES: [&str; 26] = [
        "PATH",
        "IFS",
        "HOME",
        "ENV",
        "PWD",
        "OLDPWD",
        "CDPATH",
        "PS4",
        "TMPDIR",
        "TMP",
        "TEMP",
        "SHELLOPTS",
        "BASHOPTS",
        "OPTIND",
        "OPTARG",
        "POSIXLY_CORRECT",
        "GLOBIGNORE",
        "EXECIGNORE",
        "PAGER",
        "EDITOR",
        "VISUAL",
        "SHELL",
        "TERM",
        "MAKEFLAGS",
        "VERSION_CONTROL",
        "SIMPLE_BACKUP_SUFFIX",
    ];
    const PREFIXES: [&str; 27] = [
        "BASH",
        "LD_",
        "LC_",
        "GIT_",
        "CRAFT_",
        "PYTHON",
        "PERL",
        "RUBY",
        "NODE",
        "JAVA",
        "CARGO",
        "RUST",
        "PIP_",
        "UV_",
        "XDG_",
        "SSH_",
        "SSL_",
        "GREP_",
        "TAR_",
        "LESS",
        "MALLOC_",
        "GCONV",
        "GLIBC",
        "PARTS_",
        "JUBILANT",
        "PKG_",
        "VIRTUAL_ENV",
    ];
    // What a script may well export: settings that only switch, and texts that nobody but it and its build reads.
    const EXPORTED: [&str; 13] = [
        "UV_FROZEN",
        "UV_LOCKED",
        "UV_OFFLINE",
        "UV_NO_BINARY",
        "UV_NO_BUILD",
        "UV_COMPILE_BYTECODE",
        "UV_LINK_MODE",
        "UV_PYTHON_DOWNLOADS",
        "UV_NO_PROGRESS",
        "UV_NATIVE_TLS",
        "UV_HTTP_TIMEOUT",
        "DEBIAN_FRONTEND",
        "LC_ALL",
    ];
    const ENDINGS: [&str; 6] = ["VERSION", "REVISION", "BRANCH", "COMMIT", "TAG", "HASH"];
    if EXPORTED.contains(&name) {
        return Ok(());
    }
    let special = NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    let known = ENDINGS.iter().any(|ending| name.ends_with(ending));
    if special || name.to_ascii_lowercase().ends_with("_proxy") || (exported && !known) {
        let what = if exported { "exports" } else { "sets" };
        return Err(Foreign { line, why: format!("it {what} {name}, which other programs obey") });
    }
    Ok(())
}
