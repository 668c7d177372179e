//! What a task leaves beside the model: its output, its results and its log.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::lines;
use crate::ground::files::write_atomically;
use crate::ground::time::Timestamp;

/// The directory of one task.
#[derive(Debug, Clone)]
pub(crate) struct TaskFiles(PathBuf);

impl TaskFiles {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self(dir)
    }

    /// New files for standard output and error.
    pub(crate) fn create(&self) -> io::Result<(File, File)> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        let create = |path| OpenOptions::new().create(true).append(true).mode(0o600).open(path);
        Ok((create(self.stdout())?, create(self.stderr())?))
    }

    pub(crate) fn stdout(&self) -> PathBuf {
        self.0.join("stdout")
    }

    pub(crate) fn stderr(&self) -> PathBuf {
        self.0.join("stderr")
    }

    fn results_file(&self) -> PathBuf {
        self.0.join("results.json")
    }

    fn log_file(&self) -> PathBuf {
        self.0.join("log.jsonl")
    }

    /// What was set with `action-set`.
    pub(crate) fn results(&self) -> Map<String, Value> {
        let text = fs::read(self.results_file()).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    pub(crate) fn set_results(&self, results: &Map<String, Value>) -> io::Result<()> {
        if results.is_empty() {
            Ok(())
        } else {
            write_atomically(&self.results_file(), &serde_json::to_vec(results)?)
        }
    }

    /// What was logged with `action-log`.
    pub(crate) fn log(&self) -> Vec<(Timestamp, String)> {
        lines::read(&self.log_file())
    }

    pub(crate) fn add_to_log(&self, time: Timestamp, message: &str) -> io::Result<()> {
        lines::append(&self.log_file(), &[(time, message)])
    }
}
