//! YAML as charmcraft reads it: 1.1, as its readers have it, which is not what the standard says. What it means is one
//! kind of value, `serde_json`'s, for the rest of the program.

mod date;
mod read;
mod scalar;
#[cfg(test)]
mod table;
mod write;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use serde_json::{Map, Value};

use crate::shown::shown;
pub(super) use write::write;

/// A file's value, and its text.
pub(super) fn read_file(path: &Path) -> Result<(Value, String)> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", shown(path)))?;
    let value = read::read(&text).with_context(|| format!("{} is not right", shown(path)))?;
    Ok((value, text))
}

/// A file's value that must be a mapping, and the file's text.
pub(super) fn read_mapping(path: &Path) -> Result<(Map<String, Value>, String)> {
    match read_file(path)? {
        (Value::Object(map), text) => Ok((map, text)),
        _ => Err(anyhow!("it holds no mapping of keys to values"))
            .with_context(|| format!("{} is not right", shown(path))),
    }
}
