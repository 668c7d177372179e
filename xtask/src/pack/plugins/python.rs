//! `python`: packages by name and by files of requirements in `venv/`, and the charm's `src/` and `lib/`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::super::files::Files;
use super::super::part::Part;
use super::super::python::{Built, Key, Tools, Venv, bins, copy, inside};
use super::requirements::{add_to_key, add_words_to_key, files};
use super::sources::{Environment, build_failed, with_sources};

pub(in crate::pack) fn python(part: &Part, tools: &Tools, dir: &Path) -> Result<Files> {
    let source = part.source.canonicalize()?;
    let project = inside(&source.join(part.subdir().unwrap_or_default()), &source)?;
    let environment = Environment::read(part)?;
    let packages = part.list("python-packages")?;
    let mut args = Vec::new();
    let mut key = Key::new("python", tools)?;
    for (name, option) in [("python-constraints", "--constraint"), ("python-requirements", "--requirement")] {
        let listed = part.list(name)?;
        add_to_key(&mut key, &files(name, &listed, &project)?, &source)?;
        args.extend(listed.into_iter().flat_map(|file| [option.into(), file]));
    }
    args.extend(packages.iter().cloned());
    let keep = part.flag("python-keep-bins");
    key.add("keys", &(&args, keep, environment.values()?, &project));
    add_words_to_key(&mut key, &packages, &source, &project)?;

    let build = |aside: &Path| -> Result<PathBuf> {
        let python = tools.interpreter()?;
        let uv = tools.uv().ready(python)?;
        eprintln!(
            "part `{}`: uv {} installs its packages for Python {}",
            part.name,
            uv.version,
            python.full()
        );
        let (copied, install) = (aside.join("src"), aside.join("install"));
        copy(&source, &copied, dir)?;
        fs::create_dir(&install)?;
        let project = copied.join(project.strip_prefix(&source)?);
        let make = || {
            let venv = Venv::create(install.join("venv"), &uv, python)?;
            if args.iter().any(|arg| arg != "--constraint") {
                let args = [&["--no-deps".to_owned()], &args[..]].concat();
                venv.install(&project, &args, |command| environment.set(command, &copied, &install))?;
                venv.check()?;
            }
            venv.finish(bins(keep))
        };
        make().map_err(|error: anyhow::Error| build_failed(part, &error))?;
        Ok(install)
    };
    with_sources(part, &Built::new(dir).get(&key, build)?.join("venv"))
}
