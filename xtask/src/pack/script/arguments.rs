//! The arguments of a command: which are options, which are values of options, which are operands.

use super::reader::Foreign;
use super::syntax::{Piece, Word, plain};
use super::values::{Atom, Variables};

/// The options that a command may have; any other is foreign.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Options {
    /// Letters without a value.
    pub(super) flags: &'static str,
    /// Letters with one.
    pub(super) valued: &'static str,
    /// Long names without a value; with `=` one is taken all the same.
    pub(super) long: &'static [&'static str],
    /// Long names with a value.
    pub(super) long_valued: &'static [&'static str],
}

#[derive(Debug, Default)]
pub(super) struct Arguments {
    /// Letters and long names that are there.
    pub(super) flags: Vec<String>,
    pub(super) values: Vec<(String, Word)>,
    pub(super) operands: Vec<Word>,
}

impl Arguments {
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.flags.iter().any(|flag| names.contains(&flag.as_str()))
    }

    pub(super) fn values<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a Word> {
        self.values.iter().filter(|(name, _)| names.contains(&name.as_str())).map(|(_, word)| word)
    }
}

/// Sorts the arguments; every one must be seen to be an option that is known, or to be none.
pub(super) fn arguments(
    variables: &Variables,
    args: &[Word],
    options: Options,
    line: usize,
) -> Result<Arguments, Foreign> {
    let foreign = |why: String| Foreign { line, why };
    let mut found = Arguments::default();
    let mut args = args.iter();
    let mut ended = false;
    while let Some(arg) = args.next() {
        if ended || !may_be_option(variables, arg, line)? {
            found.operands.push(arg.clone());
            continue;
        }
        let (text, rest) = leading(arg);
        if plain(arg).as_deref() == Some("--") {
            ended = true;
        } else if let Some(long) = text.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => {
                    let mut word = vec![Piece::Text { text: value.into(), quoted: true }];
                    word.extend_from_slice(rest);
                    (name, Some(word))
                }
                None if rest.is_empty() => (long, None),
                None => return Err(foreign(format!("an option is not understood: {text}"))),
            };
            if options.long_valued.contains(&name) {
                let value = value.or_else(|| args.next().cloned());
                let value = value.ok_or_else(|| foreign(format!("--{name} has no value")))?;
                found.values.push((name.into(), value));
            } else if options.long.contains(&name) {
                found.flags.push(name.into());
            } else {
                return Err(foreign(format!("the option --{name} is not known")));
            }
        } else {
            let mut letters = text[1..].chars();
            while let Some(letter) = letters.next() {
                if options.flags.contains(letter) {
                    found.flags.push(letter.into());
                } else if options.valued.contains(letter) {
                    let attached = letters.as_str();
                    let value = if attached.is_empty() && rest.is_empty() {
                        args.next().cloned().ok_or_else(|| foreign(format!("-{letter} has no value")))?
                    } else {
                        let mut word = vec![Piece::Text { text: attached.into(), quoted: true }];
                        word.extend_from_slice(rest);
                        word
                    };
                    found.values.push((letter.into(), value));
                    break;
                } else {
                    return Err(foreign(format!("the option -{letter} is not known")));
                }
                if letters.as_str().is_empty() && !rest.is_empty() {
                    return Err(foreign(format!("an option is not understood: {text}")));
                }
            }
        }
    }
    let splits = |atom: &Atom| matches!(atom, Atom::Any { splits: true });
    for (_, value) in &found.values {
        if variables.expand(value).iter().flatten().any(splits) {
            return Err(foreign("it cannot be seen what the value of an option will be".into()));
        }
    }
    Ok(found)
}

/// The plain text that a word begins with, and the rest of it.
fn leading(word: &Word) -> (String, &[Piece]) {
    let count = word.iter().take_while(|piece| matches!(piece, Piece::Text { .. })).count();
    let text = word[..count].iter().filter_map(|piece| match piece {
        Piece::Text { text, .. } => Some(text.as_str()),
        _ => None,
    });
    (text.collect(), &word[count..])
}

/// Whether an argument is an option; an error where that cannot be seen.
fn may_be_option(variables: &Variables, arg: &Word, line: usize) -> Result<bool, Foreign> {
    let hidden = || Foreign { line, why: "it cannot be seen what an argument will be".into() };
    let written = leading(arg).0.starts_with('-');
    for value in variables.expand(arg) {
        if value.iter().any(|atom| matches!(atom, Atom::Any { splits: true })) {
            return Err(hidden());
        }
        match value.iter().find(|atom| !matches!(atom, Atom::Text(text) if text.is_empty())) {
            Some(Atom::Any { .. }) => return Err(hidden()),
            // An option by way of a variable is not looked into.
            Some(Atom::Text(text)) if text.starts_with('-') && !written => return Err(hidden()),
            _ => {}
        }
    }
    Ok(written && plain(arg).as_deref() != Some("-"))
}
