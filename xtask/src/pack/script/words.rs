//! Reads a bash script: the words, with their quoting and expansions.

use super::reader::{Parsed, Parser};
use super::syntax::{Operation, Piece, Word, plain};
use crate::pack::part::is_variable;

/// What ends a word when it is not quoted.
pub(super) const METACHARACTERS: &str = " \t\n;&|<>()";

/// Where a word stands, which decides what is special in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Context {
    Plain,
    /// The value of an assignment.
    Assigned,
    /// After an operator in `${…}`: it ends at `}`.
    Braced,
    /// The same within double quotes.
    QuotedBraced,
}

impl Parser {
    /// A word with its brace expansions done: `{a,b}` makes two.
    pub(super) fn braced(&mut self) -> Parsed<Vec<Word>> {
        let word = self.word(Context::Plain)?;
        self.expand_braces(word)
    }

    /// One word. There must be one, but for the value of an assignment and of `${x:-}`.
    pub(super) fn word(&mut self, context: Context) -> Parsed<Word> {
        let start = self.at;
        let mut word = Word::new();
        let inner = matches!(context, Context::Braced | Context::QuotedBraced);
        let quoted = context == Context::QuotedBraced;
        while let Some(c) = self.peek() {
            match c {
                '}' if inner => break,
                '\'' | '"' if quoted => return Err(self.foreign("quotes within quotes")),
                _ if !inner && METACHARACTERS.contains(c) => break,
                // `<(…)` and `>(…)` run a command here too.
                _ if "<>()|&;".contains(c) => return Err(self.foreign(format!("`{c}` in `${{…}}`"))),
                // What is on both sides would be one, such as `$` and `(`.
                '\\' if self.starts("\\\n") => {
                    return Err(self.foreign("a line that is continued within a word"));
                }
                '\\' => {
                    self.bump();
                    match self.bump() {
                        Some(c) if !quoted || "$`\"\\}".contains(c) => push(&mut word, c, true),
                        _ => return Err(self.foreign("a backslash is not understood here")),
                    }
                }
                '\'' => self.single(&mut word)?,
                '"' => self.double(&mut word)?,
                '$' => self.dollar(&mut word, quoted)?,
                '`' => self.backticks(&mut word, quoted)?,
                '~' if !quoted && self.is_home(start) => {
                    return Err(self.foreign("`~` is somebody's home"));
                }
                '*' | '?' | '[' if !quoted => {
                    self.bump();
                    word.push(Piece::Glob(c));
                }
                _ => {
                    self.bump();
                    push(&mut word, c, quoted);
                }
            }
        }
        if self.at == start && context == Context::Plain {
            return Err(self.foreign("a word is missing"));
        }
        Ok(word)
    }

    /// Whether a `~` here may stand for a home: at the start of a word, and after `=` and `:`.
    fn is_home(&self, start: usize) -> bool {
        self.at == start || matches!(self.text[self.at - 1], '=' | ':' | '{' | ',')
    }

