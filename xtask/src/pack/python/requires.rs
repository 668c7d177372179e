//! Whether an interpreter is one that a project asks for, as `requires-python` and Poetry say it.

use anyhow::{Result, bail};

use super::interpreter::Interpreter;

/// Refuses an interpreter that `wanted` excludes; `place` is where that is written.
pub(in crate::pack) fn refuse_unmet(wanted: &str, place: &str, python: &Interpreter) -> Result<()> {
    if is_met(wanted, python.version) {
        return Ok(());
    }
    bail!(
        "{place} wants Python {wanted}, and {} is Python {}: name another interpreter by --python",
        python.executable.display(),
        python.full()
    )
}

/// Alternatives by `||`, each a list of conditions that all hold. What cannot be read is met: uv has the last word.
fn is_met(wanted: &str, version: (u32, u32, u32)) -> bool {
    let version = [version.0, version.1, version.2];
    wanted.split("||").any(|all| {
        let conditions = all.split(',').flat_map(|part| joined(part.trim()));
        conditions.filter(|condition| !condition.is_empty()).all(|condition| holds(&condition, version))
    })
}

/// Poetry also separates by spaces, and both allow one after the operator.
fn joined(part: &str) -> Vec<String> {
    let mut conditions: Vec<String> = Vec::new();
    for word in part.split_whitespace() {
        match conditions.last_mut() {
            Some(last) if last.ends_with(['=', '<', '>', '~', '^', '!']) => last.push_str(word),
            _ => conditions.push(word.to_owned()),
        }
    }
    conditions
}

fn holds(condition: &str, version: [u32; 3]) -> bool {
    let start = condition.find(|c: char| c.is_ascii_digit() || c == '*').unwrap_or(condition.len());
    let (operator, text) = condition.split_at(start);
    let (text, any_end) = match text.strip_suffix(".*") {
        Some(text) => (text, true),
        None => (text, false),
    };
    if text == "*" {
        return true;
    }
    let Some(numbers) = text.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>() else {
        return true;
    };
    let mut full = [0; 3];
    for (place, number) in full.iter_mut().zip(&numbers) {
        *place = *number;
    }
    let same_start = version.iter().zip(&numbers).all(|(have, want)| have == want);
    let same_before =
        |count: usize| version.iter().zip(&numbers).take(count).all(|(have, want)| have == want);
    let equal = if any_end { same_start } else { version == full };
    match operator.trim() {
        ">=" => version >= full,
        "<=" => version <= full,
        ">" => version > full,
        "<" => version < full,
        // Poetry: as the numbers written.
        "" => same_start,
        "==" | "===" | "=" => equal,
        "!=" => !equal,
        "~=" => version >= full && same_before(numbers.len().saturating_sub(1)),
        "~" => version >= full && same_before(numbers.len().min(2)),
        "^" => version >= full && same_before(1),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator() {
        for (wanted, version, met) in [
            (">=3.10", (3, 11, 7), true),
            (">=3.12", (3, 11, 7), false),
            (">= 3.10, < 3.12", (3, 11, 7), true),
            (">=3.8,<3.11", (3, 11, 0), false),
            ("==3.12.*", (3, 12, 1), true),
            ("==3.14.*", (3, 12, 1), false),
            ("==3.12", (3, 12, 1), false),
            ("!=3.11.*,>=3.8", (3, 11, 2), false),
            ("~=3.10", (3, 12, 0), true),
            ("~=3.10.4", (3, 11, 0), false),
            ("~=3.10.4", (3, 10, 9), true),
            (">3.11", (3, 11, 7), true),
            ("<=3.11", (3, 11, 7), false),
            ("^3.10", (3, 12, 1), true),
            ("^3.12", (3, 11, 7), false),
            ("^4", (3, 11, 7), false),
            ("~3.10", (3, 11, 0), false),
            ("~3.10.2", (3, 10, 5), true),
            ("3.10.*", (3, 10, 5), true),
            (">=3.10 <3.12", (3, 11, 7), true),
            ("^3.12 || ~3.10", (3, 10, 5), true),
            ("*", (3, 11, 7), true),
            ("", (3, 11, 7), true),
            (">=3.10a1", (3, 11, 7), true),
        ] {
            assert_eq!(is_met(wanted, version), met, "{wanted} {version:?}");
        }
    }
}
