//! The model's log and the units' status history.

use serde::{Deserialize, Serialize};

use crate::ground::name::UnitName;
use crate::ground::time::Timestamp;

/// One line of the model's log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Line {
    #[serde(rename = "t")]
    pub(crate) time: Timestamp,
    #[serde(rename = "e")]
    pub(crate) entity: String,
    #[serde(rename = "l")]
    pub(crate) level: Level,
    #[serde(rename = "m")]
    pub(crate) module: String,
    #[serde(rename = "x")]
    pub(crate) message: String,
    /// The file that holds the message instead, if it is long.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
}

/// Log levels, least severe first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Level {
    Trace,
    Debug,
    Info,
    Warning,
    Error,
    Critical,
}

impl Level {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_uppercase().as_str() {
            "TRACE" => Self::Trace,
            "DEBUG" => Self::Debug,
            "INFO" => Self::Info,
            "WARNING" | "WARN" => Self::Warning,
            "ERROR" => Self::Error,
            "CRITICAL" => Self::Critical,
            _ => return None,
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }
}

/// What the model's `logging-config` lets through: `<root>=INFO;unit=DEBUG`.
pub(crate) fn is_logged(config: &str, module: &str, level: Level) -> bool {
    let mut best: Option<(usize, Level)> = None;
    for part in config.split(';') {
        let Some((name, threshold)) = part.split_once('=') else { continue };
        let Some(threshold) = Level::parse(threshold.trim()) else { continue };
        let name = name.trim();
        let matches = name == "<root>"
            || module.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/']));
        let weight = if name == "<root>" { 0 } else { name.len() };
        if matches && best.is_none_or(|(known, _)| weight >= known) {
            best = Some((weight, threshold));
        }
    }
    level >= best.map_or(Level::Info, |(_, threshold)| threshold)
}

/// One change of a unit's status.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) unit: UnitName,
    pub(crate) kind: ChangeKind,
    pub(crate) current: String,
    pub(crate) message: String,
    pub(crate) since: Timestamp,
}

/// Whose status changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ChangeKind {
    Workload,
    Agent,
}

/// What happened and is to be written down; no part of the model's state.
#[derive(Debug, Clone, Default)]
pub(crate) struct News {
    pub(crate) lines: Vec<Line>,
    pub(crate) changes: Vec<Change>,
}

/// Juju's default `logging-config`.
pub(crate) const DEFAULT_LOGGING: &str = "<root>=INFO";