    fn single(&mut self, word: &mut Word) -> Parsed<()> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                Some('\'') => break,
                Some(c) => text.push(c),
                None => return Err(self.foreign("a quote has no end")),
            }
        }
        word.push(Piece::Text { text, quoted: true });
        Ok(())
    }

    fn double(&mut self, word: &mut Word) -> Parsed<()> {
        self.bump();
        // An empty text is one all the same.
        word.push(Piece::Text { text: String::new(), quoted: true });
        loop {
            match self.peek() {
                Some('"') => {
                    self.bump();
                    return Ok(());
                }
                Some(_) => self.in_quotes(word)?,
                None => return Err(self.foreign("a quote has no end")),
            }
        }
    }

    /// The body of a here-document, which is as a text in double quotes.
    pub(super) fn document(mut self) -> Parsed<()> {
        let mut word = Word::new();
        while self.at < self.text.len() {
            self.in_quotes(&mut word)?;
        }
        Ok(())
    }

    fn in_quotes(&mut self, word: &mut Word) -> Parsed<()> {
        match self.peek() {
            Some('\\') => {
                self.bump();
                match self.bump() {
                    Some('\n') if self.at > 2 && " \t".contains(self.text[self.at - 3]) => {}
                    Some('\n') => return Err(self.foreign("a line that is continued within a word")),
                    Some(c) if "$`\"\\".contains(c) => push(word, c, true),
                    Some(c) => {
                        push(word, '\\', true);
                        push(word, c, true);
                    }
                    None => return Err(self.foreign("a backslash is the last character")),
                }
            }
            Some('$') => self.dollar(word, true)?,
            Some('`') => self.backticks(word, true)?,
            Some(c) => {
                self.bump();
                push(word, c, true);
            }
            None => {}
        }
        Ok(())
    }

    fn backticks(&mut self, word: &mut Word, quoted: bool) -> Parsed<()> {
        let line = self.line;
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                Some('`') => break,
                // What a backslash means in there has rules of its own.
                Some('\\') | None => return Err(self.foreign("backticks are not understood")),
                Some(c) => text.push(c),
            }
        }
        text.push(')');
        let mut inner = Parser::new(&text, line, self.depth, self.substitution);
        let list = (self.substitution)(&mut inner)?;
        if inner.at < inner.text.len() || text.contains("<<") {
            return Err(self.foreign("backticks are not understood"));
        }
        word.push(Piece::Output { list, quoted });
        Ok(())
    }

    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Parsed<()> {
        if self.starts("$((") || self.starts("$[") {
            return Err(self.foreign("arithmetic"));
        }
        if !quoted && (self.starts("$'") || self.starts("$\"")) {
            return Err(self.foreign("a quote after `$`"));
        }
        self.bump();
        match self.peek() {
            Some('(') => {
                self.bump();
                let list = (self.substitution)(self)?;
                word.push(Piece::Output { list, quoted });
            }
            Some('{') => {
                self.bump();
                let piece = self.parameter(quoted)?;
                word.push(piece);
            }
            Some('?' | '#' | '$') => {
                self.bump();
                word.push(Piece::Number);
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let name = self.name();
                word.push(Piece::Variable { name, operation: Operation::None, quoted });
            }
            Some(c) if c.is_ascii_digit() || "@*!-".contains(c) => {
                return Err(self.foreign(format!("`${c}` is not understood")));
            }
            _ => push(word, '$', true),
        }
        Ok(())
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.peek().filter(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(c);
            self.at += 1;
        }
        name
    }

    /// After `${`.
    fn parameter(&mut self, quoted: bool) -> Parsed<Piece> {
        let counted = self.peek() == Some('#');
        if counted {
            self.bump();
        }
        let name = self.name();
        if !is_variable(&name) {
            return Err(self.foreign("`${` is not understood here"));
        }
        let operation = self.operation(quoted)?;
        if self.bump() != Some('}') {
            return Err(self.foreign("`}` is missing"));
        }
        match (counted, operation) {
            (true, Operation::None) => Ok(Piece::Number),
            (true, _) => Err(self.foreign("`${#` is not understood here")),
            (false, operation) => Ok(Piece::Variable { name, operation, quoted }),
        }
    }

    fn operation(&mut self, quoted: bool) -> Parsed<Operation> {
        let context = if quoted { Context::QuotedBraced } else { Context::Braced };
        let operators =
            [":-", ":+", ":?", "-", "+", "?", "##", "#", "%%", "%", "//", "/", "^^", "^", ",,", ","];
        let Some(operator) = operators.into_iter().find(|operator| self.starts(operator)) else {
            // `=` assigns, `:` counts, `@` and `[` do more.
            return match self.peek() {
                Some('}') => Ok(Operation::None),
                _ => Err(self.foreign("an expansion by `${…}` is not understood")),
            };
        };
        self.at += operator.len();
        let word = self.word(context)?;
        Ok(match operator {
            ":-" | "-" => Operation::Default(word),
            ":+" | "+" => Operation::Alternative(word),
            _ => Operation::Change(vec![word]),
        })
    }

    /// `a{b,c}d` makes `abd` and `acd`. A range is refused, and so is what is not closed.
    fn expand_braces(&self, word: Word) -> Parsed<Vec<Word>> {
        let Some(open) = position(&word, 0, '{') else { return Ok(vec![word]) };
        let (mut depth, mut commas, mut close) = (0, Vec::new(), None);
        for (piece, at, c) in unquoted(&word).filter(|(piece, at, _)| (*piece, *at) >= open) {
            match c {
                '{' => depth += 1,
                '}' => {
                    depth -= 1;
                    if depth == 0 {
                        close = Some((piece, at));
                        break;
                    }
                }
                ',' if depth == 1 => commas.push((piece, at)),
                _ => {}
            }
        }
        let close = close.ok_or_else(|| self.foreign("`{` is not closed"))?;
        if commas.is_empty() {
            // `{}` and `{x}` are texts.
            let inner = between(&word, open, close);
            if plain(&inner).is_some_and(|text| !text.contains(".."))
                && position(&word, close.0, '{').is_none()
            {
                return Ok(vec![word]);
            }
            return Err(self.foreign("braces are not understood here"));
        }
        let (before, after) = (until(&word, open), beyond(&word, close));
        let ends = commas.iter().copied().chain([close]);
        let starts = [open].into_iter().chain(commas.iter().copied());
        let mut words = Vec::new();
        for (start, end) in starts.zip(ends) {
            let mut one = before.clone();
            one.extend(between(&word, start, end));
            one.extend(after.clone());
            words.extend(self.expand_braces(one)?);
        }
        Ok(words)
    }
}

