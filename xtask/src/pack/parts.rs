//! What the parts of a charm put into it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, anyhow, bail};

use super::charm::Charm;
use super::files::{Content, Entry, Files};
use super::filter::staged_and_primed;
use super::links::{self, BrokenLink};
use super::organize::organize;
use super::part::{Part, Plugin};
use super::python::Tools;
use super::scripted::Scripts;
use super::tree::{below, is_dir, upwards};
use super::{permissions, plugins, source};

/// The files of a charm, and which part each is of.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) files: Files,
    parts: BTreeMap<String, String>,
}

/// The files of all parts; two parts may give the same file only with the same contents.
pub(super) fn collect(
    parts: &[Part],
    charm: &Charm,
    target: &Path,
    tools: &Tools,
    scripts: &Scripts<'_>,
) -> Result<Collected> {
    parts.iter().try_for_each(source::check)?;
    let mut all = Collected::default();
    for part in parts {
        for (path, entry) in files(part, target, tools, scripts)? {
            if let Some(other) = all.other(&path, &entry)? {
                bail!(
                    "two parts of charm {}, `{other}` and `{}`, give different files {path}: leave one out by `stage`",
                    charm.name()?,
                    part.name
                );
            }
            all.parts.insert(path.clone(), part.name.clone());
            all.files.insert(path, entry);
        }
    }
    Ok(all)
}

impl Collected {
    /// The part that has something else at this path, or on the way to it.
    fn other(&self, path: &str, entry: &Entry) -> Result<Option<&str>> {
        let occupied = match self.files.get(path) {
            Some(other) => (!are_same(other, entry)?).then_some(path),
            None if is_dir(&self.files, path) => {
                below(&self.files, path).map(|(path, _)| path.as_str()).next()
            }
            None => upwards(path).find(|path| self.files.contains_key(*path)),
        };
        Ok(occupied.and_then(|path| self.parts.get(path)).map(String::as_str))
    }

    /// The files, with what they lead to in place of links.
    pub(super) fn without_links(self) -> Result<Files> {
        let part = |broken: &BrokenLink| self.parts.get(&broken.path).cloned();
        links::resolve(self.files).map_err(|broken| match part(&broken) {
            Some(part) => anyhow!("part `{part}`: {broken}"),
            None => anyhow!("{broken}"),
        })
    }
}

fn are_same(one: &Entry, other: &Entry) -> Result<bool> {
    let has_link = [one, other].iter().any(|entry| matches!(entry.content, Content::Link(_)));
    if one == other || has_link {
        return Ok(one.content == other.content);
    }
    Ok(one.mode == other.mode && one.size()? == other.size()? && one.bytes()? == other.bytes()?)
}

/// The files that a part adds to the charm.
fn files(part: &Part, target: &Path, tools: &Tools, scripts: &Scripts<'_>) -> Result<Files> {
    let files = scripts.files(part, &|part| installed(part, target, tools))?;
    chosen(part, files).map_err(|error| part.wrong(&error))
}

/// What its plugin installs.
fn installed(part: &Part, target: &Path, tools: &Tools) -> Result<Files> {
    // What is made for a part is kept from one pack to the next.
    let work = || target.join("parts").join(&part.name).join("python");
    let python = |plugin: fn(&Part, &Tools, &Path) -> Result<Files>| {
        plugin(part, tools, &work()).map_err(|error| part.wrong(&error))
    };
    match part.plugin {
        Plugin::Dump => plugins::dump(part),
        Plugin::Rust => plugins::rust(part, &target.join("cargo").join(&part.name)),
        Plugin::Nil => Ok(Files::new()),
        Plugin::Uv => python(plugins::uv),
        Plugin::Charm => python(plugins::charm),
        Plugin::Poetry => python(plugins::poetry),
        Plugin::Python => python(plugins::python),
    }
}

/// What `organize`, `stage`, `prime` and `permissions` make of what was installed.
fn chosen(part: &Part, installed: Files) -> Result<Files> {
    let files = organize(installed, part.keys.get("organize"))?;
    let files = staged_and_primed(files, &part.list("stage")?, &part.list("prime")?)?;
    permissions::apply(files, part.keys.get("permissions"))
}
