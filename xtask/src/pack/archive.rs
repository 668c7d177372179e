//! The `.charm` file: a zip with unix modes, the same bytes for the same contents.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use anyhow::Result;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::files::Files;
use super::replace::replace;

/// What in `manifest.yaml` says that charmcraft did not pack the charm.
pub(super) const MARKER: &str = "packed-by";

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
            .unix_permissions(entry.mode);
        zip.start_file(name.as_str(), options)?;
        zip.write_all(&entry.bytes()?)?;
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
        let mut bytes = Vec::new();
        packed.read_to_end(&mut bytes)?;
        if bytes != entry.bytes()? {
            return Ok(false);
        }
    }
    Ok(true)
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
