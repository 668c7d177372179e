//! The `.charm` file: a zip with unix modes, the same bytes for the same contents.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::files::Files;
use super::replace::replace;

/// What in `manifest.yaml` says that charmcraft did not pack the charm.
pub(super) const MARKER: &str = "packed-by";

/// How many bytes are compared at once.
const PIECE: usize = 64 << 10;

/// Writes the archive. The file is replaced as a whole, so that nobody meets half a charm.
pub(super) fn write(path: &Path, files: &Files) -> Result<()> {
    replace(path, |file| write_zip(BufWriter::new(file), files))
}

fn write_zip(out: impl Write + Seek, files: &Files) -> Result<()> {
    let mut zip = ZipWriter::new(out);
    for (name, entry) in files {
        let options = SimpleFileOptions::default()
            // It stays on this machine, mostly: compressing took twenty times as long as all the rest, in a debug build.
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .unix_permissions(entry.mode)
            .large_file(entry.size()? >= u64::from(u32::MAX));
        zip.start_file(name.as_str(), options)?;
        // A charm may be larger than the memory: no file is read as a whole.
        io::copy(&mut entry.open()?, &mut zip).with_context(|| format!("cannot pack {name}"))?;
    }
    zip.finish()?.flush()?;
    Ok(())
}

/// Whether the archive holds these files, as they are.
pub(super) fn holds(path: &Path, files: &Files) -> Result<bool> {
    let mut zip = open(path)?;
    if zip.len() != files.len() {
        return Ok(false);
    }
    for (name, entry) in files {
        let Ok(mut packed) = zip.by_name(name) else { return Ok(false) };
        if packed.unix_mode().map(|mode| mode & 0o777) != Some(entry.mode) || packed.size() != entry.size()? {
            return Ok(false);
        }
        if !are_equal(&mut packed, &mut entry.open()?)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether two readers of as many bytes give the same.
fn are_equal(one: &mut dyn Read, other: &mut dyn Read) -> io::Result<bool> {
    let (mut mine, mut theirs) = (vec![0; PIECE], vec![0; PIECE]);
    loop {
        let count = one.read(&mut mine)?;
        other.read_exact(&mut theirs[..count])?;
        if count == 0 || mine[..count] != theirs[..count] {
            return Ok(count == 0);
        }
    }
}

fn open(path: &Path) -> Result<ZipArchive<BufReader<File>>> {
    Ok(ZipArchive::new(BufReader::new(File::open(path)?))?)
}

/// Whether the local packer made this file.
pub(super) fn is_local(path: &Path) -> bool {
    let read = || -> Result<String> {
        let mut manifest = String::new();
        open(path)?.by_name("manifest.yaml")?.read_to_string(&mut manifest)?;
        Ok(manifest)
    };
    read().is_ok_and(|manifest| manifest.contains(MARKER))
}
