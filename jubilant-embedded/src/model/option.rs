//! Options of charms and their values.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One option of `config.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ConfigOption {
    #[serde(rename = "type", default = "string_type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) default: Value,
    #[serde(default)]
    pub(crate) description: String,
}

fn string_type() -> String {
    "string".into()
}

impl ConfigOption {
    /// The default, in the option's type.
    pub(crate) fn typed_default(&self) -> Value {
        match (&self.default, self.kind.as_str()) {
            // An empty string default of a string option means "no value" to Juju only if it is absent.
            (Value::Number(number), "float") => number.as_f64().map_or(Value::Null, float),
            (Value::Number(number), "string") => Value::from(number.to_string()),
            (value, _) => value.clone(),
        }
    }

    /// A value given as text, in the option's type.
    pub(crate) fn parse(&self, text: &str) -> Option<Value> {
        match self.kind.as_str() {
            "int" => text.parse::<i64>().ok().map(Value::from),
            "float" => text.parse::<f64>().ok().filter(|float| float.is_finite()).map(float),
            "boolean" => match text {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(Value::Bool(true)),
                "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(Value::Bool(false)),
                _ => None,
            },
            "secret" => text.starts_with("secret:").then(|| Value::from(text)),
            _ => Some(Value::from(text)),
        }
    }

    /// A value from a YAML file, in the option's type.
    pub(crate) fn accept(&self, value: &Value) -> Option<Value> {
        match (self.kind.as_str(), value) {
            ("int", Value::Number(number)) if number.is_i64() => Some(value.clone()),
            ("float", Value::Number(number)) => number.as_f64().map(float),
            ("boolean", Value::Bool(_)) => Some(value.clone()),
            (_, Value::String(text)) => self.parse(text),
            _ => None,
        }
    }
}

/// A float as Juju prints it: charms get `2`, not `2.0`.
fn float(number: f64) -> Value {
    // Up to here every whole float is an integer.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return Value::from(number as i64);
    }
    Value::from(number)
}
