//! Packing with charmcraft.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use super::charm::Charm;
use super::packed;
use crate::shown::shown;

/// How `charmcraft pack` went, when it did not fail because of the charm.
pub(super) enum Outcome {
    Packed(PathBuf),
    /// There is no LXD, no Multipass and the machine itself is none that charmcraft builds on.
    NowhereToBuild,
}

/// Runs `charmcraft pack ARGS…` in the charm's directory, its output shown as it comes.
pub(super) fn pack(program: &Path, charm: &Charm, args: &[String]) -> Result<Outcome> {
    // It shares its instances and its log files with itself: one at a time, and its output stays readable.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    eprintln!("{}: running charmcraft pack in {}", charm.name()?, shown(&charm.dir));
    let before = packed::all(charm)?;
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
        let multipass = env::var_os("CRAFT_BUILD_ENVIRONMENT").is_some_and(|place| place == "multipass");
        if is_about_the_machine(&said, multipass) {
            return Ok(Outcome::NowhereToBuild);
        }
        bail!("charmcraft pack failed in {} ({status}): see its output above", shown(&charm.dir));
    }
    let now = packed::all(charm)?;
    // If it wrote none at all, it found the newest of them right.
    let newest = before.iter().map(|packed| packed.modified).max();
    let mut made: Vec<_> = now.iter().filter(|packed| !before.contains(packed)).cloned().collect();
    if made.is_empty() {
        made = now.into_iter().filter(|packed| Some(packed.modified) >= newest).collect();
    }
    if made.is_empty() {
        bail!("charmcraft pack succeeded but left no {}_*.charm in {}", charm.name()?, shown(&charm.dir));
    }
    packed::for_this_machine(charm, made).map(Outcome::Packed)
}

/// Whether a failure is about where to build rather than about the charm.
fn is_about_the_machine(said: &str, multipass: bool) -> bool {
    // The messages of craft-providers and craft-application, which charmcraft is made of, and those of the clients
    // that it calls, when there is no daemon behind them.
    const SIGNS: [&str; 14] = [
        "lxd is required",
        "lxd requires additional permissions",
        "lxd has not been properly initialized",
        "could not determine lxd version",
        "failed to install lxd",
        "unable to connect to snapd service",
        "multipass is required",
        "failed to install multipass",
        "does not meet the minimum required version",
        "builds cannot be performed on this",
        "package backend 'apt' is not supported on this environment",
        "unix.socket: connect: ",
        "cannot connect to the docker daemon",
        "failed to connect to the docker api",
    ];
    // charmcraft's words where the very program is missing; elsewhere they may mean anything.
    const NO_PROGRAM: &str = "charmcraft internal error: filenotfounderror(2, 'no such file or directory')";
    let said = said.to_lowercase();
    let without_program = multipass || said.contains("could not connect to api using pylxd");
    SIGNS.iter().any(|sign| said.contains(sign)) || (without_program && said.contains(NO_PROGRAM))
}
