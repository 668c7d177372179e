//! `juju run` and `juju exec`.

use std::time::Duration;

use indexmap::IndexMap;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::client::Juju;
use super::times::{MARGIN, duration};
use crate::cli::{Cli, Output};
use crate::error::{Error, Exit, Result, TaskError};
use crate::types::Task;

/// An action with its parameters: for [`Juju::run`]. The parameters are hidden in logs and errors.
///
/// ```no_run
/// # use jubilant::{Action, Juju, minutes};
/// # let juju = Juju::new();
/// let task = juju.run("web/leader", Action::new("backup").param("path", "/srv").timeout(minutes(10)))?;
/// let size: u64 = task.result("size")?;
/// # Ok::<(), jubilant::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Action {
    name: String,
    params: Map<String, Value>,
    timeout: Option<Duration>,
    unusable: Option<String>,
}

impl Action {
    /// An action without parameters.
    pub fn new(name: impl Into<String>) -> Self {
        Action { name: name.into(), params: Map::new(), timeout: None, unusable: None }
    }

    /// A parameter: a text, a number, a list, or any structure.
    pub fn param(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let name = name.into();
        match serde_json::to_value(value) {
            Ok(value) => drop(self.params.insert(name, value)),
            Err(error) => {
                self.unusable = Some(format!("parameter {name:?} of action {:?}: {error}", self.name))
            }
        }
        self
    }

    /// How long to wait for it, instead of Juju's 60 seconds.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }
}

impl<S: Into<String>> From<S> for Action {
    fn from(name: S) -> Self {
        Action::new(name)
    }
}

/// A command to execute on a unit: for [`Juju::exec`].
///
/// Juju joins the words by spaces and gives them to a shell on the unit, in the charm's directory and with the hook
/// tools: `["echo", "$HOME"]` prints the home, and a word with spaces needs quotes of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Exec {
    words: Vec<String>,
    timeout: Option<Duration>,
}

impl Exec {
    /// A command.
    pub fn new<S: Into<String>>(words: impl IntoIterator<Item = S>) -> Self {
        Exec { words: words.into_iter().map(Into::into).collect(), timeout: None }
    }

    /// How long to wait for it, instead of Juju's 5 minutes.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Exec {
    fn from(words: [S; N]) -> Self {
        Exec::new(words)
    }
}

impl<S: Into<String>> From<Vec<S>> for Exec {
    fn from(words: Vec<S>) -> Self {
        Exec::new(words)
    }
}

impl From<&str> for Exec {
    fn from(line: &str) -> Self {
        Exec::new([line])
    }
}

impl From<String> for Exec {
    fn from(line: String) -> Self {
        Exec::new([line])
    }
}

/// How long Juju itself waits for `juju run`.
const RUN_WAIT: Duration = Duration::from_secs(60);
/// How long Juju itself waits for `juju exec`.
const EXEC_WAIT: Duration = Duration::from_secs(300);

impl Juju {
    /// Runs an action on a unit and waits for its end (`juju run`). `web/leader` is the leader of `web`.
    ///
    /// ```no_run
    /// # use jubilant::{Action, Juju};
    /// # let juju = Juju::new();
    /// juju.run("web/0", "restart")?;
    /// let task = juju.run("web/leader", Action::new("register-user").param("username", "ubuntu"))?;
    /// let password: String = task.result("password")?;
    /// # Ok::<(), jubilant::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Task`] with the task if the action fails, be it by its exit code or by `action-fail`;
    /// [`Error::Timeout`] if it does not end in time; [`Error::Command`] if it cannot be started, for instance
    /// because the unit does not exist.
    pub fn run(&self, unit: &str, action: impl Into<Action>) -> Result<Task> {
        self.run_all([unit], action).and_then(only)
    }

