//! YAML in and out, through `serde_json::Value` so that the rest of the program knows one kind of value.

use std::collections::BTreeMap;

use serde_json::Value;

/// Reads YAML (and so JSON).
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    serde_yaml::from_str(text).map_err(|error| error.to_string())
}

/// Reads a mapping of keys to scalars and keeps each scalar's text, as Juju does where only texts are stored: a
/// commit `1e5` or a version `1.10` is no number there, quoted (JSON) or not (what PyYAML writes). Null is empty.
pub(crate) fn parse_texts(text: &str) -> Result<BTreeMap<String, String>, String> {
    let map: Option<BTreeMap<String, Option<String>>> =
        serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    Ok(map.into_iter().flatten().map(|(key, value)| (key, value.unwrap_or_default())).collect())
}

/// Writes block YAML, ending in a line feed.
///
/// Not by `serde_yaml`: it leaves `yes`, `off` and `y` unquoted, which the YAML 1.1 readers that charms and their
/// tests use take for booleans.
pub(crate) fn to_string(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => emit(value, 0, &mut text),
        Value::Array(list) if !list.is_empty() => emit(value, 0, &mut text),
        _ => text = scalar(value, 0) + "\n",
    }
    text
}

/// Writes a map or list, each line indented.
fn emit(value: &Value, indent: usize, text: &mut String) {
    let blanks = " ".repeat(indent);
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                text.push_str(&format!("{blanks}{}:", quoted(key)));
                match is_nested(value) {
                    // A list stands under its key, without further indentation.
                    true => {
                        text.push('\n');
                        emit(value, if value.is_array() { indent } else { indent + 2 }, text);
                    }
                    false => text.push_str(&format!(" {}\n", scalar(value, indent + 2))),
                }
            }
        }
        Value::Array(list) => {
            for item in list {
                if is_nested(item) {
                    let mut inner = String::new();
                    emit(item, indent + 2, &mut inner);
                    // The first line begins behind the dash.
                    text.push_str(&format!("{blanks}- {}", &inner[indent + 2..]));
                } else {
                    text.push_str(&format!("{blanks}- {}\n", scalar(item, indent + 2)));
                }
            }
        }
        _ => text.push_str(&format!("{blanks}{}\n", scalar(value, indent))),
    }
}

fn is_nested(value: &Value) -> bool {
    match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => false,
    }
}

fn scalar(value: &Value, indent: usize) -> String {
    match value {
        Value::Object(_) => "{}".into(),
        Value::Array(_) => "[]".into(),
        Value::String(text) if is_block(text) => block(text, indent),
        Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

/// Whether a text reads best as a literal block, and can be one.
fn is_block(text: &str) -> bool {
    let plain = text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control());
    let begins = text.starts_with(|c: char| !c.is_whitespace());
    plain && begins && text.contains('\n')
}

fn block(text: &str, indent: usize) -> String {
    let body = text.trim_end_matches('\n');
    let chomping = match text.len() - body.len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    // At the top of the document the block needs some indentation, too.
    let blanks = " ".repeat(indent.max(2));
    let mut out = format!("|{chomping}");
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&blanks);
            out.push_str(line);
        }
    }
    for _ in 1..text.len() - body.len() {
        out.push('\n');
    }
    out
}

/// A text on one line: bare if every reader takes it for that text, else in double quotes.
fn quoted(text: &str) -> String {
    let word = |c: char| {
        c.is_alphanumeric() || "_-./@+$%^()<>=*!?;~ ".contains(c) || c == ':' || c == ',' || c == '\''
    };
    let begins = text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '/');
    let keyword = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let bare = begins
        && text.chars().all(word)
        && !keyword.contains(&text.to_ascii_lowercase().as_str())
        && !text.contains(": ")
        && !text.ends_with([':', ' ']);
    // What begins with a digit is a number or a date to some reader; only versions and addresses are not.
    let dotted =
        text.split('.').count() > 2 && text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '/');
    if bare || dotted { text.to_owned() } else { Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let value = json!({
            "words": ["yes", "Off", "y", "null", "~", "", " lead", "trail ", "a: b", "a #b", "- x", "1", "1.5", "0x1f"],
            "12:30": "12:30", "2026-11-23": "=", "tab\there": "\u{7}", "é": "ünï",
            "text": "one\n  two\n\nthree\n", "kept": "a\n\n\n", "cut": "a\nb", "led": "\n x", "dos": "a\r\nb",
            "nested": [[1, [2, "a\nb"]], {"a": {"b": [{"c": null, "d": []}]}, "e": {}}],
            "numbers": [1, -2, 1.5, true, false], "address": "127.0.0.1/32", "quote": "it's \"so\"",
        });
        assert_eq!(parse(&to_string(&value)), Ok(value));
        for lone in [json!("a\nb\n"), json!("no"), json!([]), json!({}), json!(3)] {
            assert_eq!(parse(&to_string(&lone)), Ok(lone));
        }
    }

    #[test]
    fn words_that_old_readers_take_for_booleans_are_quoted() {
        assert_eq!(to_string(&json!({"a": "yes", "n": "plain text"})), "a: \"yes\"\n\"n\": plain text\n");
    }
}
