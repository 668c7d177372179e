//! What a scalar is to a reader of YAML 1.1: `yes` a boolean, `017` fifteen, `12:30` seven hundred and fifty, and `1e3`
//! a text.

use anyhow::{Result, anyhow, bail};
use serde_json::{Number, Value};

use super::date;

/// A scalar without quotes and without a tag.
pub(super) fn plain(text: &str) -> Result<Value> {
    if let Some(value) = boolean(text) {
        return Ok(value.into());
    }
    if is_float(text) {
        return float(text);
    }
    if is_int(text) {
        return int(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Ok(Value::Null),
        "<<" | "=" => bail!("a lone {text} means something else in YAML: put it in quotes"),
        _ if date::is_date(text) => date::text(text).map(Value::from),
        _ => Ok(text.into()),
    }
}

/// A scalar with a tag of YAML's own, such as `!!str 1`; `tag` is without `!!`.
pub(super) fn tagged(tag: &str, text: &str) -> Result<Value> {
    match tag {
        "str" => Ok(text.into()),
        "int" => int(text),
        "float" => float(text),
        "null" => Ok(Value::Null),
        "timestamp" if date::is_date(text) => date::text(text).map(Value::from),
        "bool" => {
            // Behind the tag, PyYAML takes the words in any case.
            let value = boolean(&text.to_lowercase());
            Ok(value.ok_or_else(|| anyhow!("{text:?} is not yes, no, on, off, true or false"))?.into())
        }
        _ => bail!("the local packer does not know the tag !!{tag} of {text:?}: write the value without it"),
    }
}

/// `y` and `n` are texts: YAML 1.1 has them as booleans, its readers do not.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => Some(true),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn consists(text: &str, of: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'_' || of(byte))
}

/// Decimal digits and `_`, the first a digit.
fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit()) && consists(text, |byte| byte.is_ascii_digit())
}

fn is_int(text: &str) -> bool {
    let text = unsigned(text);
    let digits = |prefix: &str, of: fn(u8) -> bool| {
        text.strip_prefix(prefix).is_some_and(|digits| consists(digits, of))
    };
    let octal = |byte| (b'0'..=b'7').contains(&byte);
    let (first, sixties) = text.split_once(':').unzip();
    text == "0"
        || digits("0b", |byte| matches!(byte, b'0' | b'1'))
        || digits("0x", |byte| byte.is_ascii_hexdigit())
        || digits("0", octal)
        || (is_number(text) && !text.starts_with('0'))
        || first.is_some_and(|first| is_number(first) && !first.starts_with('0'))
            && sixties.is_some_and(are_sixties)
}

/// `59`, `5:09`: what follows the first number of one in base 60.
fn are_sixties(text: &str) -> bool {
    text.split(':').all(|part| {
        let digits = part.as_bytes();
        digits.iter().all(u8::is_ascii_digit) && (digits.len() == 1 || digits.len() == 2 && digits[0] <= b'5')
    })
}

fn is_float(text: &str) -> bool {
    let number = unsigned(text);
    if matches!(number, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let Some((whole, fraction)) = number.split_once('.') else { return false };
    if let Some((first, sixties)) = whole.split_once(':') {
        return is_number(first)
            && are_sixties(sixties)
            && (fraction.is_empty() || consists(fraction, |byte| byte.is_ascii_digit()));
    }
    let (fraction, exponent) = match fraction.find(['e', 'E']) {
        Some(at) => (&fraction[..at], Some(&fraction[at + 1..])),
        None => (fraction, None),
    };
    // The exponent needs its sign: `1.0e3` is a text.
    let exponent = exponent.is_none_or(|exponent| {
        exponent
            .strip_prefix(['-', '+'])
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    });
    let fraction_alone = text.starts_with('.') && is_number(fraction);
    let both = is_number(whole) && (fraction.is_empty() || consists(fraction, |byte| byte.is_ascii_digit()));
    exponent && (fraction_alone || both)
}

fn int(text: &str) -> Result<Value> {
    let digits = text.replace('_', "");
    let (negative, digits) = (digits.starts_with('-'), unsigned(&digits));
    let parse = |digits: &str, radix| i128::from_str_radix(digits, radix);
    let value = if digits == "0" {
        Ok(0)
    } else if let Some(binary) = digits.strip_prefix("0b") {
        parse(binary, 2)
    } else if let Some(hexadecimal) = digits.strip_prefix("0x") {
        parse(hexadecimal, 16)
    } else if digits.starts_with('0') {
        parse(digits, 8)
    } else {
        digits.split(':').try_fold(0_i128, |sum, part| Ok(sum.saturating_mul(60) + parse(part, 10)?))
    };
    let value = value.map_err(|_| anyhow!("{text:?} is not a whole number"))?;
    let number = Number::from_i128(if negative { -value } else { value });
    Ok(number.ok_or_else(|| anyhow!("the number {text} is too large: put it in quotes"))?.into())
}

/// What is no number (`.nan`, `.inf`) becomes null, as charmcraft writes it.
fn float(text: &str) -> Result<Value> {
    let digits = text.replace('_', "").to_lowercase();
    let (negative, digits) = (digits.starts_with('-'), unsigned(&digits));
    if matches!(digits, ".inf" | ".nan") {
        return Ok(Value::Null);
    }
    let value = digits.split(':').try_fold(0.0, |sum, part| Ok(sum * 60.0 + part.parse::<f64>()?));
    let value = value.map_err(|_: std::num::ParseFloatError| anyhow!("{text:?} is not a number"))?;
    Ok(Number::from_f64(if negative { -value } else { value }).map_or(Value::Null, Value::from))
}
