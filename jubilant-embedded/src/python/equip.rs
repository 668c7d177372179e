//! Putting the chosen interpreter where a charm's hooks find it.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::ask::Interpreter;
use super::charm::{LINK, brings_its_own, packed_for};
use crate::ground::files::is_behind_link;

/// Fills `bin`, which comes first in the hooks' PATH, and has the unpacked charm's virtual environment, if it has one,
/// lead to the same interpreter. There is no `python`: Ubuntu has none, either.
pub(crate) fn equip(charm: &Path, bin: &Path, interpreter: &Interpreter) -> io::Result<()> {
    fs::create_dir_all(bin)?;
    for name in ["python3".to_owned(), interpreter.version.program()] {
        symlink(&interpreter.path, bin.join(name))?;
    }
    // What is behind a link is not the charm's.
    if brings_its_own(charm) || is_behind_link(charm, Path::new(LINK)) {
        return Ok(());
    }
    link(charm, interpreter)?;
    lead_home(&charm.join("venv/pyvenv.cfg"), interpreter)
}

/// Makes the link that `dispatch` would make by `which python3`, if there is such a program, and only where nothing is:
/// one that leads nowhere or elsewhere would stay.
fn link(charm: &Path, interpreter: &Interpreter) -> io::Result<()> {
    let link = charm.join(LINK);
    let stale = match link.symlink_metadata() {
        Ok(data) if data.is_symlink() => true,
        // It is the charm's own, whatever it is.
        Ok(_) => return Ok(()),
        Err(_) => false,
    };
    if stale {
        fs::remove_file(&link)?;
    } else if packed_for(charm).is_empty() {
        return Ok(());
    }
    if let Some(bin) = link.parent() {
        fs::create_dir_all(bin)?;
    }
    symlink(&interpreter.path, link)
}

/// Python takes its standard library from where `home` says: from another interpreter's, if the charm was packed with
/// another one of the same version.
fn lead_home(config: &Path, interpreter: &Interpreter) -> io::Result<()> {
    let Some(home) = interpreter.path.parent().and_then(Path::to_str) else { return Ok(()) };
    if !config.symlink_metadata().is_ok_and(|data| data.is_file()) {
        return Ok(());
    }
    let Ok(text) = fs::read_to_string(config) else { return Ok(()) };
    let is_home =
        |line: &str| line.split_once('=').is_some_and(|(key, _)| key.trim().eq_ignore_ascii_case("home"));
    let changed: String = text
        .split_inclusive('\n')
        .map(|line| if is_home(line) { format!("home = {home}\n") } else { line.to_owned() })
        .collect();
    if changed == text { Ok(()) } else { fs::write(config, changed) }
}

/// The interpreter that `bin` was filled with, if it is no longer there.
pub(crate) fn gone(bin: &Path) -> Option<PathBuf> {
    let python = fs::read_link(bin.join("python3")).ok()?;
    (!python.exists()).then_some(python)
}
