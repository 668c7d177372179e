//! Files of JSON lines that are only appended to.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Appends entries in one write, so that readers see whole lines and a killed writer leaves none torn.
pub(crate) fn append<T: Serialize>(path: &Path, entries: &[T]) -> io::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut lines = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut lines, entry)?;
        lines.push(b'\n');
    }
    OpenOptions::new().create(true).append(true).open(path)?.write_all(&lines)
}

/// The entries of a journal; a line that cannot be read is passed over.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Vec<T> {
    let Ok(file) = File::open(path) else { return Vec::new() };
    let lines = BufReader::new(file).lines().map_while(Result::ok);
    lines.filter_map(|line| serde_json::from_str(&line).ok()).collect()
}
