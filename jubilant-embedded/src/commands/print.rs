//! How results become text.

use std::path::Path;

use serde_json::Value;

use crate::ground::args::Args;
use crate::ground::failure::Failure;
use crate::ground::yaml;

/// A value as text, as `tabular` says or in the format that was asked for.
pub(super) fn render(
    args: &Args,
    value: &Value,
    tabular: impl FnOnce() -> String,
) -> Result<String, Failure> {
    Ok(match args.get("format") {
        Some("json") => format!("{value}\n"),
        Some("yaml") => yaml::to_string(value),
        // Which others there are is said with the command.
        _ => tabular(),
    })
}

pub(super) fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| cannot_write(path, &error))
}

pub(super) fn cannot_write(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("cannot write {}: {error}", path.display()))
}

/// Columns of text, two blanks apart.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
