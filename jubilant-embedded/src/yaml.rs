//! YAML in and out, through `serde_json::Value` so that the rest of the program knows one kind of value.

use serde_json::Value;

/// Reads YAML (and so JSON).
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    serde_yaml::from_str(text).map_err(|error| error.to_string())
}

/// Writes block YAML, ending in a line feed.
pub(crate) fn to_string(value: &Value) -> String {
    match value {
        Value::Object(map) if map.is_empty() => "{}\n".into(),
        // A `Value` has string keys only, so it always serialises.
        _ => serde_yaml::to_string(value).unwrap_or_default(),
    }
}
