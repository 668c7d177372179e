//! The answer of `juju run` and `juju exec`: one task per unit.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::null::null_as_default;

/// What an action or an executed command left on one unit.
///
/// ```
/// let task: jubilant::Task = serde_json::from_str(
///     r#"{"id": "2", "unit": "web/0", "status": "completed", "results": {"port": "8080", "return-code": 0}}"#)?;
/// assert!(task.succeeded());
/// assert_eq!(task.result::<u16>("port")?, 8080);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Task {
    /// Its number in the model.
    #[serde(deserialize_with = "null_as_default")]
    pub id: String,
    /// The unit it ran on; `app/leader` comes back as `app/N`.
    #[serde(deserialize_with = "null_as_default")]
    pub unit: String,
    /// `completed`, `failed`, `cancelled`, …
    #[serde(deserialize_with = "null_as_default")]
    pub status: String,
    /// What the charm said with `action-fail`.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// What the action set, and `return-code`, `stdout` and `stderr`.
    #[serde(deserialize_with = "null_as_default")]
    pub results: Map<String, Value>,
    /// The lines of `action-log`, with their times.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
    /// When it was queued, started and ended.
    #[serde(deserialize_with = "null_as_default")]
    pub timing: TaskTiming,
}

/// The times of a [`Task`], as Juju prints them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct TaskTiming {
    /// When it was queued.
    #[serde(deserialize_with = "null_as_default")]
    pub enqueued: String,
    /// When it started.
    #[serde(deserialize_with = "null_as_default")]
    pub started: String,
    /// When it ended.
    #[serde(deserialize_with = "null_as_default")]
    pub completed: String,
}

impl Task {
    /// Whether it completed with return code 0.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.status == "completed" && self.return_code().unwrap_or(0) == 0
    }

    /// The exit code of the program, if one ran.
    #[must_use]
    pub fn return_code(&self) -> Option<i64> {
        let code = self.results.get("return-code")?;
        code.as_i64().or_else(|| code.as_str()?.parse().ok())
    }

    /// What the program printed; empty if nothing.
    #[must_use]
    pub fn stdout(&self) -> &str {
        self.text("stdout")
    }

    /// What the program printed to its standard error; empty if nothing.
    #[must_use]
    pub fn stderr(&self) -> &str {
        self.text("stderr")
    }

    fn text(&self, key: &str) -> &str {
        self.results.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// One result; a key with dots may name a nested one.
    pub(crate) fn find<T: DeserializeOwned>(&self, key: &str) -> Result<T, TaskResultError> {
        let Some(value) = find(&self.results, key) else {
            let known: Vec<_> = self.results.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "no results at all".into() } else { known.join(", ") };
            return Err(TaskResultError::new(self, key, format!("there is none of this name, but {known}")));
        };
        read(value).map_err(|error| TaskResultError::new(self, key, error.to_string()))
    }
}

/// A [`Task`] has no such result.
#[derive(Debug)]
#[non_exhaustive]
pub struct TaskResultError {
    id: String,
    unit: String,
    key: String,
    problem: String,
}

impl TaskResultError {
    pub(crate) fn new(task: &Task, key: &str, problem: String) -> Self {
        let (id, unit) = (task.id.clone(), task.unit.clone());
        TaskResultError { id, unit, key: key.into(), problem }
    }
}

impl fmt::Display for TaskResultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "result {:?} of task {} on {}: {}", self.key, self.id, self.unit, self.problem)
    }
}

/// Looks for the whole key first, because a key may itself contain a dot, then walks into nested maps.
fn find<'v>(results: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
    if let Some(value) = results.get(key) {
        return Some(value);
    }
    key.match_indices('.').find_map(|(dot, _)| {
        let inner = results.get(&key[..dot])?.as_object()?;
        find(inner, &key[dot + 1..])
    })
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, serde_json::Error> {
    let first = match T::deserialize(value) {
        Ok(read) => return Ok(read),
        Err(error) => error,
    };
    let again = match value {
        Value::String(text) => match text.as_str() {
            "True" => T::deserialize(Value::Bool(true)),
            "False" => T::deserialize(Value::Bool(false)),
            text => serde_json::from_str(text),
        },
        other => T::deserialize(Value::String(other.to_string())),
    };
    again.map_err(|_| first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(results: Value) -> Task {
        serde_json::from_value(serde_json::json!({"id": "1", "unit": "web/0", "results": results})).unwrap()
    }

    #[test]
    fn results_are_read_leniently() {
        let task = task(serde_json::json!({
            "n": "42", "yes": "true", "python": "True", "list": "[1, 2]", "user": {"name": {"first": "u"}},
            "a.b": "whole", "return-code": 3, "port": "8080"
        }));
        assert_eq!(task.find::<u8>("n").unwrap(), 42);
        assert!(task.find::<bool>("yes").unwrap());
        assert!(task.find::<bool>("python").unwrap());
        assert_eq!(task.find::<Vec<u8>>("list").unwrap(), [1, 2]);
        assert_eq!(task.find::<String>("user.name.first").unwrap(), "u");
        assert_eq!(task.find::<String>("a.b").unwrap(), "whole");
        assert_eq!(task.find::<String>("port").unwrap(), "8080", "a string stays a string");
        assert_eq!(task.find::<String>("return-code").unwrap(), "3");
        assert_eq!(task.return_code(), Some(3));
    }

    #[test]
    fn a_missing_result_names_those_there_are() {
        let error = task(serde_json::json!({"user": "u", "port": "x"})).find::<u16>("password").unwrap_err();
        assert!(error.to_string().contains("user, port"), "{error}");
        let error = task(serde_json::json!({"port": "x"})).find::<u16>("port").unwrap_err();
        assert!(error.to_string().contains("port"), "{error}");
    }
}
