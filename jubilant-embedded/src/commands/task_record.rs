//! What is shown of tasks. Their outputs may be longer than the memory: they go from their files straight to the
//! reader.

use std::fs;
use std::io::{self, Write};

use indexmap::IndexMap;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::call::Call;
use super::text_file::TextFile;
use crate::ground::failure::Failure;
use crate::ground::time::Timestamp;
use crate::ground::yaml;
use crate::model::task::{State, Task, What};
use crate::state::task_files::TaskFiles;

/// Prints records of tasks, as `plain` says or in the format that was asked for.
pub(super) fn print(
    call: &mut Call<'_>,
    records: &impl Serialize,
    plain: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<i32, Failure> {
    match call.args.get("format") {
        Some("json") => call.stream(|writer| {
            serde_json::to_writer(&mut *writer, records)?;
            writeln!(writer)
        }),
        Some("yaml") => print_yaml(call, records),
        _ => call.stream(plain),
    }
}

/// The same where YAML is the default.
pub(super) fn print_yaml(call: &mut Call<'_>, records: &impl Serialize) -> Result<i32, Failure> {
    let value = serde_json::to_value(records).map_err(io::Error::from)?;
    call.write(yaml::to_string(&value))
}

/// A task and what it left beside the model.
pub(super) struct TaskRecord {
    pub(super) task: Task,
    results: Results,
    log: Vec<(Timestamp, String)>,
}

impl TaskRecord {
    /// Reads all but the outputs.
    pub(super) fn read(task: Task, files: &TaskFiles) -> Self {
        Self { results: Results::read(task.code, files), log: files.log(), task }
    }

    /// For people.
    pub(super) fn write_plain(&self, writer: &mut dyn Write) -> io::Result<()> {
        if let Some(message) = &self.task.message {
            writeln!(writer, "Action id {} failed: {message}", self.task.id)?;
        }
        if !self.results.set.is_empty() {
            write!(writer, "{}", yaml::to_string(&self.results.set.clone().into()))?;
        }
        self.results.outputs.values().try_for_each(|output| write!(writer, "{output}"))
    }
}

impl Serialize for TaskRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let task = &self.task;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &task.id.to_string())?;
        map.serialize_entry("unit", &task.unit)?;
        map.serialize_entry("status", task.state.name())?;
        if let Some(message) = &task.message {
            map.serialize_entry("message", message)?;
        }
        if !self.results.is_empty() {
            map.serialize_entry("results", &self.results)?;
        }
        if !self.log.is_empty() {
            let line = |(time, text): &(Timestamp, String)| format!("{} {text}", time.task());
            map.serialize_entry("log", &self.log.iter().map(line).collect::<Vec<_>>())?;
        }
        let times =
            [("enqueued", Some(task.enqueued)), ("started", task.started), ("completed", task.completed)];
        let times = times.into_iter().filter_map(|(key, time)| Some((key.to_owned(), time?.task().into())));
        map.serialize_entry("timing", &times.collect::<Map<String, Value>>())?;
        map.end()
    }
}

/// What became of a task whose process has ended; nothing of any other.
#[derive(Default)]
struct Results {
    /// With `action-set`.
    set: Map<String, Value>,
    code: Option<i32>,
    outputs: IndexMap<&'static str, TextFile>,
}

impl Results {
    fn read(code: Option<i32>, files: &TaskFiles) -> Self {
        if code.is_none() {
            return Self::default();
        }
        let outputs = [("stdout", files.stdout()), ("stderr", files.stderr())];
        let outputs: IndexMap<_, _> = outputs
            .into_iter()
            .filter(|(_, path)| fs::metadata(path).is_ok_and(|data| data.len() > 0))
            .map(|(key, path)| (key, TextFile::new(path)))
            .collect();
        let mut set = files.results();
        // What the task really did is not to be claimed otherwise.
        set.retain(|key, _| key != "return-code" && !outputs.contains_key(key.as_str()));
        Self { set, code, outputs }
    }

    fn is_empty(&self) -> bool {
        self.code.is_none()
    }
}

impl Serialize for Results {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.set.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        map.serialize_entry("return-code", &self.code)?;
        self.outputs.iter().try_for_each(|(key, output)| map.serialize_entry(key, output))?;
        map.end()
    }
}

/// The tasks that one command scheduled.
pub(super) struct OperationRecord {
    pub(super) id: u32,
    pub(super) tasks: Vec<TaskRecord>,
}

impl OperationRecord {
    pub(super) fn summary(&self) -> String {
        self.tasks.first().map_or(String::new(), |TaskRecord { task, .. }| match &task.what {
            What::Action { name, .. } => format!("{name} run on {}", task.unit),
            What::Exec { .. } => format!("exec run on {}", task.unit),
        })
    }

    pub(super) fn status(&self) -> &'static str {
        if self.tasks.iter().any(|record| !record.task.is_finished()) {
            "running"
        } else if self.tasks.iter().any(|record| record.task.state != State::Completed) {
            "failed"
        } else {
            "completed"
        }
    }
}

impl Serialize for OperationRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let tasks: IndexMap<String, &TaskRecord> =
            self.tasks.iter().map(|record| (record.task.id.to_string(), record)).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id.to_string())?;
        map.serialize_entry("summary", &self.summary())?;
        map.serialize_entry("status", self.status())?;
        map.serialize_entry("tasks", &tasks)?;
        map.end()
    }
}
