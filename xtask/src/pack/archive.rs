//! The `.charm` file: a zip with unix modes, the same bytes for the same contents.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::files::Files;

/// What in `manifest.yaml` says that charmcraft did not pack the charm.
pub(super) const MARKER: &str = "packed-by";

/// Writes the archive, unless the file has these contents already; returns whether it did. The file is replaced as a
/// whole, so that nobody meets half a charm.
pub(super) fn write(path: &Path, files: &Files) -> Result<bool> {
    if has_contents(path, files).unwrap_or(false) {
        return Ok(false);
    }
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::Builder::new()
        .prefix(".packing-")
        .suffix(".charm")
        // Unlike other temporary files, it is for everyone whom the umask allows.
        .permissions(fs::Permissions::from_mode(0o666))
        .tempfile_in(dir)
        .with_context(|| format!("cannot write in {}", dir.display()))?;
    write_zip(BufWriter::new(temporary.as_file_mut()), files)
        .with_context(|| format!("cannot write {}", path.display()))?;
    temporary.persist(path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(true)
}

fn write_zip(out: impl Write + Seek, files: &Files) -> Result<()> {
    let mut zip = ZipWriter::new(out);
    for (name, entry) in files {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(entry.mode);
        zip.start_file(name.as_str(), options)?;
        zip.write_all(&entry.bytes()?)?;
    }
    zip.finish()?.flush()?;
    Ok(())
}

fn has_contents(path: &Path, files: &Files) -> Result<bool> {
    let mut zip = open(path)?;
    if zip.len() != files.len() {
        return Ok(false);
    }
    for (name, entry) in files {
        let mut packed = match zip.by_name(name) {
            Ok(packed) => packed,
            Err(_) => return Ok(false),
        };
        let mut bytes = Vec::new();
        packed.read_to_end(&mut bytes)?;
        if packed.unix_mode().map(|mode| mode & 0o777) != Some(entry.mode) || bytes != entry.bytes()? {
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
