//! The local packer: packs what needs no charmcraft, and says that it did.

use std::env;
use std::fs::{self, File, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::archive;
use super::charm::Charm;
use super::files::{Content, Entry, Files};
use super::manifest::Manifest;
use super::part::{Part, Plugin};
use super::platform::Platform;
use super::python::{Interpreter, Tools};
use super::scripted::Scripts;
use super::stamp::Stamp;
use super::tree::is_dir;
use super::{dispatch, libs, metadata, parts, schema};
use crate::options::PackOptions;
use crate::shown::shown;
use crate::workspace::Workspace;

/// Packs the charm for this machine into its own directory; leaves the file alone when nothing changed.
pub(super) fn pack(
    charm: &Charm,
    workspace: &Workspace,
    why: &str,
    options: &PackOptions,
    tools: &Tools,
) -> Result<PathBuf> {
    schema::check(charm)?;
    let name = charm.name()?;
    if charm.implicit {
        eprintln!(
            "warning: charm {name} has no charmcraft.yaml: all of it is packed as plugin `{}` does, for a base that \
             nobody knows; charmcraft would refuse this",
            charm.yaml["parts"]["charm"]["plugin"].as_str().unwrap_or_default()
        );
    }
    libs::check(charm)?;
    let parts = Part::all(charm)?;
    let platform = Platform::choose(charm, parts.iter().any(Part::is_compiled))?;
    refuse_plugin_charm(&parts, &platform)?;
    let target = workspace.target.join("charms").join(&name);
    let _alone = alone(&target)?;
    if options.force {
        forget(&target)?;
    }

    let scripts = Scripts::new(charm, &platform, &target, options, tools)?;
    let mut collected = parts::collect(&parts, charm, &target, tools, &scripts)?;
    dispatch::add(&mut collected.files);
    let python = python(&parts, &collected.files, tools)?;
    metadata::add(&mut collected.files, charm)?;
    let mut files = collected.without_links()?;
    let manifest = Manifest { charm, platform: &platform, python }.text(&files)?;
    files.insert("manifest.yaml".into(), Entry::text(manifest));
    // Without these a unit would run nothing at all, and seem well.
    if !files.keys().any(|file| file == "dispatch" || file.starts_with("hooks/")) {
        bail!("charm {name} has neither dispatch nor hooks/: one of its parts must supply it");
    }

    refuse_unexecutable(&name, &files)?;

    let path = charm.dir.join(platform.file_name(&name));
    let state =
        if update(&path, &files, &target.join("stamp"), options.force)? { "packed" } else { "unchanged:" };
    eprintln!("{name}: {state} {} (local packer: {why})", shown(&path));
    Ok(path)
}

/// Refuses plugin `charm` for the systems that charmcraft has it for no more, but as an experiment.
fn refuse_plugin_charm(parts: &[Part], platform: &Platform) -> Result<()> {
    const LAST: &str = "25.04";
    const EXPERIMENT: &str = "CHARMCRAFT_ENABLE_EXPERIMENTAL_EXTENSIONS";
    let part = parts.iter().find(|part| part.plugin == Plugin::Charm);
    let newer = platform.bases.iter().find(|base| base.name == "ubuntu" && base.channel.as_str() > LAST);
    match (part, newer, env::var_os(EXPERIMENT)) {
        (Some(part), Some(base), None) => bail!(
            "part `{}`: charmcraft has no plugin `charm` for ubuntu@{}: take plugin `uv`, or set {EXPERIMENT}=1",
            part.name,
            base.channel
        ),
        _ => Ok(()),
    }
}

/// The charm's directory below the target directory, until the end of the pack for this process alone. It is the user's
/// own: what poetry exports has the passwords of indexes in it.
fn alone(target: &Path) -> Result<File> {
    let failed = || format!("cannot write in {}", target.display());
    fs::create_dir_all(target).with_context(failed)?;
    fs::set_permissions(target, Permissions::from_mode(0o700)).with_context(failed)?;
    let lock = File::create(target.join("lock")).with_context(failed)?;
    lock.lock().with_context(failed)?;
    Ok(lock)
}

/// Deletes what earlier packs of the charm left to be quick with, but for what cargo keeps.
fn forget(target: &Path) -> Result<()> {
    for (path, result) in [
        ("stamp", fs::remove_file(target.join("stamp"))),
        ("parts", fs::remove_dir_all(target.join("parts"))),
    ] {
        match result {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot delete {}", target.join(path).display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Writes the archive unless it holds just these files; returns whether it did.
fn update(path: &Path, files: &Files, note: &Path, force: bool) -> Result<bool> {
    let stamp = Stamp::of(files)?;
    if stamp.fits(note, path) {
        return Ok(false);
    }
    // What is no archive, or is gone, does not hold them.
    let is_new = force || !archive::holds(path, files).unwrap_or(false);
    if is_new {
        archive::write(path, files)?;
    }
    stamp.write(note, path)?;
    Ok(is_new)
}

/// The series of Python, such as 3.11, that the charm's packages are for.
fn python(parts: &[Part], files: &Files, tools: &Tools) -> Result<Option<String>> {
    let packages = parts.iter().any(Part::is_python) && is_dir(files, "venv");
    packages.then(|| tools.interpreter().map(Interpreter::series)).transpose()
}

/// Refuses code that a unit would skip: `dispatch`, or the hooks where there is none, without the execute bit.
fn refuse_unexecutable(name: &str, files: &Files) -> Result<()> {
    let dispatched = files.contains_key("dispatch");
    let is_code = |file: &str| match file.strip_prefix("hooks/") {
        // A hook's name has neither a dot nor a capital; hooks/lib.sh and hooks/README are no hooks.
        Some(hook) => {
            !dispatched && hook.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        }
        None => file == "dispatch",
    };
    let skipped = files.iter().filter(|(file, entry)| is_code(file) && entry.mode & 0o111 == 0);
    let sources: Vec<String> = skipped
        .map(|(file, entry)| match &entry.content {
            Content::File(source) => shown(source).to_string(),
            Content::Bytes(_) | Content::Link(_) => file.clone(),
        })
        .collect();
    if !sources.is_empty() {
        let sources = sources.join(" ");
        bail!("charm {name}: a unit would skip what is not executable, and seem well: chmod +x {sources}");
    }
    Ok(())
}
