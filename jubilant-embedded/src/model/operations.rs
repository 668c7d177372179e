//! Operations: tasks scheduled together.

use serde_json::{Map, Value};

use super::charm::Action;
use super::task::{State, Task, What};
use super::{Model, take};
use crate::ground::failure::{Failure, fail};
use crate::ground::name::UnitName;

impl Model {
    pub(crate) fn next_operation(&mut self) -> u32 {
        take(&mut self.counters.operation)
    }

    /// Schedules a task and returns its ID.
    pub(crate) fn schedule(&mut self, operation: u32, unit: UnitName, what: What) -> u32 {
        let id = take(&mut self.counters.operation);
        let task = Task {
            id,
            operation,
            unit,
            what,
            state: State::Pending,
            message: None,
            code: None,
            enqueued: self.now,
            started: None,
            completed: None,
        };
        self.tasks.insert(id, task);
        id
    }

    /// An action for a unit with its parameters (and the schema's defaults), if it can be asked for that.
    pub(crate) fn action(
        &self,
        unit: &UnitName,
        name: &str,
        params: &Map<String, Value>,
    ) -> Result<What, Failure> {
        let app = self.applications.get(&unit.app);
        let Some(spec) = app.and_then(|app| app.charm.actions.get(name)) else {
            fail!("action \"{name}\" not defined on unit \"{unit}\"")
        };
        spec.check(name, params)?;
        Ok(What::Action { name: name.to_owned(), params: spec.with_defaults(params) })
    }

    /// The IDs of all operations.
    pub(crate) fn operations(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = self.tasks.values().map(|task| task.operation).collect();
        ids.dedup();
        ids
    }

    pub(crate) fn tasks_of(&self, operation: u32) -> impl Iterator<Item = &Task> {
        self.tasks.values().filter(move |task| task.operation == operation)
    }
}

impl Action {
    /// Checks parameters for `required`, `type`, `enum` and `additionalProperties`.
    fn check(&self, action: &str, params: &Map<String, Value>) -> Result<(), Failure> {
        let given = || Value::from(params.clone());
        if let Some(name) = self.required.iter().find(|name| !params.contains_key(*name)) {
            fail!(
                "validation failed: (root) : \"{name}\" property is missing and required, given {}",
                given()
            );
        }
        for (name, value) in params {
            match self.params.get(name) {
                Some(schema) => check_value(action, name, schema, value)?,
                None if self.additional_properties => {}
                None => fail!(
                    "validation failed: (root) : additional property \"{name}\" is not allowed, given {}",
                    given()
                ),
            }
        }
        Ok(())
    }

    /// The parameters with the schema's defaults where none were given.
    fn with_defaults(&self, given: &Map<String, Value>) -> Map<String, Value> {
        let mut params = given.clone();
        for (name, spec) in &self.params {
            if let Some(default) = spec.get("default")
                && !params.contains_key(name)
            {
                params.insert(name.clone(), default.clone());
            }
        }
        params
    }
}

fn check_value(action: &str, name: &str, schema: &Value, value: &Value) -> Result<(), Failure> {
    let Some(kind) = schema.get("type").and_then(Value::as_str) else { return Ok(()) };
    let fits = match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    if !fits {
        fail!(
            "validation failed: (root).{name} : must be of type {kind}, given {value} (action \"{action}\")"
        );
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        let allowed = Value::from(allowed.clone());
        fail!("validation failed: (root).{name} : must be one of {allowed}, given {value}");
    }
    Ok(())
}
