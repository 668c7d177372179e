//! A bash script as data, as far as the parser understands it.

/// Commands one after another.
pub(super) type List = Vec<AndOr>;

/// Pipelines joined by `&&` and `||`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AndOr {
    pub(super) first: Pipeline,
    /// `true` is `&&`.
    pub(super) rest: Vec<(bool, Pipeline)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pipeline {
    pub(super) negated: bool,
    pub(super) commands: Vec<Command>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Command {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) kind: Kind,
    pub(super) redirects: Vec<Redirect>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Simple {
        assignments: Vec<Assignment>,
        words: Vec<Word>,
    },
    /// `[[ … ]]`: its words and operators.
    Test(Vec<Word>),
    Group(List),
    Subshell(List),
    /// Conditions with what follows them, and the `else`.
    If {
        branches: Vec<(List, List)>,
        otherwise: Option<List>,
    },
    For {
        name: String,
        words: Vec<Word>,
        body: List,
    },
    /// `while` and `until`.
    While {
        condition: List,
        body: List,
    },
    Case {
        subject: Word,
        arms: Vec<(Vec<Word>, List)>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Assignment {
    pub(super) name: String,
    /// `+=`.
    pub(super) appends: bool,
    pub(super) value: Word,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Redirect {
    Write(Word),
    Read(Word),
    /// A here-document, a here-string: text that is expanded.
    Text(Word),
    /// `2>&1` and the like.
    Duplicate,
}

pub(super) type Word = Vec<Piece>;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    Text {
        text: String,
        quoted: bool,
    },
    /// `*`, `?` or `[`, unquoted.
    Glob(char),
    Variable {
        name: String,
        operation: Operation,
        quoted: bool,
    },
    /// `$(…)`.
    Output {
        list: List,
        quoted: bool,
    },
    /// `$?`, `$#`, `$$`, `${#name}`: digits.
    Number,
}

/// What is done with a variable's value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operation {
    None,
    /// `:-`, `-`: the value, or the word.
    Default(Word),
    /// `:+`, `+`: the word, or nothing.
    Alternative(Word),
    /// Anything that makes another text of it; the words take part in that.
    Change(Vec<Word>),
}

/// The text of a word that is one plain text, quoted or not.
pub(super) fn plain(word: &Word) -> Option<String> {
    word.iter()
        .map(|piece| match piece {
            Piece::Text { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// The text of a word in which nothing is quoted: a reserved word, a name.
pub(super) fn bare(word: &Word) -> Option<&str> {
    match &word[..] {
        [Piece::Text { text, quoted: false }] => Some(text),
        _ => None,
    }
}
