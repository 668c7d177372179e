//! Reads a bash script: the commands. What it does not know for certain is an error, never a guess.

use super::reader::{Foreign, Parsed, Parser, Pending};
use super::syntax::{AndOr, Assignment, Command, Kind, List, Pipeline, Word, bare};
use super::words::{Context, METACHARACTERS};
use crate::pack::part::is_variable;

/// Where a list of commands ends.
const ENDS: [&str; 8] = ["then", "elif", "else", "fi", "do", "done", "esac", "}"];
/// Words that begin what this parser does not take on.
const UNKNOWN: [&str; 5] = ["function", "select", "time", "coproc", "]]"];
/// No script of a charm needs more, and recursion has an end.
const DEEPEST: usize = 50;

/// The commands of a script.
pub(super) fn parse(text: &str) -> Parsed<List> {
    let mut parser = Parser::new(text, 1, 0, substitution);
    let list = parser.list()?;
    if parser.at < parser.text.len() {
        return Err(parser.foreign("it is not understood"));
    }
    if !parser.pending.is_empty() {
        return Err(parser.foreign("a here-document has no end"));
    }
    Ok(list)
}

/// What is in `$(…)`, with its end.
fn substitution(parser: &mut Parser) -> Parsed<List> {
    let list = parser.list()?;
    parser.close()?;
    Ok(list)
}

