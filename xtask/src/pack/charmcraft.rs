//! Packing with charmcraft.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use super::charm::Charm;
use super::packed::newest_packed;
use crate::shown::shown;

/// How `charmcraft pack` went, when it did not fail because of the charm.
pub(super) enum Outcome {
    Packed(PathBuf),
    /// There is no LXD, no Multipass and the machine itself is none that charmcraft builds on.
    NowhereToBuild,
}

/// The charmcraft on the `PATH`.
pub(super) fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join("charmcraft")).find(|program| is_executable(program))
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// Runs `charmcraft pack ARGS…` in the charm's directory, its output shown as it comes.
pub(super) fn pack(program: &Path, charm: &Charm, args: &[String]) -> Result<Outcome> {
    // It shares its instances and its log files with itself: one at a time, and its output stays readable.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    eprintln!("{}: running charmcraft pack in {}", charm.name()?, shown(&charm.dir));
    let before = newest_packed(charm)?.map(|(_, time)| time).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut child = Command::new(program)
        .arg("pack")
        .args(args)
        .current_dir(&charm.dir)
        // Our stdout has the paths alone; charmcraft repeats the file name there, which is of no use to anyone.
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", program.display()))?;
    let mut said = String::new();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            // A terminal that is gone must not stop the packing.
            let _ = writeln!(std::io::stderr(), "{line}");
            said.push_str(&line);
            said.push('\n');
        }
    }
    let status = child.wait()?;
    if !status.success() {
        if is_about_the_machine(&said) {
            return Ok(Outcome::NowhereToBuild);
        }
        bail!("charmcraft pack failed in {} ({status}): see its output above", shown(&charm.dir));
    }
    match newest_packed(charm)? {
        Some((path, time)) if time >= before => Ok(Outcome::Packed(path)),
        _ => {
            bail!("charmcraft pack succeeded but left no {}_*.charm in {}", charm.name()?, shown(&charm.dir))
        }
    }
}

/// Whether a failure is about where to build rather than about the charm.
fn is_about_the_machine(said: &str) -> bool {
    // The messages of craft-providers and craft-application, which charmcraft is made of.
    const SIGNS: [&str; 7] = [
        "lxd is required",
        "lxd requires additional permissions",
        "failed to install lxd",
        "multipass is required",
        "failed to install multipass",
        "does not meet the minimum required version",
        "builds cannot be performed on this",
    ];
    let said = said.to_lowercase();
    SIGNS.iter().any(|sign| said.contains(sign))
}
