//! A part with `override-build`: its real directories, and what is in them when its script is done.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use super::charm::Charm;
use super::files::{Content, Files, walk};
use super::inputs::inputs;
use super::part::{Part, Plugin};
use super::platform::Platform;
use super::python::Tools;
use super::script::{self, Class, Directories, Project, Script};
use crate::options::PackOptions;
use crate::secrets::hidden;
use crate::shown::shown;

/// How the scripts of a charm are run.
pub(super) struct Scripts<'a> {
    project: Project,
    tools: &'a Tools,
    /// `--run-override-build`.
    run_all: bool,
}

/// What a plugin gives for a part; its sources may be a copy.
pub(super) type Build<'a> = &'a dyn Fn(&Part) -> Result<Files>;

impl<'a> Scripts<'a> {
    /// `target`: the charm's own directory in the workspace's target.
    pub(super) fn new(
        charm: &Charm,
        platform: &Platform,
        target: &Path,
        options: &PackOptions,
        tools: &'a Tools,
    ) -> Result<Scripts<'a>> {
        let named = charm.yaml.get("platforms").and_then(Value::as_object);
        // A file's name has `-` where the platform's own has `:`.
        let mut names = named.into_iter().flatten().map(|(name, _)| name);
        let name = names.find(|name| name.replace(':', "-") == platform.label);
        let project = Project {
            name: charm.name()?,
            dir: charm.dir.clone(),
            platform: name.unwrap_or(&platform.label).clone(),
            adopts: charm.yaml.get("adopt-info").and_then(Value::as_str).map(String::from),
            root: target.to_owned(),
        };
        Ok(Scripts { project, tools, run_all: options.run_override_build })
    }

    /// What a part installs: by its plugin, or by its script.
    pub(super) fn files(&self, part: &Part, plugin: Build<'_>) -> Result<Files> {
        let Some(script) = Script::of(part)? else { return plugin(part) };
        match script.class() {
            Class::Default => plugin(part),
            Class::Tools => {
                eprintln!(
                    "part `{}`: its override-build is left out: it only installs tools to build with",
                    part.name
                );
                Ok(Files::new())
            }
            Class::Foreign { line, why } if !self.run_all => bail!(
                "part `{}`: its override-build may act on this machine, and is not run: `{line}`: {why}; install \
                 charmcraft, or let it be run as it is by --run-override-build",
                part.name
            ),
            Class::Contained | Class::Foreign { .. } => {
                self.made(part, &script, plugin).map_err(|error| named(part, &error))
            }
        }
    }

    /// What the script installs, or installed when it ran last with all the same.
    fn made(&self, part: &Part, script: &Script, plugin: Build<'_>) -> Result<Files> {
        let directories = self.directories(part);
        let note = directories.install.with_extension("stamp");
        let inputs = inputs(part, script, &self.project, self.run_all, self.tools)?;
        if script.reads_around() || !inputs.fits(&note, &directories.install) {
            self.prepare(part, &directories)?;
            self.run(part, script, &directories, plugin)?;
            inputs.write(&note, &directories.install)?;
        }
        walk(&directories.install, &|_| false)
    }

    fn run(&self, part: &Part, script: &Script, directories: &Directories, plugin: Build<'_>) -> Result<()> {
        let copied = Part { source: directories.build.clone(), ..part.clone() };
        let plugin_failed = Cell::new(false);
        let mut default = || {
            if part.plugin == Plugin::Rust {
                stand_alone(&copied)?;
            }
            let files = plugin(&copied).inspect_err(|_| plugin_failed.set(true))?;
            put(&files, &directories.install)
        };
        let programs = self.programs(script)?;
        let outcome = script::run(script, &part.name, &self.project, directories, &programs, &mut default);
        let outcome = outcome.map_err(|error| {
            // A plugin says itself what it lacks.
            if plugin_failed.get() { error } else { with_missing(part, error) }
        })?;
        for command in outcome.skipped {
            eprintln!("part `{}`: skipped: {}", part.name, hidden(&command));
        }
        Ok(())
    }

    /// What charmcraft would have installed, and the packer has.
    fn programs(&self, script: &Script) -> Result<Vec<(&'static str, PathBuf)>> {
        if !script.names("uv") {
            return Ok(Vec::new());
        }
        Ok(vec![("uv", self.tools.uv().ready(self.tools.interpreter()?)?.program)])
    }

    fn directories(&self, part: &Part) -> Directories {
        let dir = self.project.root.join("parts").join(&part.name);
        let [src, build, install] = ["src", "build", "install"].map(|name| dir.join(name));
        let work = build.join(part.subdir().unwrap_or_default());
        Directories { src, build, install, work }
    }

    /// Makes the directories afresh, with a copy of the part's sources in them.
    fn prepare(&self, part: &Part, directories: &Directories) -> Result<()> {
        let Directories { src, build, install, .. } = directories;
        for dir in [src, build, install] {
            if dir.exists() {
                fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", shown(dir)))?;
            }
        }
        for dir in [src, build, install, &self.project.root.join("stage"), &self.project.root.join("prime")] {
            fs::create_dir_all(dir).with_context(|| format!("cannot make {}", shown(dir)))?;
        }
        // Of plugin `charm` it may be left out, and is the charm's directory.
        let has_source = part.keys.get("source").is_some_and(|source| !source.is_null());
        if has_source || part.plugin == Plugin::Charm {
            for link in script::copy_source(&part.source, src, build)? {
                eprintln!(
                    "part `{}`: the link {link} is left out: it leads out of the part's source",
                    part.name
                );
            }
        }
        Ok(())
    }
}