impl Parser {
    /// Passes blanks, continued lines and a comment.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t') => drop(self.bump()),
                // Elsewhere it would join what is on both sides.
                Some('\\')
                    if self.starts("\\\n") && self.at > 0 && " \t\n".contains(self.text[self.at - 1]) =>
                {
                    self.bump();
                    self.bump();
                }
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.bump();
                    }
                }
                _ => return,
            }
        }
    }

    /// Passes the end of a line, and the here-documents that begin there.
    fn newline(&mut self) -> Parsed<()> {
        self.bump();
        for pending in std::mem::take(&mut self.pending) {
            self.body(&pending)?;
        }
        Ok(())
    }

    fn newlines(&mut self) -> Parsed<()> {
        loop {
            self.blanks();
            if self.peek() != Some('\n') {
                return Ok(());
            }
            self.newline()?;
        }
    }

    /// Passes a here-document, a text in which no command may be.
    fn body(&mut self, pending: &Pending) -> Parsed<()> {
        let (line, mut body) = (self.line, String::new());
        loop {
            if self.at >= self.text.len() {
                return Err(self.foreign("a here-document has no end"));
            }
            let mut text = String::new();
            while let Some(c) = self.bump().filter(|c| *c != '\n') {
                text.push(c);
            }
            let bare = if pending.strips_tabs { text.trim_start_matches('\t') } else { &text };
            if bare == pending.delimiter {
                break;
            }
            if pending.expanded && text.ends_with('\\') {
                return Err(self.foreign("a continued line in a here-document"));
            }
            body.push_str(bare);
            body.push('\n');
        }
        if pending.expanded && (body.contains("$(") || body.contains('`')) {
            return Err(Foreign { line, why: "a command within a here-document".into() });
        }
        if pending.expanded {
            Parser::new(&body, line, self.depth, self.substitution).document()
        } else {
            Ok(())
        }
    }

    /// Commands up to a word or a character that ends them, which is not passed.
    fn list(&mut self) -> Parsed<List> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.foreign("it is nested too deep"));
        }
        let mut list = List::new();
        loop {
            self.newlines()?;
            let ended = match self.peek() {
                None | Some(')') => true,
                Some(_) => self.starts(";;") || self.reserved().is_some_and(|word| ENDS.contains(&&*word)),
            };
            if ended {
                break;
            }
            list.push(self.and_or()?);
            self.blanks();
            match self.peek() {
                None | Some('\n' | ')') => {}
                Some(';') if self.starts(";;") => {}
                Some(';') => drop(self.bump()),
                Some('&') => return Err(self.foreign("a command in the background")),
                Some(c) => return Err(self.foreign(format!("`{c}` is not understood here"))),
            }
        }
        self.depth -= 1;
        Ok(list)
    }

    /// The commands of a compound, of which there must be one.
    fn body_list(&mut self) -> Parsed<List> {
        let list = self.list()?;
        if list.is_empty() { Err(self.foreign("a command is missing")) } else { Ok(list) }
    }

    fn and_or(&mut self) -> Parsed<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.blanks();
            let both = self.takes("&&");
            if !both && !self.takes("||") {
                return Ok(AndOr { first, rest });
            }
            self.newlines()?;
            rest.push((both, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        self.blanks();
        let negated = self.reserved().as_deref() == Some("!");
        if negated {
            self.bump();
            self.blanks();
        }
        let mut commands = vec![self.command()?];
        loop {
            self.blanks();
            if self.starts("||") || !self.takes("|") {
                return Ok(Pipeline { negated, commands });
            }
            if self.peek() == Some('&') {
                return Err(self.foreign("`|&` is not understood"));
            }
            self.newlines()?;
            commands.push(self.command()?);
        }
    }

    /// The word here, without passing it, if it has nothing but plain characters.
    fn reserved(&self) -> Option<String> {
        let rest = &self.text[self.at..];
        let end = rest.iter().position(|c| METACHARACTERS.contains(*c)).unwrap_or(rest.len());
        let word: String = rest[..end].iter().collect();
        let plain = |c: char| c.is_ascii_alphabetic() || "{}![]".contains(c);
        (!word.is_empty() && word.chars().all(plain)).then_some(word)
    }

    fn expect(&mut self, word: &str) -> Parsed<()> {
        if self.reserved().as_deref() == Some(word) && self.takes(word) {
            return Ok(());
        }
        Err(self.foreign(format!("`{word}` is missing")))
    }

    fn command(&mut self) -> Parsed<Command> {
        let line = self.line;
        let reserved = self.reserved();
        let kind = match reserved.as_deref() {
            _ if self.peek() == Some('(') => self.subshell()?,
            Some("{") => {
                self.expect("{")?;
                let list = self.body_list()?;
                self.expect("}")?;
                Kind::Group(list)
            }
            Some("if") => self.conditional()?,
            Some("for") => self.counted()?,
            Some("while" | "until") => {
                self.at += 5;
                let condition = self.body_list()?;
                Kind::While { condition, body: self.looped()? }
            }
            Some("case") => self.case()?,
            Some("[[") => self.test()?,
            Some(word) if UNKNOWN.contains(&word) || ENDS.contains(&word) || word == "!" => {
                return Err(self.foreign(format!("`{word}` is not understood here")));
            }
            _ => return self.simple(),
        };
        let mut redirects = Vec::new();
        loop {
            self.blanks();
            match self.redirect()? {
                Some(redirect) => redirects.push(redirect),
                None => break,
            }
        }
        Ok(Command { line, kind, redirects })
    }

    fn subshell(&mut self) -> Parsed<Kind> {
        if self.starts("((") {
            return Err(self.foreign("arithmetic"));
        }
        self.bump();
        let list = self.body_list()?;
        self.close()?;
        Ok(Kind::Subshell(list))
    }

    /// Passes the `)` of a subshell or a substitution.
    fn close(&mut self) -> Parsed<()> {
        self.newlines()?;
        if self.peek() != Some(')') {
            return Err(self.foreign("`)` is missing"));
        }
        if !self.pending.is_empty() {
            return Err(self.foreign("a here-document that begins within parentheses and ends outside"));
        }
        self.bump();
        Ok(())
    }

    fn conditional(&mut self) -> Parsed<Kind> {
        let (mut branches, mut otherwise) = (Vec::new(), None);
        self.expect("if")?;
        loop {
            let condition = self.body_list()?;
            self.expect("then")?;
            branches.push((condition, self.body_list()?));
            if self.reserved().as_deref() != Some("elif") {
                break;
            }
            self.expect("elif")?;
        }
        if self.reserved().as_deref() == Some("else") {
            self.expect("else")?;
            otherwise = Some(self.body_list()?);
        }
        self.expect("fi")?;
        Ok(Kind::If { branches, otherwise })
    }

    /// `do … done`.
    fn looped(&mut self) -> Parsed<List> {
        self.expect("do")?;
        let body = self.body_list()?;
        self.expect("done")?;
        Ok(body)
    }

    fn counted(&mut self) -> Parsed<Kind> {
        self.expect("for")?;
        self.blanks();
        let word = self.word(Context::Plain)?;
        let name = bare(&word).filter(|name| is_variable(name)).map(String::from);
        let name = name.ok_or_else(|| self.foreign("a `for` without a plain name"))?;
        self.newlines()?;
        self.expect("in")?;
        let mut words = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                Some(';' | '\n') => break,
                Some(c) if METACHARACTERS.contains(c) => {
                    return Err(self.foreign(format!("`{c}` is not understood here")));
                }
                None => return Err(self.foreign("`do` is missing")),
                Some(_) => words.extend(self.braced()?),
            }
        }
        if self.peek() == Some(';') {
            self.bump();
        }
        self.newlines()?;
        let body = self.looped()?;
        Ok(Kind::For { name, words, body })
    }

    fn case(&mut self) -> Parsed<Kind> {
        self.expect("case")?;
        self.blanks();
        let subject = self.word(Context::Plain)?;
        self.newlines()?;
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.newlines()?;
            if self.reserved().as_deref() == Some("esac") {
                self.expect("esac")?;
                return Ok(Kind::Case { subject, arms });
            }
            if self.peek() == Some('(') {
                self.bump();
                self.blanks();
            }
            let mut patterns = vec![self.word(Context::Plain)?];
            loop {
                self.blanks();
                match self.bump() {
                    Some('|') => {
                        self.blanks();
                        patterns.push(self.word(Context::Plain)?);
                    }
                    Some(')') => break,
                    _ => return Err(self.foreign("a pattern of `case` is not understood")),
                }
            }
            arms.push((patterns, self.list()?));
            self.newlines()?;
            if self.takes(";;") {
                if self.peek() == Some('&') {
                    return Err(self.foreign("`;;&` is not understood"));
                }
            } else if self.reserved().as_deref() != Some("esac") {
                return Err(self.foreign("`;;` is missing"));
            }
        }
    }

    /// `[[ … ]]`: nothing in it runs but what the words themselves run.
    fn test(&mut self) -> Parsed<Kind> {
        self.expect("[[")?;
        let mut words = Vec::new();
        loop {
            self.newlines()?;
            match self.peek() {
                None | Some(';') => return Err(self.foreign("`]]` is missing")),
                Some('&') if self.takes("&&") => {}
                Some('&') => return Err(self.foreign("`&` in a test")),
                Some('<' | '>') if self.starts("<(") || self.starts(">(") => {
                    return Err(self.foreign("a command whose output is a file"));
                }
                Some('|' | '<' | '>' | '(' | ')') => drop(self.bump()),
                Some('=') if self.takes("=~") => {}
                Some(_) if self.reserved().as_deref() == Some("]]") => {
                    self.expect("]]")?;
                    return Ok(Kind::Test(words));
                }
                Some(_) => words.push(self.word(Context::Plain)?),
            }
        }
    }

    fn simple(&mut self) -> Parsed<Command> {
        let line = self.line;
        let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            self.blanks();
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            match self.peek() {
                Some('(') => return Err(self.foreign("a function or an array")),
                None | Some('\n' | ';' | '&' | '|' | ')') => break,
                Some(_) => {}
            }
            match if words.is_empty() { self.assignment()? } else { None } {
                Some(assignment) => assignments.push(assignment),
                None => words.extend(self.braced()?),
            }
            // Arguments of these are assignments, as the shell itself reads them.
            if words.first().and_then(bare).is_some_and(|word| word == "export") {
                self.exported(&mut assignments, &mut words)?;
            }
        }
        if assignments.is_empty() && words.is_empty() && redirects.is_empty() {
            return Err(self.foreign("a command is missing"));
        }
        Ok(Command { line, kind: Kind::Simple { assignments, words }, redirects })
    }

    /// The arguments of `export`: names, and assignments, which are added to the others.
    fn exported(&mut self, assignments: &mut Vec<Assignment>, words: &mut Vec<Word>) -> Parsed<()> {
        if !assignments.is_empty() {
            return Err(self.foreign("an assignment in front of `export`"));
        }
        loop {
            self.blanks();
            match self.peek() {
                None | Some('\n' | ';' | '&' | '|' | ')' | '<' | '>') => return Ok(()),
                Some(_) => match self.assignment()? {
                    Some(assignment) => assignments.push(assignment),
                    None => words.push(self.word(Context::Plain)?),
                },
            }
        }
    }

    /// `name=value` or `name+=value`, if one begins here.
    fn assignment(&mut self) -> Parsed<Option<Assignment>> {
        let rest = &self.text[self.at..];
        let end = rest.iter().position(|c| !c.is_ascii_alphanumeric() && *c != '_').unwrap_or(rest.len());
        let name: String = rest[..end].iter().collect();
        let follows: String = rest[end..].iter().take(2).collect();
        let appends = follows == "+=";
        if !is_variable(&name) || !(appends || follows.starts_with('=')) {
            return Ok(None);
        }
        self.at += end + if appends { 2 } else { 1 };
        if self.peek() == Some('(') {
            return Err(self.foreign("an array"));
        }
        let value = self.word(Context::Assigned)?;
        Ok(Some(Assignment { name, appends, value }))
    }
}
