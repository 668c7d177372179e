//! How tools print values: `--format json|yaml|smart`.

use serde_json::Value;

use crate::commands::failure::{Failure, misuse};
use crate::yaml;

pub(super) fn format(format: &str, value: &Value) -> Result<String, Failure> {
    Ok(match format {
        "json" => format!("{value}\n"),
        "yaml" => yaml::to_string(value),
        "smart" => smart(value),
        other => misuse!("unknown format \"{other}\": expected json, smart or yaml"),
    })
}

/// Plain text for what is plain.
fn smart(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.is_empty() => String::new(),
        Value::String(text) => format!("{text}\n"),
        Value::Bool(true) => "True\n".into(),
        Value::Bool(false) => "False\n".into(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).map(|item| format!("{item}\n")).collect()
        }
        other => yaml::to_string(other),
    }
}
