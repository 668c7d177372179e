//! The moments of a run on disk, one line of JSON each: `target/jubilant/<run>/moments.jsonl`.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::moment::Moment;

/// The journal that a run writes. The file is made with the first moments.
pub(crate) struct Journal {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Journal {
    /// The journal of the run whose directory this is.
    pub(crate) fn of(directory: &Path) -> Journal {
        Journal { path: directory.join("moments.jsonl"), file: None }
    }

    /// Adds moments; they are on disk when it returns.
    pub(crate) fn write(&mut self, moments: impl Iterator<Item = Moment>) -> Result<(), String> {
        self.lines(moments).map_err(|error| {
            format!("the record of this run cannot be written: {}: {error}", self.path.display())
        })
    }

    fn lines(&mut self, moments: impl Iterator<Item = Moment>) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                fs::create_dir_all(self.path.parent().unwrap_or(Path::new(".")))?;
                self.file.insert(BufWriter::new(File::create(&self.path)?))
            }
        };
        for moment in moments {
            serde_json::to_writer(&mut *file, &moment)?;
            file.write_all(b"\n")?;
        }
        file.flush()
    }

    /// Reads a journal; one sentence says what is wrong with it.
    pub(crate) fn read(path: &Path) -> Result<Vec<Moment>, String> {
        let file = File::open(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let mut moments = Vec::new();
        let mut lines = BufReader::new(file).lines().enumerate().peekable();
        while let Some((index, line)) = lines.next() {
            let bad = |problem: &dyn std::fmt::Display| {
                format!("{} is not the record of a run: line {}: {problem}", path.display(), index + 1)
            };
            let line = line.map_err(|error| bad(&error))?;
            match serde_json::from_str(&line) {
                Ok(moment) => moments.push(moment),
                // A run that was killed may have left half a line.
                Err(_) if lines.peek().is_none() && !moments.is_empty() => {}
                Err(error) => return Err(bad(&error)),
            }
        }
        if moments.is_empty() {
            return Err(format!("{} is not the record of a run: it is empty", path.display()));
        }
        Ok(moments)
    }
}
