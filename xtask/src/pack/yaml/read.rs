//! From the events of a YAML parser to a value.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use anyhow::{Context, Result, anyhow, bail};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};
use serde_json::{Map, Value};

use super::scalar;

/// The value of the one document of a text; of an empty text, null.
pub(super) fn read(text: &str) -> Result<Value> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = match text.rsplit_once('\n') {
        // To the parser, blanks without an end of line would be one more line of a block.
        Some((before, blanks)) if blanks.trim_matches(' ').is_empty() => &text[..=before.len()],
        _ => text,
    };
    let torn = (!text.ends_with('\n')).then(|| text.chars().count());
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: BTreeMap::new(), torn };
    match reader.document()? {
        Some(node) => node.value(),
        None => Ok(Value::Null),
    }
}

/// More than any charm has, and little enough for the memory: ten lines of aliases can stand for more than the machine has.
const MOST: usize = 1_000_000;

/// A value that is not yet one: merges and aliases need to see what was written.
struct Node {
    line: usize,
    /// How many values it becomes, those of aliases too.
    size: usize,
    /// Without `!!`.
    tag: Option<String>,
    kind: Kind,
}

enum Kind {
    Scalar { text: String, plain: bool },
    List(Vec<Rc<Node>>),
    Map(Vec<(Rc<Node>, Rc<Node>)>),
}

impl Kind {
    fn size(&self) -> usize {
        match self {
            Kind::Scalar { .. } => 1,
            Kind::List(items) => 1 + items.iter().map(|item| item.size).sum::<usize>(),
            Kind::Map(pairs) => 1 + pairs.iter().map(|(key, value)| key.size + value.size).sum::<usize>(),
        }
    }
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// What aliases stand for, by the anchor's number.
    anchors: BTreeMap<usize, Rc<Node>>,
    /// The text's length in characters, if its last line has no end.
    torn: Option<usize>,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Option<Rc<Node>>> {
        let mut document = None;
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing, _) => {}
                (Event::StreamEnd, _) => return Ok(document),
                (_, span) if document.is_some() => {
                    bail!("line {}: a second document begins here: leave one", span.start.line())
                }
                (event, span) => document = Some(self.node(event, span)?),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span)> {
        match self.parser.next() {
            Some(event) => event.map_err(|error: ScanError| {
                anyhow!("line {}: {}", error.marker().line(), error.info().trim_end_matches('.'))
            }),
            None => Err(anyhow!("it ends too early")),
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span) -> Result<Rc<Node>> {
        let line = span.start.line();
        let (anchor, tag, kind) = match event {
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                return node.ok_or_else(|| anyhow!("line {line}: an alias stands for a value that holds it"));
            }
            Event::Scalar(text, style, anchor, tag) => {
                // Behind a lone `!`, PyYAML reads a text in quotes as one without.
                let bare = tag.as_deref().is_some_and(|tag| tag.handle.is_empty() && tag.suffix == "!");
                let plain = style == ScalarStyle::Plain || bare;
                let mut text = text.into_owned();
                // The parser ends a block's last line, also where the file does not.
                if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded)
                    && self.torn.is_some_and(|end| span.end.index() >= end)
                    && text.ends_with('\n')
                {
                    text.pop();
                }
                let kind = Kind::Scalar { text, plain };
                (anchor, tag, kind)
            }
            Event::SequenceStart(anchor, tag) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break,
                        (event, span) => items.push(self.node(event, span)?),
                    }
                }
                (anchor, tag, Kind::List(items))
            }
            Event::MappingStart(anchor, tag) => {
                let mut pairs = Vec::new();
                loop {
                    let key = match self.next()? {
                        (Event::MappingEnd, _) => break,
                        (event, span) => self.node(event, span)?,
                    };
                    let (event, span) = self.next()?;
                    pairs.push((key, self.node(event, span)?));
                }
                (anchor, tag, Kind::Map(pairs))
            }
            _ => bail!("line {line}: a value is missing"),
        };
        let tag =
            tag.map(|tag| shorthand(&tag)).transpose().with_context(|| format!("line {line}"))?.flatten();
        let size = kind.size();
        if size > MOST {
            bail!("line {line}: it stands for more than {MOST} values: leave out some of its aliases");
        }
        let node = Rc::new(Node { line, size, tag, kind });
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }
}

