//! `poetry`: what `poetry.lock` names in `venv/`, and the charm's `src/` and `lib/`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

use super::super::files::Files;
use super::super::part::Part;
use super::super::python::{
    Built, Key, Tools, Venv, bins, copy, inside, of_lock, of_sources, read_toml, refuse_unmet,
};
use super::sources::{Environment, build_failed, in_source, with_sources};
use crate::shown::shown;

pub(in crate::pack) fn poetry(part: &Part, tools: &Tools, dir: &Path) -> Result<Files> {
    let project = PoetryProject::read(part)?;
    let wanted = project.wanted_python();
    if let Some(wanted) = wanted {
        refuse_unmet(wanted, &in_source(&project.dir, &project.source), tools.interpreter()?)?;
    }
    let key = project.key(tools)?;
    if !project.is_locked() {
        eprintln!(
            "warning: part `{}` has no poetry.lock: its packages are the newest that fit: run poetry lock, and commit it",
            part.name
        );
    }
    let built = Built::new(dir).get(&key, |aside| project.build(tools, aside, dir))?;
    // A script that runs the plugin finds there what was exported.
    if dir.parent().is_some_and(|own| project.source.starts_with(own)) {
        fs::copy(built.join(EXPORTED), project.dir.join(EXPORTED)).context("cannot copy requirements.txt")?;
    }
    with_sources(part, &built.join("venv"))
}

/// What `poetry export` writes, by its name in the build directory.
const EXPORTED: &str = "requirements.txt";

struct PoetryProject<'a> {
    part: &'a Part,
    source: PathBuf,
    environment: Environment,
    /// Of `pyproject.toml` and `poetry.lock`, in the source.
    dir: PathBuf,
    project: Table,
    /// For `poetry export`, and for the installation of what it names.
    export: Vec<String>,
    install: Vec<String>,
    keep_bins: bool,
}

impl PoetryProject<'_> {
    fn read(part: &Part) -> Result<PoetryProject<'_>> {
        let source = part.source.canonicalize()?;
        let dir = inside(&source.join(part.subdir().unwrap_or_default()), &source)?;
        if !dir.join("pyproject.toml").is_file() {
            bail!("there is no pyproject.toml in {}, which plugin `poetry` needs", shown(&dir));
        }
        let mut export: Vec<String> = Vec::new();
        let mut with = part.list("poetry-with")?;
        with.sort();
        if !with.is_empty() {
            export.push(format!("--with={}", with.join(",")));
        }
        export.extend(part.list("poetry-export-extra-args")?);
        Ok(PoetryProject {
            environment: Environment::read(part)?,
            project: read_toml(&dir.join("pyproject.toml"))?,
            install: with_wheels(part.list("poetry-pip-extra-args")?),
            keep_bins: part.flag("poetry-keep-bins"),
            export,
            part,
            source,
            dir,
        })
    }

    fn wanted_python(&self) -> Option<&str> {
        let of_project = || self.project.get("project")?.get("requires-python");
        let of_poetry = || self.project.get("tool")?.get("poetry")?.get("dependencies")?.get("python");
        of_project().or_else(of_poetry).and_then(Value::as_str)
    }

    fn is_locked(&self) -> bool {
        self.dir.join("poetry.lock").is_file()
    }

    fn key(&self, tools: &Tools) -> Result<Key> {
        let mut key = Key::new("poetry", tools)?;
        key.add("keys", &(&self.export, &self.install, self.keep_bins, self.environment.values()?));
        for name in ["pyproject.toml", "poetry.lock", "poetry.toml"] {
            key.add_file(&self.dir.join(name))?;
        }
        let mut locals = of_sources(&self.project, &self.dir);
        if self.is_locked() {
            locals.extend(of_lock(&self.dir.join("poetry.lock"))?);
        }
        for local in locals {
            key.add_tree(&inside(&local, &self.source)?)?;
        }
        Ok(key)
    }

    fn build(&self, tools: &Tools, aside: &Path, work: &Path) -> Result<PathBuf> {
        let python = tools.interpreter()?;
        let uv = tools.uv().ready(python)?;
        eprintln!(
            "part `{}`: uv {} and poetry install its packages for Python {}",
            self.part.name,
            uv.version,
            python.full()
        );
        let (source, install) = (aside.join("src"), aside.join("install"));
        copy(&self.source, &source, work)?;
        fs::create_dir(&install)?;
        let project = source.join(self.dir.strip_prefix(&self.source)?);
        let requirements = install.join(EXPORTED);
        let make = || {
            let mut export = uv.command(&project, python);
            self.environment.set(&mut export, &source, &install)?;
            export
                .args(["tool", "run", "--python"])
                .arg(&python.executable)
                .args(["--from", "poetry", "--with", "poetry-plugin-export", "poetry", "export"])
                .args(["--no-interaction", "--format=requirements.txt", "--with-credentials"])
                .arg(format!("--output={}", requirements.display()))
                .args(&self.export)
                // It needs no environment to read a lock.
                .env("POETRY_VIRTUALENVS_CREATE", "false");
            uv.run_as(&mut export, "poetry export")?;
            let venv = Venv::create(install.join("venv"), &uv, python)?;
            let args = ["--no-deps".to_owned()].into_iter().chain(self.install.iter().cloned());
            let args =
                args.chain(["--requirement".into(), requirements.display().to_string()]).collect::<Vec<_>>();
            venv.install(&project, &args, |command| self.environment.set(command, &source, &install))?;
            venv.check()?;
            venv.finish(bins(self.keep_bins))
        };
        make().map_err(|error: anyhow::Error| build_failed(self.part, &error))?;
        Ok(install)
    }
}

/// Without what chooses between wheels and builds: wheels are taken wherever there are any.
fn with_wheels(args: Vec<String>) -> Vec<String> {
    let mut kept = Vec::new();
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            // Its value is the next word.
            "--no-binary" | "--only-binary" => drop(args.next()),
            _ if arg.starts_with("--no-binary=") || arg.starts_with("--only-binary=") => {}
            _ => kept.push(arg),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheels_always() {
        let args = ["--no-binary=:all:", "-v", "--only-binary", "ops", "--index-url=x"].map(String::from);
        assert_eq!(with_wheels(args.to_vec()), ["-v", "--index-url=x"]);
    }
}
