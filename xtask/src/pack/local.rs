//! The local packer: packs what needs no charmcraft, and says that it did.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::archive;
use super::charm::Charm;
use super::files::{Content, Entry, Files};
use super::part::Part;
use super::platform::Platform;
use super::scripted::Scripts;
use super::{manifest, parts};
use crate::options::PackOptions;
use crate::shown::shown;
use crate::workspace::Workspace;

/// Packs the charm for this machine into its own directory; leaves the file alone when nothing changed.
pub(super) fn pack(
    charm: &Charm,
    workspace: &Workspace,
    options: &PackOptions,
    why: &str,
) -> Result<PathBuf> {
    let name = charm.name()?;
    let parts = Part::all(charm)?;
    let platform = Platform::choose(charm, parts.iter().any(Part::is_compiled))?;
    let target = workspace.target.join("charms").join(&name);

    let scripts = Scripts::new(charm, &platform, &target, options)?;
    let mut files = parts::collect(&parts, charm, &target, &scripts)?;
    add_metadata(&mut files, charm, &platform)?;
    // Without these a unit would run nothing at all, and seem well.
    if !files.keys().any(|file| file == "dispatch" || file.starts_with("hooks/")) {
        bail!("charm {name} has neither dispatch nor hooks/: one of its parts must supply it");
    }

    refuse_unexecutable(&name, &files)?;

    let path = charm.dir.join(format!("{name}_{}.charm", platform.label));
    let state = if archive::write(&path, &files)? { "packed" } else { "unchanged:" };
    eprintln!("{name}: {state} {} (local packer: {why})", shown(&path));
    Ok(path)
}

/// Adds the files that charmcraft derives from `charmcraft.yaml`.
fn add_metadata(files: &mut Files, charm: &Charm, platform: &Platform) -> Result<()> {
    files.insert("metadata.yaml".into(), Entry::text(charm.metadata()?));
    files.insert("manifest.yaml".into(), Entry::text(manifest::text(platform)));
    for (name, text) in [("config.yaml", charm.config()?), ("actions.yaml", charm.actions()?)] {
        if let Some(text) = text {
            files.insert(name.into(), Entry::text(text));
        }
    }
    Ok(())
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
