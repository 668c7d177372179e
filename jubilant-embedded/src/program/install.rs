//! Installing the program: one executable, linked under every name it is called by.

use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::ground::files::write_atomically;
use crate::ground::paths::{PROGRAM, StateDir};
use crate::tools;

/// What `bin/source` records about the installed program.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Source {
    version: String,
    path: PathBuf,
    inode: u64,
    modified: i64,
    length: u64,
}

/// Makes the directory complete: program, `juju`, hook tools.
pub(super) fn install_into(dir: &StateDir) -> Result<(), Error> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Install { path, source }
    };
    dir.create().map_err(at(dir.path()))?;
    let exe = env::current_exe().map_err(at(&dir.program()))?;
    if exe.parent() == Some(&dir.bin()) {
        return Ok(()); // the installed program itself
    }
    for sub in [dir.bin(), dir.tools(), dir.models()] {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&sub).map_err(at(&sub))?;
    }
    delete_stale(dir);
    let source = describe(&exe).map_err(at(&exe))?;
    if is_current(dir, &source) {
        return Ok(());
    }
    link_program(dir, &exe).map_err(at(&dir.program()))?;
    link(Path::new(PROGRAM), &dir.juju()).map_err(at(&dir.juju()))?;
    let target = Path::new("../bin").join(PROGRAM);
    for tool in tools::names() {
        let path = dir.tools().join(tool);
        link(&target, &path).map_err(at(&path))?;
    }
    // Last: where it is, all is there.
    let record = dir.bin().join("source");
    let text = serde_json::to_vec(&source).map_err(io::Error::from).map_err(at(&record))?;
    write_atomically(&record, &text).map_err(at(&record))
}

fn describe(exe: &Path) -> io::Result<Source> {
    let meta = fs::metadata(exe)?;
    Ok(Source {
        version: env!("CARGO_PKG_VERSION").into(),
        path: exe.into(),
        inode: meta.ino(),
        modified: meta.mtime(),
        length: meta.len(),
    })
}

/// Whether the installed program serves: it came from this very file, or from another one of the same version
/// that was built later (two test executables must not replace each other in turns, and none must run on what
/// an older build of the project left).
fn is_current(dir: &StateDir, source: &Source) -> bool {
    let Ok(text) = fs::read(dir.bin().join("source")) else { return false };
    let Ok(installed) = serde_json::from_slice::<Source>(&text) else { return false };
    dir.program().exists()
        && installed.version == source.version
        && (installed == *source || (installed.path != source.path && installed.modified >= source.modified))
}

/// How the program is called while it is being put into place; the process that does it follows.
fn temporary_name(process: &str) -> String {
    format!(".{PROGRAM}.{process}")
}

/// Deletes what installations left that were killed.
fn delete_stale(dir: &StateDir) {
    for entry in fs::read_dir(dir.bin()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(&temporary_name("")).and_then(|pid| pid.parse::<u32>().ok());
        if process.is_some_and(|pid| !Path::new("/proc").join(pid.to_string()).exists()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Links (or, across file systems, copies) the program into place in one step.
fn link_program(dir: &StateDir, exe: &Path) -> io::Result<()> {
    let temporary = dir.bin().join(temporary_name(&process::id().to_string()));
    let _ = fs::remove_file(&temporary);
    fs::hard_link(exe, &temporary).or_else(|_| fs::copy(exe, &temporary).map(drop))?;
    // Renaming one link of a file over another does nothing and leaves both.
    fs::rename(&temporary, dir.program())?;
    let _ = fs::remove_file(&temporary);
    Ok(())
}

fn link(target: &Path, path: &Path) -> io::Result<()> {
    match symlink(target, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
