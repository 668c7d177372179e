//! How tools print values: `--format json|yaml|smart`.

use serde_json::Value;

use crate::ground::yaml;

/// All there are, the default first.
pub(super) const FORMATS: &[&str] = &["smart", "json", "yaml"];

pub(super) fn format(format: &str, value: &Value) -> String {
    match format {
        "json" => format!("{value}\n"),
        "yaml" => yaml::to_string(value),
        _ => smart(value),
    }
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
