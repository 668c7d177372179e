//! TOML files, with errors of one line.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use toml::Table;

use crate::shown::shown;

pub(in crate::pack) fn read_toml(path: &Path) -> Result<Table> {
    parse_toml(&read_text(path)?, path)
}

pub(super) fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", shown(path)))
}

pub(super) fn parse_toml(text: &str, path: &Path) -> Result<Table> {
    // The parser's own words are of several lines.
    text.parse()
        .map_err(|error: toml::de::Error| anyhow!("{} is not right: {}", shown(path), error.message()))
}