/// `str` for `!!str`; a lone `!` says nothing.
fn shorthand(tag: &Tag) -> Result<Option<String>> {
    let full = format!("{}{}", tag.handle, tag.suffix);
    match full.strip_prefix("tag:yaml.org,2002:") {
        Some(name) => Ok(Some(name.to_owned())),
        None if full == "!" => Ok(None),
        None => Err(anyhow!("the local packer does not know the tag {full}: write the value without it")),
    }
}

impl Node {
    fn value(&self) -> Result<Value> {
        match (&self.kind, self.tag.as_deref()) {
            (Kind::Scalar { text, .. }, Some(tag)) => self.at(scalar::tagged(tag, text)),
            (Kind::Scalar { text, plain: true }, None) => self.at(scalar::plain(text)),
            (Kind::Scalar { text, plain: false }, None) => Ok(text.as_str().into()),
            (Kind::List(items), None | Some("seq")) => items.iter().map(|item| item.value()).collect(),
            (Kind::Map(_), None | Some("map")) => {
                let mut map = Map::new();
                for (key, value) in self.pairs()? {
                    map.insert(key.key()?, value.value()?);
                }
                Ok(map.into())
            }
            (_, Some(tag)) => {
                bail!("line {}: the local packer does not know the tag !!{tag} here: leave it out", self.line)
            }
        }
    }

    fn at<T>(&self, result: Result<T>) -> Result<T> {
        result.with_context(|| format!("line {}", self.line))
    }

    /// The pairs of a mapping, behind those that it merges: where a key is given again, the later value counts.
    fn pairs(&self) -> Result<Vec<(Rc<Node>, Rc<Node>)>> {
        let Kind::Map(pairs) = &self.kind else {
            bail!("line {}: `<<` merges mappings, and this is none", self.line)
        };
        let mut keys = BTreeSet::new();
        let (mut merged, mut own) = (Vec::new(), Vec::new());
        for (key, value) in pairs {
            if let Kind::Scalar { text, .. } = &key.kind
                && !keys.insert(text)
            {
                bail!("line {}: duplicate key {text:?}: leave one", key.line);
            }
            match &value.kind {
                _ if !key.is_merge() => own.push((key.clone(), value.clone())),
                // The first of a list counts most.
                Kind::List(items) => {
                    for item in items.iter().rev() {
                        merged.extend(item.pairs()?);
                    }
                }
                _ => merged.extend(value.pairs()?),
            }
        }
        merged.append(&mut own);
        Ok(merged)
    }

    fn is_merge(&self) -> bool {
        match (&self.kind, self.tag.as_deref()) {
            (Kind::Scalar { text, plain: true }, None) => text == "<<",
            (Kind::Scalar { .. }, tag) => tag == Some("merge"),
            _ => false,
        }
    }