/// An error with the part's name, which a plugin's has already.
fn named(part: &Part, error: &anyhow::Error) -> anyhow::Error {
    let (text, name) = (format!("{error:#}"), format!("part `{}`", part.name));
    if text.starts_with(&name) { anyhow!(text) } else { anyhow!("{name}: {text}") }
}

/// Makes the crates of the copy independent of a workspace that the target directory happens to be in.
fn stand_alone(part: &Part) -> Result<()> {
    let mut paths = part.list("rust-path")?;
    if paths.is_empty() {
        paths.push(".".into());
    }
    let top = part.source.canonicalize()?;
    let text = |dir: &Path| fs::read_to_string(dir.join("Cargo.toml")).unwrap_or_default();
    let is_root = |dir: &Path| text(dir).lines().any(|line| line.trim_start().starts_with("[workspace"));
    for path in paths {
        let dir = part.build_dir().join(path);
        // The plugin tells of one that is not there.
        let Ok(dir) = dir.canonicalize() else { continue };
        let own = dir.ancestors().take_while(|dir| dir.starts_with(&top)).any(is_root);
        if !own && dir.join("Cargo.toml").is_file() {
            fs::write(dir.join("Cargo.toml"), format!("{}\n[workspace]\n", text(&dir)))?;
        }
    }
    Ok(())
}

/// A script may fail for want of what charmcraft would have installed.
fn with_missing(part: &Part, error: anyhow::Error) -> anyhow::Error {
    let names = |key: &str| -> Vec<String> {
        let list = part.keys.get(key).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(String::from).collect()
    };
    let missing = [names("build-packages"), names("build-snaps")].concat();
    if missing.is_empty() {
        return error;
    }
    anyhow!(
        "{error:#}; charmcraft would have installed {} first, which this machine may lack",
        missing.join(", ")
    )
}

/// Puts files into a directory.
fn put(files: &Files, dir: &Path) -> Result<()> {
    for (path, entry) in files {
        let to = dir.join(path);
        if let Content::File(from) = &entry.content
            && *from == to
        {
            continue;
        }
        let cannot = || format!("cannot write {}", shown(&to));
        fs::create_dir_all(to.parent().unwrap_or(dir)).with_context(cannot)?;
        if to.symlink_metadata().is_ok() {
            fs::remove_file(&to).with_context(cannot)?;
        }
        match &entry.content {
            Content::File(from) => drop(fs::copy(from, &to).with_context(cannot)?),
            Content::Bytes(bytes) => fs::write(&to, bytes).with_context(cannot)?,
            Content::Link(target) => {
                symlink(target, &to).with_context(cannot)?;
                continue;
            }
        }
        fs::set_permissions(&to, fs::Permissions::from_mode(entry.mode)).with_context(cannot)?;
    }
    Ok(())
}
