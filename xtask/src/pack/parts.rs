//! What the parts of a charm put into it.

use std::path::Path;

use anyhow::{Result, bail};

use super::charm::Charm;
use super::files::Files;
use super::filter::{Filter, organize};
use super::part::{Part, Plugin};
use super::plugins;
use super::scripted::Scripts;

/// The files of all parts; two parts may give the same file only with the same contents.
pub(super) fn collect(parts: &[Part], charm: &Charm, target: &Path, scripts: &Scripts) -> Result<Files> {
    let mut all = Files::new();
    for part in parts {
        for (path, entry) in files(part, target, scripts)? {
            if let Some(other) = all.get(&path)
                && (other.mode != entry.mode || other.bytes()? != entry.bytes()?)
            {
                bail!(
                    "two parts of charm {} give different files {path}: leave one out by `stage`",
                    charm.name()?
                );
            }
            all.insert(path, entry);
        }
    }
    Ok(all)
}

/// The files that a part adds to the charm.
fn files(part: &Part, target: &Path, scripts: &Scripts) -> Result<Files> {
    let plugin = |part: &Part| match part.plugin {
        Plugin::Dump => plugins::dump(part),
        Plugin::Rust => plugins::rust(part, &target.join(&part.name)),
        Plugin::Nil => Ok(Files::new()),
    };
    let files = scripts.files(part, &plugin)?;
    let files = organize(files, part.keys.get("organize")).map_err(|error| part.wrong(&error))?;
    ["stage", "prime"].iter().try_fold(files, |files, key| {
        let filter = Filter::new(&part.list(key)?).map_err(|error| part.wrong(&error))?;
        Ok(files.into_iter().filter(|(path, _)| filter.keeps(path)).collect())
    })
}
