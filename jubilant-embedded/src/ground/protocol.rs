//! What client and controller say to each other: one JSON request line, then reply frames, one per line.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::paths::StateDir;

/// One command of a user or a hook.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) kind: Kind,
    pub(crate) args: Vec<String>,
    pub(crate) cwd: PathBuf,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stdin: Option<String>,
    /// Which program file the client belongs to: see [`identity`]. Tools send none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) identity: String,
    /// Whether the output goes to a terminal: `debug-log` follows only there.
    #[serde(default)]
    pub(crate) terminal: bool,
    /// The few environment variables that matter to a command: `JUJU_MODEL`, and those by which a Python is found.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) env: BTreeMap<String, String>,
}

/// Who is asking.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// `juju …`
    Cli,
    /// A hook tool, called from the hook with this context.
    Tool { name: String, context: String },
    /// A newer program asks its predecessor to end.
    End,
}

/// One piece of a reply. The last one is `Code` or `Superseded`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Frame {
    Out(String),
    Err(String),
    /// Nothing, sent now and then so that a vanished client is noticed.
    Alive,
    /// The controller belongs to another build of the program than the client.
    Superseded,
    Code(i32),
}

/// Names a build of the program: a rebuilt executable is another file.
pub(crate) fn identity(dir: &StateDir) -> String {
    let file = match std::fs::metadata(dir.program()) {
        Ok(meta) => format!("{}:{}", meta.dev(), meta.ino()),
        Err(_) => "none".into(),
    };
    format!("{}:{file}", env!("CARGO_PKG_VERSION"))
}
