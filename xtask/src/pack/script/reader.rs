//! Reads a bash script: its characters.

use super::syntax::List;

/// No script of a charm needs more.
const DEEPEST: usize = 50;

/// A place in a script, and what is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Foreign {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) why: String,
}

pub(super) type Parsed<T> = Result<T, Foreign>;

/// How the commands of a `$(…)` are read, up to its end, which is passed.
pub(super) type Substitution = fn(&mut Parser) -> Parsed<List>;

pub(super) struct Parser {
    pub(super) text: Vec<char>,
    pub(super) at: usize,
    pub(super) line: usize,
    pub(super) depth: usize,
    /// Here-documents whose bodies come after this line.
    pub(super) pending: Vec<Pending>,
    pub(super) substitution: Substitution,
}

pub(super) struct Pending {
    pub(super) delimiter: String,
    pub(super) expanded: bool,
    pub(super) strips_tabs: bool,
}

impl Parser {
    /// One level further in: recursion has an end.
    pub(super) fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(self.foreign("it is nested too deep")) } else { Ok(()) }
    }

    /// `substitution` reads what is in `$(…)`, with its end: commands, of which this file knows nothing.
    pub(super) fn new(text: &str, line: usize, depth: usize, substitution: Substitution) -> Parser {
        let text = text.chars().collect();
        Parser { text, at: 0, line, depth, pending: Vec::new(), substitution }
    }

    pub(super) fn foreign(&self, why: impl Into<String>) -> Foreign {
        Foreign { line: self.line, why: why.into() }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    pub(super) fn starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, c)| self.text.get(self.at + index) == Some(&c))
    }

    /// Passes the next character, and counts lines.
    pub(super) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        self.line += usize::from(next == '\n');
        Some(next)
    }

    pub(super) fn takes(&mut self, text: &str) -> bool {
        let found = self.starts(text);
        if found {
            self.at += text.chars().count();
        }
        found
    }
}
