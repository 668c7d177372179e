//! Reads a bash script: redirections.

use super::reader::{Parsed, Parser, Pending};
use super::syntax::{Redirect, Word, bare, plain};
use super::words::Context;

impl Parser {
    /// A redirection, if one begins here.
    pub(super) fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let start = self.at;
        let both = self.starts("&>");
        if both {
            self.at += 1;
        }
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let number: String = self.text[start..self.at].iter().filter(|c| c.is_ascii_digit()).collect();
        if !matches!(self.peek(), Some('<' | '>')) {
            self.at = start;
            return Ok(None);
        }
        if !["", "0", "1", "2"].contains(&&*number) {
            return Err(self.foreign(format!("a redirection of descriptor {number}")));
        }
        let operator = ["<<<", "<<-", "<<", "<>", "<&", "<(", ">>", ">|", ">&", ">(", "<", ">"];
        let operator = operator.into_iter().find(|operator| self.takes(operator)).unwrap_or_default();
        if both && ![">", ">>"].contains(&operator) {
            return Err(self.foreign("a redirection is not understood"));
        }
        self.blanks();
        match operator {
            ">" | ">>" | ">|" => Ok(Some(Redirect::Write(self.target()?))),
            "<" => Ok(Some(Redirect::Read(self.target()?))),
            "<<<" => Ok(Some(Redirect::Text(self.target()?))),
            "<<" | "<<-" => {
                self.document_begins(operator == "<<-")?;
                Ok(Some(Redirect::Duplicate))
            }
            ">&" | "<&" => {
                let target = self.word(Context::Plain)?;
                match bare(&target) {
                    Some("0" | "1" | "2" | "-") => Ok(Some(Redirect::Duplicate)),
                    _ => Err(self.foreign(format!("a redirection by `{operator}`"))),
                }
            }
            other => Err(self.foreign(format!("`{other}` is not understood"))),
        }
    }

    fn target(&mut self) -> Parsed<Word> {
        let mut words = self.braced()?;
        match (words.pop(), words.is_empty()) {
            (Some(word), true) => Ok(word),
            _ => Err(self.foreign("a redirection to several files")),
        }
    }

    fn document_begins(&mut self, strips_tabs: bool) -> Parsed<()> {
        let word = self.word(Context::Plain)?;
        let plain = plain(&word).unwrap_or_default();
        let known = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if plain.is_empty() || !plain.chars().all(known) {
            return Err(self.foreign("a here-document whose end is not a plain word"));
        }
        self.pending.push(Pending { delimiter: plain, expanded: bare(&word).is_some(), strips_tabs });
        Ok(())
    }
}
