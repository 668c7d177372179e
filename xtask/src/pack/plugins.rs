//! What the `dump` and `rust` plugins do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use super::archive::{Entry, Files};
use super::part::Part;
use crate::shown::shown;
use crate::workspace::cargo;

/// Every file of the source directory.
pub(super) fn dump(part: &Part) -> Result<Files> {
    let root = part.source.canonicalize()?;
    let mut files = Files::new();
    dump_dir(part, &root, &root, &mut files)?;
    Ok(files)
}

fn dump_dir(part: &Part, root: &Path, dir: &Path, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", shown(dir)))? {
        let path = entry?.path();
        let name =
            path.strip_prefix(root)?.to_str().ok_or_else(|| anyhow!("{} is not UTF-8", path.display()))?;
        if is_left_out(name) {
            continue;
        }
        let kind = fs::symlink_metadata(&path)?.file_type();
        if kind.is_dir() {
            dump_dir(part, root, &path, files)?;
        } else if kind.is_file() {
            files.insert(name.to_owned(), Entry::file(path)?);
        } else if kind.is_symlink() {
            files.insert(name.to_owned(), Entry::file(linked(part, root, &path)?)?);
        } else {
            return Err(part.refused(&format!("{name} is neither a file nor a directory")));
        }
    }
    Ok(())
}

/// What the source directory holds besides sources: earlier packs, version control, what cargo built.
fn is_left_out(name: &str) -> bool {
    [".git", "target"].contains(&name) || name.ends_with(".charm")
}

/// What a link leads to: a charm has no links, so the file itself goes in.
fn linked(part: &Part, root: &Path, link: &Path) -> Result<PathBuf> {
    let name = shown(link);
    let file = link.canonicalize().with_context(|| format!("part `{}`: {name} leads nowhere", part.name))?;
    if !file.starts_with(root) {
        bail!("part `{}`: {name} leads out of the part's source: put the file itself there", part.name);
    }
    if !file.is_file() {
        return Err(part.refused(&format!("{name} is a link to a directory")));
    }
    Ok(file)
}

/// The programs of a crate in `bin/`, built for release by this machine's cargo.
pub(super) fn rust(part: &Part, target: &Path) -> Result<Files> {
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
        for program in build(part, &part.source.join(path), target)? {
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