fn push(word: &mut Word, c: char, is_quoted: bool) {
    match word.last_mut() {
        Some(Piece::Text { text, quoted }) if *quoted == is_quoted => text.push(c),
        _ => word.push(Piece::Text { text: c.into(), quoted: is_quoted }),
    }
}

type Place = (usize, usize);

/// The unquoted characters with the piece and the byte where each is.
fn unquoted(word: &Word) -> impl Iterator<Item = (usize, usize, char)> {
    word.iter().enumerate().flat_map(|(index, piece)| {
        let text = match piece {
            Piece::Text { text, quoted: false } => text.as_str(),
            _ => "",
        };
        text.char_indices().map(move |(at, c)| (index, at, c))
    })
}

fn position(word: &Word, from: usize, wanted: char) -> Option<Place> {
    unquoted(word).find(|(piece, _, c)| *piece >= from && *c == wanted).map(|(piece, at, _)| (piece, at))
}

fn until(word: &Word, (piece, at): Place) -> Word {
    let mut part = word[..piece].to_vec();
    part.extend(cut(&word[piece], 0, Some(at)));
    part
}

fn beyond(word: &Word, (piece, at): Place) -> Word {
    let mut part: Word = cut(&word[piece], at + 1, None).into_iter().collect();
    part.extend_from_slice(&word[piece + 1..]);
    part
}

fn between(word: &Word, start: Place, end: Place) -> Word {
    if start.0 == end.0 {
        return cut(&word[start.0], start.1 + 1, Some(end.1)).into_iter().collect();
    }
    let mut part: Word = cut(&word[start.0], start.1 + 1, None).into_iter().collect();
    part.extend_from_slice(&word[start.0 + 1..end.0]);
    part.extend(cut(&word[end.0], 0, Some(end.1)));
    part
}

/// A part of an unquoted text; none if it is empty.
fn cut(piece: &Piece, from: usize, to: Option<usize>) -> Option<Piece> {
    let Piece::Text { text, quoted } = piece else { return None };
    let text = &text[from..to.unwrap_or(text.len())];
    (!text.is_empty()).then(|| Piece::Text { text: text.into(), quoted: *quoted })
}
