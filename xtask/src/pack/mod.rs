//! `cargo xtask pack`: which packer packs a charm.

mod analysis;
mod archive;
mod charm;
mod charmcraft;
mod dispatch;
mod files;
mod filter;
mod glob;
mod inputs;
mod jujuignore;
mod libs;
mod links;
mod local;
mod made;
mod manifest;
mod metadata;
mod order;
mod organize;
mod packed;
mod part;
mod part_keys;
mod parts;
mod permissions;
mod place;
mod platform;
mod plugins;
mod pylist;
mod python;
mod replace;
mod schema;
mod script;
mod scripted;
mod source;
mod stamp;
mod tree;
mod yaml;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use anyhow::{Result, anyhow, bail};

use crate::options::{PackOptions, Packer};
use crate::programs::on_path;
use crate::shown::shown;
use crate::workspace::Workspace;
pub(crate) use charm::Charm;
use charmcraft::Outcome;
use python::Tools;
pub(crate) use python::{Interpreter, VARIABLE};
pub(crate) use script::craftctl;

/// Packs the charms in these directories, side by side, if they have to be, and returns the absolute paths of the
/// `.charm` files.
pub(crate) fn pack_all(
    dirs: &[PathBuf],
    workspace: &Workspace,
    options: &PackOptions,
) -> Result<Vec<PathBuf>> {
    // One interpreter for all of them.
    let tools = Tools::new(options.python.clone());
    let packed: Vec<OnceLock<Result<PathBuf>>> = dirs.iter().map(|_| OnceLock::new()).collect();
    let queue = Mutex::new(dirs.iter().zip(&packed));
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let workers = thread::available_parallelism().map_or(1, NonZero::get).min(dirs.len());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((dir, packed)) = next() {
                    let _ = packed.set(pack(dir, workspace, options, &tools));
                }
            });
        }
    });
    let (mut paths, mut failures) = (Vec::new(), Vec::new());
    for packed in packed.into_iter().filter_map(OnceLock::into_inner) {
        match packed {
            Ok(path) => paths.push(path),
            Err(error) => failures.push(format!("{error:#}")),
        }
    }
    if failures.is_empty() { Ok(paths) } else { Err(anyhow!(failures.join("\nerror: "))) }
}

/// Packs the charm in `dir`, if it has to be.
fn pack(dir: &Path, workspace: &Workspace, options: &PackOptions, tools: &Tools) -> Result<PathBuf> {
    let locally = |charm: &Charm, why: &str| local::pack(charm, workspace, why, options, tools);
    let charm = Charm::read(dir)?;
    if options.packer == Packer::Local {
        return locally(&charm, "asked for");
    }
    if charm.implicit && options.packer == Packer::Auto {
        return locally(&charm, "it has no charmcraft.yaml");
    }
    if !options.force
        && let Some(path) = packed::up_to_date(&charm)?
    {
        eprintln!("{}: {} is up to date (packed by charmcraft)", charm.name()?, shown(&path));
        return Ok(path);
    }
    let Some(program) = on_path("charmcraft") else {
        if options.packer == Packer::Auto {
            return locally(&charm, "charmcraft is not installed");
        }
        bail!("charmcraft is not installed: sudo snap install charmcraft --classic, or use --packer local");
    };
    match charmcraft::pack(&program, &charm, &options.charmcraft_args)? {
        Outcome::Packed(path) => {
            eprintln!("{}: packed {} (charmcraft)", charm.name()?, shown(&path));
            Ok(path)
        }
        Outcome::NowhereToBuild if options.packer == Packer::Auto => {
            eprintln!(
                "warning: charmcraft has nowhere to build (see above); the local packer takes its place"
            );
            locally(&charm, "charmcraft cannot build on this machine")
        }
        Outcome::NowhereToBuild => {
            bail!("charmcraft has nowhere to build (see above): set up LXD, or use --packer local")
        }
    }
}
