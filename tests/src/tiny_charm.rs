//! Charms of a few lines of shell, made by the tests that need them.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use zip::write::SimpleFileOptions;

/// Writes `<name>.charm` into `directory`: a charm whose hooks are the given shell scripts.
///
/// # Errors
/// If the file cannot be written.
pub fn pack(directory: &Path, name: &str, hooks: &[(&str, &str)]) -> anyhow::Result<PathBuf> {
    let path = directory.join(format!("{name}.charm"));
    let mut archive = zip::ZipWriter::new(File::create(&path).with_context(|| path.display().to_string())?);
    let plain = SimpleFileOptions::default().unix_permissions(0o644);
    let executable = plain.unix_permissions(0o755);
    archive.start_file("metadata.yaml", plain)?;
    write!(archive, "name: {name}\nsummary: A tiny charm.\ndescription: Made by a test.\n")?;
    for (hook, script) in hooks {
        archive.start_file(format!("hooks/{hook}"), executable)?;
        write!(archive, "#!/bin/sh\nset -eu\n{script}\n")?;
    }
    archive.finish()?;
    Ok(path)
}
