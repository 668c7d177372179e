//! What charmcraft says of a charm in its manifest: its language and its framework.

use anyhow::Result;
use serde_json::{Value, json};

use super::charm::Charm;
use super::files::{Content, Entry, Files};

/// `analysis.attributes`.
pub(super) fn attributes(charm: &Charm, files: &Files) -> Result<Value> {
    let entrypoint = entrypoint(files)?;
    let language = if entrypoint.is_some() { "python" } else { "unknown" };
    let framework = match entrypoint {
        Some(code) if is_operator(code, files)? => "operator",
        _ => "unknown",
    };
    let ignored = charm.yaml.get("analysis").and_then(|analysis| analysis.get("ignore")?.get("attributes"));
    let attribute = |name: &str, result: &str| {
        let is_ignored =
            ignored.and_then(Value::as_array).is_some_and(|names| names.iter().any(|one| one == name));
        json!({"name": name, "result": if is_ignored { "ignored" } else { result }})
    };
    Ok(json!([attribute("language", language), attribute("framework", framework)]))
}

/// The Python program that the last line of `dispatch` ends with, if it can be executed.
fn entrypoint(files: &Files) -> Result<Option<&Entry>> {
    let Some(dispatch) = files.get("dispatch").filter(|entry| !matches!(entry.content, Content::Link(_)))
    else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&dispatch.bytes()?).into_owned();
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let word = last.split_whitespace().next_back().unwrap_or_default().trim_matches(['"', '\'']);
    let path = word.trim_start_matches("./");
    Ok(files.get(path).filter(|entry| path.ends_with(".py") && entry.mode & 0o111 != 0))
}

/// Whether the program imports `ops`, which lies where plugin `charm` puts it.
fn is_operator(code: &Entry, files: &Files) -> Result<bool> {
    let installed =
        files.range("venv/ops/".to_owned()..).next().is_some_and(|(path, _)| path.starts_with("venv/ops/"));
    if !installed || matches!(code.content, Content::Link(_)) {
        return Ok(false);
    }
    let text = String::from_utf8_lossy(&code.bytes()?).into_owned();
    Ok(text.lines().any(imports_ops))
}

fn imports_ops(line: &str) -> bool {
    let mut words =
        line.split(|c: char| c.is_whitespace() || [',', ';'].contains(&c)).filter(|word| !word.is_empty());
    let module = |word: &str| word == "ops" || word.starts_with("ops.");
    match words.next() {
        Some("from") => words.next().is_some_and(module),
        Some("import") => words.any(module),
        _ => false,
    }
}
