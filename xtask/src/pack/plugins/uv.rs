//! `uv`: what `uv.lock` names in `venv/`, and the charm's `src/` and `lib/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use toml::{Table, Value};

use super::super::files::Files;
use super::super::part::Part;
use super::super::python::{
    Bins, Built, Key, Tools, Venv, copy, inside, of_lock, of_sources, read_toml, refuse_unmet,
};
use super::sources::{Environment, build_failed, in_source, with_sources};
use crate::shown::shown;

pub(in crate::pack) fn uv(part: &Part, tools: &Tools, dir: &Path) -> Result<Files> {
    let project = UvProject::read(part)?;
    project.refuse_interpreter(tools)?;
    let key = project.key(tools)?;
    if project.lock.is_none() {
        eprintln!(
            "warning: part `{}`: there is no uv.lock in {}, and charmcraft refuses that: run `uv lock` there and \
             commit the file",
            part.name,
            shown(&project.dir)
        );
    }
    let built = Built::new(dir).get(&key, |aside| project.build(tools, aside, dir))?;
    with_sources(part, &built.join("venv"))
}

/// The project that uv works on.
struct UvProject<'a> {
    part: &'a Part,
    source: PathBuf,
    environment: Environment,
    /// Of its `pyproject.toml`, in the source.
    dir: PathBuf,
    project: Table,
    /// Here or above, in a workspace.
    lock: Option<PathBuf>,
    extras: Vec<String>,
    groups: Vec<String>,
}

impl UvProject<'_> {
    fn read(part: &Part) -> Result<UvProject<'_>> {
        let source = part.source.canonicalize()?;
        let environment = Environment::read(part)?;
        let subdir = source.join(part.subdir().unwrap_or_default());
        let chosen = environment.dir(&["UV_WORKING_DIR", "UV_WORKING_DIRECTORY"], &source)?;
        let dir = inside(&subdir.join(chosen.unwrap_or_default()), &source)?;
        let file = dir.join("pyproject.toml");
        if !file.is_file() {
            bail!("there is no pyproject.toml in {}, which plugin `uv` needs", shown(&dir));
        }
        let project = read_toml(&file)?;
        let above = dir.ancestors().take_while(|above| above.starts_with(&source));
        let lock = above.map(|above| above.join("uv.lock")).find(|lock| lock.is_file());
        let (mut extras, mut groups) = (part.list("uv-extras")?, part.list("uv-groups")?);
        extras.sort();
        groups.sort();
        Ok(UvProject { part, source, environment, dir, project, lock, extras, groups })
    }

    /// uv would refuse it too, without a word on how to choose another.
    fn refuse_interpreter(&self, tools: &Tools) -> Result<()> {
        let wanted = self.project.get("project").and_then(|project| project.get("requires-python"));
        if let Some(wanted) = wanted.and_then(Value::as_str) {
            refuse_unmet(wanted, &in_source(&self.dir, &self.source), tools.interpreter()?)?;
        }
        Ok(())
    }

    fn key(&self, tools: &Tools) -> Result<Key> {
        let mut key = Key::new("uv", tools)?;
        key.add("keys", &(&self.extras, &self.groups, self.environment.values()?));
        for above in self.dir.ancestors().take_while(|above| above.starts_with(&self.source)) {
            for name in ["pyproject.toml", "uv.lock", "uv.toml"] {
                key.add_file(&above.join(name))?;
            }
        }
        let mut locals = of_sources(&self.project, &self.dir);
        match &self.lock {
            Some(lock) => locals.extend(of_lock(lock)?),
            None => self.refuse_part_of_workspace()?,
        }
        for local in locals {
            let local = inside(&local, &self.source)?;
            // A workspace's lock names the charm itself among the others.
            if local != self.dir {
                key.add_tree(&local)?;
            }
        }
        Ok(key)
    }

    fn refuse_part_of_workspace(&self) -> Result<()> {
        let uv = self.project.get("tool").and_then(|tool| tool.get("uv"));
        let sources = uv.and_then(|uv| uv.get("sources")).and_then(Value::as_table);
        let shared = |source: &&Value| source.get("workspace").and_then(Value::as_bool) == Some(true);
        if uv.and_then(|uv| uv.get("workspace")).is_none()
            && sources.is_some_and(|all| all.values().any(|source| shared(&source)))
        {
            bail!(
                "{} takes packages from a workspace that is not in the part's source: make `source` the \
                 workspace's directory, with uv.lock, and `source-subdir` the charm's",
                shown(&self.dir.join("pyproject.toml"))
            );
        }
        Ok(())
    }

    /// Makes `venv` in a directory below `aside`, from a copy of the source, which uv may write in.
    fn build(&self, tools: &Tools, aside: &Path, work: &Path) -> Result<PathBuf> {
        let python = tools.interpreter()?;
        let uv = tools.uv().ready(python)?;
        eprintln!(
            "part `{}`: uv {} installs its packages for Python {}",
            self.part.name,
            uv.version,
            python.full()
        );
        let (source, install) = (aside.join("src"), aside.join("install"));
        copy(&self.source, &source, work)?;
        fs::create_dir(&install)?;
        let project = source.join(self.dir.strip_prefix(&self.source)?);
        let command = |args: &[&str]| -> Result<Command> {
            let mut command = uv.command(&project, python);
            command.args(args);
            self.environment.set(&mut command, &source, &install)?;
            Ok(command)
        };
        let make = || {
            if self.lock.is_none() {
                uv.run(&mut command(&["lock"])?)?;
            }
            let venv = Venv::create(install.join("venv"), &uv, python)?;
            let mut sync =
                command(&["sync", "--binary", "--no-dev", "--no-editable", "--no-install-project"])?;
            if !self.environment.is_off("UV_FROZEN") {
                sync.arg("--frozen");
            }
            for extra in &self.extras {
                sync.args(["--extra", extra]);
            }
            for group in &self.groups {
                sync.args(["--group", group]);
            }
            sync.arg("--python").arg(&python.executable);
            sync.env("UV_PROJECT_ENVIRONMENT", &venv.dir).env("VIRTUAL_ENV", &venv.dir);
            uv.run(&mut sync)?;
            venv.finish(Bins::Drop)
        };
        make().map_err(|error: anyhow::Error| build_failed(self.part, &error))?;
        Ok(install)
    }
}
