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
pub(crate) fn to_string(value: &Value) -> String {
    match value {
        Value::Object(map) if map.is_empty() => "{}\n".into(),
        // A `Value` has string keys only, so it always serialises.
        _ => serde_yaml::to_string(value).unwrap_or_default(),
    }
}
