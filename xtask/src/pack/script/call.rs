//! One call of a command, and what can be asked of its arguments.

use super::arguments::{Arguments, Options, arguments};
use super::reader::Foreign;
use super::syntax::Word;
use super::values::{Atom, Variables, text_of};

/// Where the script may be at a point of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// Not surely in a directory of the part.
    elsewhere: bool,
    /// It may have been there before: `cd -` leads back.
    was_elsewhere: bool,
}

impl Place {
    pub(super) fn is_ours(self) -> bool {
        !self.elsewhere
    }

    /// In a directory of the part, for certain.
    pub(super) fn arrive(&mut self) {
        self.elsewhere = false;
    }

    pub(super) fn leave(&mut self) {
        *self = Place { elsewhere: true, was_elsewhere: true };
    }

    /// `cd -`, `popd`.
    pub(super) fn back(&mut self) {
        self.elsewhere |= self.was_elsewhere;
    }

    pub(super) fn or(self, other: Place) -> Place {
        Place {
            elsewhere: self.elsewhere || other.elsewhere,
            was_elsewhere: self.was_elsewhere || other.was_elsewhere,
        }
    }
}

/// One call: its arguments, and where it stands.
pub(super) struct Call<'a> {
    pub(super) variables: &'a Variables,
    pub(super) args: &'a [Word],
    pub(super) place: Place,
    pub(super) line: usize,
}

impl Call<'_> {
    pub(super) fn foreign<T>(&self, why: impl Into<String>) -> Result<T, Foreign> {
        Err(Foreign { line: self.line, why: why.into() })
    }

    pub(super) fn arguments(&self, options: Options) -> Result<Arguments, Foreign> {
        arguments(self.variables, self.args, options, self.line)
    }

    pub(super) fn written<'w>(&self, words: impl IntoIterator<Item = &'w Word>) -> Result<(), Foreign> {
        words.into_iter().try_for_each(|word| match self.variables.not_writable(word, self.place.is_ours()) {
            Some(why) => self.foreign(why),
            None => Ok(()),
        })
    }

    pub(super) fn with<'b>(&'b self, args: &'b [Word]) -> Call<'b> {
        Call { variables: self.variables, args, place: self.place, line: self.line }
    }

    /// Whether a word surely stays one.
    pub(super) fn is_one(&self, word: &Word) -> bool {
        let several = |atom: &Atom| matches!(atom, Atom::Any { splits: true } | Atom::Glob(_));
        !self.variables.expand(word).iter().flatten().any(several)
    }

    /// The texts that a word may become, if it becomes nothing else.
    pub(super) fn texts(&self, word: &Word) -> Option<Vec<String>> {
        let values = self.variables.expand(word);
        let text = |value: &Vec<Atom>| {
            let solid: Vec<Atom> = value
                .iter()
                .map(|atom| if *atom == Atom::Safe { Atom::Text("x".into()) } else { atom.clone() })
                .collect();
            text_of(&solid)
        };
        values.iter().map(text).collect()
    }
}
