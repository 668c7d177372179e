//! `sed`, which has a language of its own: it can write files and run commands.

use super::arguments::Options;
use super::call::Call;
use super::reader::Foreign;
use super::syntax::Word;

pub(super) fn sed(call: &Call<'_>) -> Result<(), Foreign> {
    let (mut args, mut in_place) = (Vec::<Word>::new(), false);
    for arg in call.args {
        // With `-i` a suffix may be attached, which would be read as letters.
        match super::syntax::plain(arg).as_deref() {
            Some("-i" | "--in-place") => in_place = true,
            Some("-ni" | "-Ei" | "-ri") => {
                in_place = true;
                args.push(vec![super::syntax::Piece::Text { text: "-E".into(), quoted: false }]);
            }
            Some(text) if text.starts_with("-i") || text.starts_with("--in-place=") => {
                if text.contains('/') || text.contains('*') {
                    return call.foreign("`sed -i` with a suffix that is a path");
                }
                in_place = true;
            }
            _ => args.push(arg.clone()),
        }
    }
    let options = Options {
        flags: "nErsuz",
        valued: "e",
        long: &["quiet", "silent", "regexp-extended", "null-data", "separate"],
        long_valued: &["expression"],
    };
    let found = call.with(&args).arguments(options)?;
    let mut scripts: Vec<&Word> = found.values(&["e", "expression"]).collect();
    let mut files = &found.operands[..];
    if scripts.is_empty() {
        let Some((script, rest)) = files.split_first() else { return call.foreign("`sed` without a script") };
        scripts.push(script);
        files = rest;
    }
    for script in scripts {
        let texts = call.texts(script);
        if !texts.is_some_and(|texts| texts.iter().all(|text| is_harmless(text))) {
            return call.foreign("a script of `sed` that is not seen to be harmless");
        }
    }
    if in_place { call.written(files) } else { Ok(()) }
}

/// Whether a script has only commands that change, print or drop lines.
fn is_harmless(script: &str) -> bool {
    let mut rest: &[char] = &script.chars().collect::<Vec<_>>();
    loop {
        rest = trimmed(rest, " \t\n;");
        if rest.is_empty() {
            return true;
        }
        match command(rest) {
            Some(after) => rest = after,
            None => return false,
        }
    }
}

/// Passes one command, if it is harmless.
fn command(mut rest: &[char]) -> Option<&[char]> {
    if let Some(after) = address(rest)? {
        rest = after;
        if rest.first() == Some(&',') {
            rest = address(trimmed(&rest[1..], " "))??;
        }
    }
    rest = trimmed(rest, " !");
    let (command, after) = rest.split_first()?;
    let mut after = match command {
        'd' | 'p' | 'q' | '=' | 'n' | 'N' | 'D' | 'P' | 'g' | 'G' | 'h' | 'H' | 'x' => after,
        's' => {
            let (delimiter, after) = after.split_first()?;
            if delimiter.is_alphanumeric() || "\\\n".contains(*delimiter) {
                return None;
            }
            let mut after = section(section(after, *delimiter)?, *delimiter)?;
            while let Some((flag, rest)) = after.split_first() {
                match flag {
                    'g' | 'p' | 'i' | 'I' | '0'..='9' => after = rest,
                    _ => break,
                }
            }
            after
        }
        // A text up to the end of the line.
        'a' | 'i' | 'c' => {
            let end = after.iter().position(|c| *c == '\n').unwrap_or(after.len());
            if after[..end].contains(&'\\') {
                return None;
            }
            &after[end..]
        }
        _ => return None,
    };
    after = trimmed(after, " \t");
    matches!(after.first(), None | Some(';' | '\n')).then_some(after)
}

/// Passes an address: the outer option is whether it is understood, the inner one whether there is one.
#[allow(clippy::option_option)]
fn address(rest: &[char]) -> Option<Option<&[char]>> {
    match rest.first()? {
        '$' => Some(Some(&rest[1..])),
        '/' => {
            let after = section(&rest[1..], '/')?;
            Some(Some(if after.first() == Some(&'I') { &after[1..] } else { after }))
        }
        c if c.is_ascii_digit() => {
            let end = rest.iter().position(|c| !c.is_ascii_digit()).unwrap_or(rest.len());
            Some(Some(&rest[end..]))
        }
        '\\' | '+' | '~' => None,
        _ => Some(None),
    }
}

/// Passes the text up to a delimiter. Brackets, in which it may stand for itself, must not hold it.
fn section(rest: &[char], delimiter: char) -> Option<&[char]> {
    let (mut at, mut bracket) = (0, false);
    while let Some(c) = rest.get(at) {
        match c {
            '\\' if rest.get(at + 1).is_none_or(|next| *next == '\n') => return None,
            '\\' => at += 1,
            c if *c == delimiter => return (!bracket).then_some(&rest[at + 1..]),
            '[' if matches!(rest.get(at + 1), Some(']' | '^')) => return None,
            '[' => bracket = true,
            ']' => bracket = false,
            '\n' => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

fn trimmed<'a>(mut rest: &'a [char], what: &str) -> &'a [char] {
    while let Some((first, after)) = rest.split_first()
        && what.contains(*first)
    {
        rest = after;
    }
    rest
}
