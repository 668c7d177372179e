//! The answers of `juju config` and `juju model-config`, and values to set.

use std::fmt;

use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::null::null_as_default;

/// An application's options, from `juju config APP`.
///
/// ```
/// let config: jubilant::AppConfig = serde_json::from_str(
///     r#"{"application": "web", "settings": {"port": {"type": "int", "value": 80, "source": "default"}}}"#)?;
/// assert_eq!(config.get::<u16>("port"), Some(80));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct AppConfig {
    /// The application.
    #[serde(deserialize_with = "null_as_default")]
    pub application: String,
    /// Its charm.
    #[serde(deserialize_with = "null_as_default")]
    pub charm: String,
    /// The charm's options, by name.
    #[serde(deserialize_with = "null_as_default")]
    pub settings: IndexMap<String, ConfigOption>,
    /// Juju's own options for the application, such as `trust`.
    #[serde(deserialize_with = "null_as_default")]
    pub application_config: IndexMap<String, ConfigOption>,
}

impl AppConfig {
    /// The value of one of the charm's options; `None` if it has none, or not of this type.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, option: &str) -> Option<T> {
        T::deserialize(self.settings.get(option)?.value.as_ref()?).ok()
    }
}

/// One option of an [`AppConfig`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct ConfigOption {
    /// `string`, `int`, `float`, `boolean` or `secret`.
    #[serde(rename = "type", deserialize_with = "null_as_default")]
    pub kind: String,
    /// Its value, unless it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Where the value comes from: `user`, `default` or `unset`.
    #[serde(deserialize_with = "null_as_default")]
    pub source: String,
    /// The charm's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// What the charm says about it.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// One value of `juju model-config`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct ModelConfigValue {
    /// The value; `null` if it has none.
    pub value: Value,
    /// Where it comes from: `default`, `controller`, `model`, …
    #[serde(deserialize_with = "null_as_default")]
    pub source: String,
}

/// A value to set an option to.
///
/// Strings never appear in logs and errors, since any of them may be a password; numbers and booleans do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ConfigValue {
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    String(String),
}

impl Default for ConfigValue {
    fn default() -> Self {
        ConfigValue::String(String::new())
    }
}

impl fmt::Display for ConfigValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigValue::Bool(value) => value.fmt(f),
            ConfigValue::Int(value) => value.fmt(f),
            ConfigValue::Float(value) => value.fmt(f),
            ConfigValue::String(value) => value.fmt(f),
        }
    }
}

macro_rules! config_value_from {
    ($($from:ty => $variant:ident),* $(,)?) => {$(
        impl From<$from> for ConfigValue {
            fn from(value: $from) -> Self {
                ConfigValue::$variant(value.into())
            }
        }
    )*};
}

config_value_from! {
    bool => Bool, i64 => Int, i32 => Int, u32 => Int, u16 => Int, f64 => Float, &str => String, String => String,
    &String => String,
}
