//! A list of texts as Python has it, in a file that nobody runs.

use anyhow::{Result, anyhow, bail};

/// The list that a line of the module, not indented, assigns to this name; nothing if none does.
pub(super) fn assigned(python: &str, name: &str) -> Result<Vec<String>> {
    let mut start = 0;
    for line in python.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix(name)
            && let Some(value) = value(rest)
        {
            let at = start + line.len() - value.len();
            return list(&python[at..]).map_err(|why| {
                anyhow!("{name} must be a list of texts in quotes, or it cannot be read here: {why}")
            });
        }
        start += line.len();
    }
    Ok(Vec::new())
}

/// What is behind `=`, or `: list[str] =`.
fn value(rest: &str) -> Option<&str> {
    let rest = rest.trim_start();
    let (annotation, value) = rest.split_once('=')?;
    let fits = annotation.is_empty() || annotation.starts_with(':');
    (fits && !value.starts_with('=')).then_some(value)
}

fn list(text: &str) -> Result<Vec<String>> {
    let mut rest = blank(text).strip_prefix(['[', '(']).ok_or_else(|| anyhow!("it has no `[`"))?;
    let mut items = Vec::new();
    loop {
        rest = blank(rest);
        if rest.starts_with([']', ')']) {
            return Ok(items);
        }
        let mut item = String::new();
        // Texts side by side are one.
        while let Some(quote) = rest.chars().next().filter(|c| ['"', '\''].contains(c)) {
            let (piece, behind) = quoted(rest, quote)?;
            item.push_str(&piece);
            rest = blank(behind);
        }
        match (item.is_empty(), rest.chars().next()) {
            (false, Some(',')) => rest = &rest[1..],
            (false, Some(']' | ')')) => {}
            (_, Some(_)) => bail!("there is {:?}", rest.lines().next().unwrap_or_default()),
            (_, None) => bail!("it does not end"),
        }
        items.push(item);
    }
}

fn quoted(text: &str, quote: char) -> Result<(String, &str)> {
    let mut item = String::new();
    let mut characters = text[1..].char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => item.extend(characters.next().map(|(_, c)| c)),
            '\n' => break,
            c if c == quote => return Ok((item, &text[1 + at + 1..])),
            c => item.push(c),
        }
    }
    bail!("a text does not end in {:?}", text.lines().next().unwrap_or_default())
}

/// Without what counts for nothing in a list: blanks, ends of lines, comments.
fn blank(text: &str) -> &str {
    let mut rest = text.trim_start();
    while rest.starts_with('#') {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let read = |text: &str| assigned(text, "X").unwrap();
        assert_eq!(read("X = []\n"), [""; 0]);
        assert_eq!(read("Y = ['a']\n  X = ['b']\n"), [""; 0]);
        assert_eq!(read("X == ['a']\nXY = ['b']\nX=['c']"), ["c"]);
        assert_eq!(
            read("\"\"\"é\"\"\"\nX = [\n 'a', # one, 'b'\n \"c>=1,<2; python_version < '3.9'\",\n]\n"),
            ["a", "c>=1,<2; python_version < '3.9'"]
        );
        assert_eq!(read("X: list = ['a' 'b', 'c\\'d']"), ["ab", "c'd"]);
        assert_eq!(read("X = ('a',)"), ["a"]);
        for wrong in ["X = list()", "X = ['a' + b]", "X = ['a", "X = ['a'", "X = ['a\n']", "X = [,]"] {
            assigned(wrong, "X").expect_err(wrong);
        }
    }
}
