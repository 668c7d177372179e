//! `rust`: the programs of crates.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::super::files::{Entry, Files};
use super::super::part::Part;
use crate::shown::shown;
use crate::workspace::cargo;

/// The programs of a crate in `bin/`, built for release by this machine's cargo.
pub(in crate::pack) fn rust(part: &Part, target: &Path) -> Result<Files> {
    if !cfg!(target_os = "linux") {
        return Err(part.refused("programs for Ubuntu can be built on Linux only"));
    }
    if let Some(channel) = part.text("rust-channel").filter(|channel| !["stable", "none"].contains(channel)) {
        return Err(part.refused(&format!("it wants Rust {channel}, and cargo here is what it is")));
    }
    let mut crates = part.list("rust-path")?;
    if crates.is_empty() {
        crates.push(".".into());
    }
    let mut files = Files::new();
    for path in crates {
        for program in build(part, &part.build_dir().join(path), target)? {
            let name = program.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            files.insert(format!("bin/{name}"), Entry { mode: 0o755, ..Entry::file(program.clone())? });
        }
    }
    Ok(files)
}

/// Runs `cargo build`, which knows best whether there is anything to do, and returns the crate's programs.
fn build(part: &Part, dir: &Path, target: &Path) -> Result<Vec<PathBuf>> {
    let dir =
        dir.canonicalize().with_context(|| format!("part `{}`: there is no {}", part.name, shown(dir)))?;
    let manifest = dir.join("Cargo.toml");
    if !manifest.is_file() {
        bail!("part `{}`: there is no {}", part.name, shown(&manifest));
    }
    let mut command = Command::new(cargo());
    command
        .args(["build", "--release", "--bins", "--message-format", "json-render-diagnostics"])
        .arg("--manifest-path")
        .arg(&manifest)
        .arg("--target-dir")
        .arg(target)
        // Where `.cargo/config.toml` is looked for.
        .current_dir(&dir)
        .stderr(Stdio::inherit());
    if dir.join("Cargo.lock").exists() {
        command.arg("--locked");
    }
    if part.flag("rust-no-default-features") {
        command.arg("--no-default-features");
    }
    match part.list("rust-features")?.as_slice() {
        [] => {}
        [all] if all == "*" => drop(command.arg("--all-features")),
        features => drop(command.args(["--features", &features.join(",")])),
    }
    let output = command.output().context("cannot run cargo")?;
    if !output.status.success() {
        bail!("part `{}`: cargo build failed in {} ({}): see above", part.name, shown(&dir), output.status);
    }
    let programs = programs(&output.stdout, &manifest);
    if programs.is_empty() {
        bail!("part `{}`: the crate in {} has no program", part.name, shown(&dir));
    }
    Ok(programs)
}

/// The programs that cargo's messages name, of this manifest's package alone.
fn programs(messages: &[u8], manifest: &Path) -> Vec<PathBuf> {
    #[derive(Deserialize)]
    struct Artifact {
        manifest_path: PathBuf,
        executable: Option<PathBuf>,
    }
    let artifacts =
        messages.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
    let ours = artifacts.filter(|artifact: &Artifact| artifact.manifest_path == manifest);
    ours.filter_map(|artifact| artifact.executable).collect()
}
