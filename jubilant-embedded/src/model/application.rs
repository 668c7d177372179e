//! Applications.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Life;
use super::charm::{Base, Charm, ConfigOption};
use super::status::{Status, severity};
use super::time::Timestamp;
use super::unit::Unit;

/// One application.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Application {
    pub(crate) name: String,
    pub(crate) life: Life,
    pub(crate) created: Timestamp,
    pub(crate) charm: Charm,
    /// Local charms are numbered from 0 at each deployment and refresh.
    pub(crate) revision: u32,
    pub(crate) base: Base,
    /// What the user set; options not in here have the charm's default.
    pub(crate) config: BTreeMap<String, Value>,
    /// Raised whenever config or trust change, so that units run `config-changed`.
    pub(crate) config_version: u64,
    /// Raised when new resources were attached, so that units run `upgrade-charm`.
    pub(crate) upgrade_version: u64,
    pub(crate) trust: bool,
    pub(crate) exposed: bool,
    pub(crate) constraints: String,
    pub(crate) resources: BTreeMap<String, Resource>,
    pub(crate) workload_version: String,
    /// What the leader set with `status-set --application`.
    pub(crate) status: Option<Status>,
    pub(crate) units: IndexMap<u32, Unit>,
}

/// A resource that was handed to the application.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Resource {
    pub(crate) revision: u32,
    /// The name of the file as it was handed over.
    pub(crate) original: String,
    pub(crate) size: u64,
    /// For an OCI image: its reference; there is no file then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<String>,
    pub(crate) uploaded: Timestamp,
}

impl Application {
    pub(crate) fn leader(&self) -> Option<&Unit> {
        let alive =
            self.units.values().filter(|unit| unit.life == Life::Alive).min_by_key(|unit| unit.number);
        alive.or_else(|| self.units.values().min_by_key(|unit| unit.number))
    }

    pub(crate) fn charm_url(&self) -> String {
        format!("local:{}-{}", self.charm.name, self.revision)
    }

    /// The value of an option: the user's, else the charm's default.
    pub(crate) fn option(&self, name: &str) -> Option<Value> {
        let option = self.charm.options.get(name)?;
        Some(self.config.get(name).cloned().unwrap_or_else(|| option.typed_default()))
    }

    /// What `config-get` shows: every option that has a value.
    pub(crate) fn settings(&self) -> Map<String, Value> {
        let names = self.charm.options.keys();
        let values = names.filter_map(|name| Some((name.clone(), self.option(name)?)));
        values.filter(|(_, value)| !value.is_null()).collect()
    }

    /// The leader's word, else the worst unit's status.
    pub(crate) fn shown_status(&self) -> Status {
        if let Some(status) = &self.status {
            return status.clone();
        }
        let mut worst: Option<&Status> = None;
        for unit in self.units.values() {
            if worst.is_none_or(|worst| severity(&unit.shown_workload().current) > severity(&worst.current)) {
                worst = Some(unit.shown_workload());
            }
        }
        worst.cloned().unwrap_or(Status { since: self.created, ..Status::new("unknown", "") })
    }
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