    /// A key as a text, as charmcraft writes those that are none: `1: x` has the key `1`.
    fn key(&self) -> Result<String> {
        if let Kind::Scalar { text, plain: true } = &self.kind
            && text == "="
        {
            return Ok(text.clone());
        }
        Ok(match self.value()? {
            Value::String(text) => text,
            Value::Null => "None".into(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Array(_) | Value::Object(_) => bail!("line {}: a key must be a text", self.line),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::table::TABLE;
    use super::super::write::write;
    use super::*;

    #[test]
    fn scalars_are_what_pyyaml_makes_of_them() {
        for (text, expected) in TABLE {
            let read = read(&format!("k: {text}"));
            let read = read.map_or("error".into(), |map| map["k"].to_string());
            // One float is written in several ways.
            let same = match (serde_json::from_str::<Value>(&read), serde_json::from_str::<Value>(expected)) {
                (Ok(read), Ok(expected)) => read == expected,
                _ => read == *expected,
            };
            assert!(same, "{text:?} is read as {read}, and is {expected}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (_, value) in TABLE {
            let value = json!({ "k": value, (*value): serde_json::from_str(value).unwrap_or(Value::Null) });
            let text = write(&value);
            assert_eq!(read(&text).unwrap(), value, "{text}");
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value, "{text}");
        }
        let odd = json!("\u{7f}\u{85}\u{2028}\u{feff}\u{ffff}\u{1f600}\t\r\n\0\"\\");
        assert_eq!(read(&write(&odd)).unwrap(), odd);
        assert!(write(&odd).is_ascii() || write(&odd).contains('\u{1f600}'));
        assert_eq!(write(&json!([1e16, 1.5e-7, 1.0])), "[\n  1.0e+16,\n  1.5e-7,\n  1.0\n]\n");
    }

    #[test]
    fn merges() {
        let base = "base: &base {a: 1, b: 2}\nother: &other {b: 3, c: 4}\n";
        let k = |text: &str| read(&format!("{base}k: {text}")).map(|map| map["k"].clone());
        assert_eq!(k("{<<: *base, b: 5}").unwrap(), json!({"a": 1, "b": 5}));
        assert_eq!(k("{b: 5, <<: *base}").unwrap(), json!({"a": 1, "b": 5}));
        assert_eq!(k("{<<: [*base, *other]}").unwrap(), json!({"b": 2, "c": 4, "a": 1}));
        assert_eq!(k("{'<<': 1}").unwrap(), json!({"<<": 1}));
        for wrong in ["{<<: 1}", "{<<: [1]}", "{<<: *base, <<: *other}", "*nothing", "&a [*a]"] {
            k(wrong).expect_err(wrong);
        }
    }

    /// As PyYAML reads them.
    #[test]
    fn blocks_at_the_end_of_a_file_without_an_end_of_line() {
        for (text, expected) in [
            ("k: |\n  a\n  b", "a\nb"),
            ("k: |\n  a\n  b\n", "a\nb\n"),
            ("k: >\n  a\n  b", "a b"),
            ("k: |-\n  a", "a"),
            ("k: |+\n  a", "a"),
            ("k: |+\n  a\n\n", "a\n\n"),
            ("k: |\n  a\n# end", "a\n"),
            ("k: |\n  a\n  ", "a\n"),
            ("k: |\n  é", "é"),
            ("j: |\n  a\nk: b", "b"),
        ] {
            assert_eq!(read(text).unwrap()["k"], expected, "{text:?}");
        }
        assert_eq!(read("j: |\n  a\nk: b").unwrap()["j"], "a\n");
    }

    #[test]
    fn keys_are_texts() {
        let map = read("{yes: a, 017: b, ~: c, 1.0: d, 2020-01-01: e, 'no': f, =: g}").unwrap();
        let keys: Vec<_> = map.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["true", "15", "None", "1.0", "2020-01-01", "no", "="]);
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let ten = |line: usize| format!("- &a{line} [{}]\n", format!("*a{}, ", line - 1).repeat(10));
        let bomb = "- &a0 x\n".to_owned() + &(1..9).map(ten).collect::<String>();
        for (text, error) in [
            ("a: 1\nb:\n  c: 1\n  c: 2", "line 4: duplicate key \"c\""),
            ("a: 1\n'a': 1", "line 2: duplicate key \"a\""),
            ("a: 1\n---\na: 2", "line 3: a second document"),
            ("a: 2020-02-30", "line 1: there is no date 2020-02-30"),
            ("a: !foo 1", "line 1: the local packer does not know the tag !foo"),
            ("[a]: 1", "line 1: a key must be a text"),
            (&bomb, "line 7: it stands for more than 1000000 values"),
            ("a: 1\n\tb: [", "line 1: "),
        ] {
            let told = format!("{:#}", read(text).unwrap_err());
            assert!(told.starts_with(error), "{told}");
        }
        assert_eq!(read("").unwrap(), Value::Null);
        assert_eq!(read("# nothing\n").unwrap(), Value::Null);
    }
}
