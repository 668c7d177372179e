//! The records of earlier runs, which the suite leaves in the target directory.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};

use crate::shown::shown;

/// The record that a report is made of: the given one, else the newest; absolute, since the suite runs elsewhere.
pub(crate) fn record(given: Option<&Path>, target: &Path) -> Result<PathBuf> {
    match given {
        Some(file) if file.is_file() => Ok(std::path::absolute(file)?),
        Some(file) => bail!("there is no file {}: name the moments.jsonl of a run", file.display()),
        None => {
            let runs = target.join("jubilant");
            newest(&runs).ok_or_else(|| {
                anyhow!(
                    "no run has left a moments.jsonl in {}: run cargo xtask integration first",
                    shown(&runs)
                )
            })
        }
    }
}

fn newest(runs: &Path) -> Option<PathBuf> {
    let records = fs::read_dir(runs).ok()?.flatten().map(|run| run.path().join("moments.jsonl"));
    let dated = records.filter_map(|record| {
        let data = record.metadata().ok().filter(fs::Metadata::is_file)?;
        Some((data.modified().ok()?, record))
    });
    dated.max().map(|(_, record)| record)
}
