//! `cargo xtask pack`: which packer packs a charm.

mod archive;
mod charm;
mod charmcraft;
mod files;
mod filter;
mod local;
mod manifest;
mod packed;
mod part;
mod parts;
mod platform;
mod plugins;
mod script;
mod scripted;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::options::{PackOptions, Packer};
use crate::shown::shown;
use crate::workspace::Workspace;
pub(crate) use charm::Charm;
use charmcraft::Outcome;
pub(crate) use script::craftctl;

/// Packs the charm in `dir`, if it has to be, and returns the absolute path of the `.charm` file.
pub(crate) fn pack(dir: &Path, workspace: &Workspace, options: &PackOptions) -> Result<PathBuf> {
    let charm = Charm::read(dir)?;
    if options.packer == Packer::Local {
        return local::pack(&charm, workspace, options, "asked for");
    }
    if let Some(path) = packed::up_to_date(&charm)? {
        eprintln!("{}: {} is up to date (packed by charmcraft)", charm.name()?, shown(&path));
        return Ok(path);
    }
    match (charmcraft::find(), options.packer) {
        (None, Packer::Charmcraft) => {
            bail!(
                "charmcraft is not installed: sudo snap install charmcraft --classic, or use --packer local"
            )
        }
        (None, _) => local::pack(&charm, workspace, options, "charmcraft is not installed"),
        (Some(program), packer) => match charmcraft::pack(&program, &charm, &options.charmcraft_args)? {
            Outcome::Packed(path) => {
                eprintln!("{}: packed {} (charmcraft)", charm.name()?, shown(&path));
                Ok(path)
            }
            Outcome::NowhereToBuild if packer == Packer::Auto => {
                eprintln!(
                    "warning: charmcraft has nowhere to build (see above); the local packer takes its place"
                );
                local::pack(&charm, workspace, options, "charmcraft cannot build on this machine")
            }
            Outcome::NowhereToBuild => {
                bail!("charmcraft has nowhere to build (see above): set up LXD, or use --packer local")
            }
        },
    }
}