    /// Runs an action on several units at once (`juju run`).
    ///
    /// # Errors
    /// As for [`run`](Self::run); [`Error::tasks`] has every task when one of them failed.
    pub fn run_all<S: Into<String>>(
        &self,
        units: impl IntoIterator<Item = S>,
        action: impl Into<Action>,
    ) -> Result<Vec<Task>> {
        let action = action.into();
        if let Some(problem) = action.unusable {
            return Err(Error::usage(problem));
        }
        let mut cli = Cli::new(["run", "--format", "json"])
            .args(units)
            .arg(action.name)
            .option("--wait", action.timeout.map(duration))
            .timeout(action.timeout.unwrap_or(RUN_WAIT) + MARGIN);
        let mut files = self.files();
        if !action.params.is_empty() {
            for value in action.params.values() {
                cli = hide_texts(cli, value);
            }
            let params = Value::Object(action.params).to_string();
            cli = cli.arg("--params").arg(files.write("params.json", params.as_bytes())?);
        }
        tasks(self.output(cli)?)
    }

    /// Executes a command on a unit, or on a machine by its number, and waits for its end (`juju exec`).
    ///
    /// ```no_run
    /// # let juju = jubilant::Juju::new();
    /// let task = juju.exec("web/0", ["cat", "/etc/hostname"])?;
    /// println!("{}", task.stdout());
    /// # Ok::<(), jubilant::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Task`] with the task if the command fails, [`Error::Timeout`] if it does not end in time, and
    /// [`Error::Command`] if it cannot be started.
    pub fn exec(&self, target: &str, exec: impl Into<Exec>) -> Result<Task> {
        let exec = exec.into();
        let is_machine = target.split('/').next().is_some_and(|part| part.parse::<u32>().is_ok());
        let cli = Cli::new(["exec", "--format", "json"])
            .arg(if is_machine { "--machine" } else { "--unit" })
            .arg(target)
            .option("--wait", exec.timeout.map(duration))
            .arg("--")
            .args(exec.words)
            .timeout(exec.timeout.unwrap_or(EXEC_WAIT) + MARGIN);
        tasks(self.output(cli)?).and_then(only)
    }
}

impl Task {
    /// One result, such as `password`, or `user.name` for a nested one.
    ///
    /// Juju's action results are strings: for any type but a string, the text is read as a number, a boolean
    /// (Python's `True` too) or a JSON document.
    ///
    /// # Errors
    /// [`Error::TaskResult`] if there is no such result, or if it is not a `T`.
    pub fn result<T: DeserializeOwned>(&self, key: &str) -> Result<T> {
        Ok(self.find(key)?)
    }
}

/// Juju answers with as many tasks as there were targets.
fn only(tasks: Vec<Task>) -> Result<Task> {
    tasks.into_iter().next().ok_or_else(|| Error::usage("Juju ran no task, because no unit was given"))
}

/// A text in the parameters may be a password.
fn hide_texts(cli: Cli, value: &Value) -> Cli {
    match value {
        Value::String(text) => cli.hide(text),
        Value::Array(list) => list.iter().fold(cli, hide_texts),
        Value::Object(map) => map.values().fold(cli, hide_texts),
        _ => cli,
    }
}

/// The tasks of a finished `run` or `exec`.
///
/// Neither exit code nor status alone tells: a failed program makes Juju exit with 1 and still print the tasks;
/// `action-fail` gives exit code 0 and a failed task; what could not be scheduled gives exit code 0 and no output.
fn tasks(output: Output) -> Result<Vec<Task>> {
    let said_nothing = output.stdout.trim().is_empty();
    let ended =
        matches!(output.exit, Exit::Code(0 | 1)) && !output.stderr.contains("timed out waiting for results");
    if said_nothing || !ended {
        return Err(output.error().into());
    }
    let tasks: IndexMap<String, Task> = match serde_json::from_str(&output.stdout) {
        Ok(tasks) => tasks,
        Err(_) if !output.succeeded() => return Err(output.error().into()),
        Err(error) => return Err(output.unreadable(&error.to_string()).into()),
    };
    let tasks: Vec<Task> = tasks.into_values().collect();
    if tasks.iter().all(Task::succeeded) {
        return if output.succeeded() { Ok(tasks) } else { Err(output.error().into()) };
    }
    Err(TaskError::new(output.command, tasks, |text| output.cli.redact(text)).into())
}
