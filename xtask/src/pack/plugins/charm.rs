//! `charm`: the whole project, packages flat in `venv/`, and hooks that lead to the entrypoint.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::super::files::{Content, Entry, Files, walk};
use super::super::jujuignore::JujuIgnore;
use super::super::part::Part;
use super::super::python::{Built, Key, Tools, Venv, copy, tidy};
use super::super::tree::{real, split};
use super::super::{dispatch, libs};
use super::project_files::project_files;
use super::requirements::{add_to_key, add_words_to_key, files, name};
use super::sources::{Environment, build_failed, in_dir};
use crate::shown::shown;

/// These are there in every charm, for a Juju that knows no `dispatch`.
const HOOKS: [&str; 3] = ["install", "start", "upgrade-charm"];

pub(in crate::pack) fn charm(part: &Part, tools: &Tools, dir: &Path) -> Result<Files> {
    let source = part.source.canonicalize()?;
    let ignore_file = source.join(".jujuignore");
    let ignore = match ignore_file.is_file() {
        true => fs::read_to_string(&ignore_file)
            .with_context(|| format!("cannot read {}", shown(&ignore_file)))?,
        false => String::new(),
    };
    let mut files = project_files(&source, &JujuIgnore::new(&ignore)?, dir)?;
    add_entry(&mut files, part, &source)?;
    if let Some(venv) = Packages::read(part, source)?.installed(tools, dir)? {
        files.extend(in_dir("venv", walk(&venv, &|_| false)?));
    }
    Ok(files)
}

/// Adds `dispatch` and the hooks. A hook that is a link to the entrypoint leads to `dispatch` instead.
fn add_entry(files: &mut Files, part: &Part, source: &Path) -> Result<()> {
    let entrypoint = part.text("charm-entrypoint").unwrap_or("src/charm.py").trim_start_matches("./");
    let program = real(files, entrypoint).ok();
    match program.as_ref().and_then(|program| files.get(program)) {
        None => bail!(
            "its entrypoint {entrypoint} is not there, or left out by .jujuignore, and a unit would run nothing: \
             name the charm's program by `charm-entrypoint`"
        ),
        Some(entry) if entry.mode & 0o111 == 0 => bail!(
            "its entrypoint is not executable, and no hook would run: chmod +x {}",
            shown(&source.join(entrypoint))
        ),
        Some(_) => {}
    }
    let links = files.iter().filter(|(_, entry)| matches!(entry.content, Content::Link(_)));
    let in_hooks = links.filter(|(name, _)| split(name).0 == "hooks");
    let to_program = in_hooks.filter(|(name, _)| real(files, name).ok() == program);
    let mut hooks: Vec<String> = to_program.map(|(name, _)| name.clone()).collect();
    let missing = HOOKS.map(|hook| format!("hooks/{hook}")).into_iter();
    hooks.extend(missing.filter(|hook| !files.contains_key(hook)));
    let link = Entry { mode: 0o777, content: Content::Link("../dispatch".into()) };
    files.extend(hooks.into_iter().map(|hook| (hook, link.clone())));
    files.entry("dispatch".into()).or_insert_with(|| dispatch::of_entrypoint(entrypoint));
    Ok(())
}

/// What is installed for the charm.
struct Packages<'a> {
    part: &'a Part,
    source: PathBuf,
    environment: Environment,
    /// Files of requirements, in the source.
    requirements: Vec<String>,
    packages: Vec<String>,
    strict: bool,
}

impl Packages<'_> {
    fn read(part: &Part, source: PathBuf) -> Result<Packages<'_>> {
        let mut requirements = part.list("charm-requirements")?;
        if requirements.is_empty() && source.join("requirements.txt").is_file() {
            requirements.push("requirements.txt".into());
        }
        let strict = part.flag("charm-strict-dependencies");
        let mut packages = part.list("charm-python-packages")?;
        // Strictly, these are names of packages among the requirements that may be wheels.
        if !strict {
            packages.extend(part.list("charm-binary-python-packages")?);
        }
        let environment = Environment::read(part)?;
        Ok(Packages { part, source, environment, requirements, packages, strict })
    }

    /// The directory that becomes `venv/`; none if there is nothing to install.
    fn installed(mut self, tools: &Tools, dir: &Path) -> Result<Option<PathBuf>> {
        let of_libraries = libs::pydeps(&self.source)?;
        if self.requirements.is_empty() && self.packages.is_empty() && of_libraries.is_empty() {
            return Ok(None);
        }
        let mut key = Key::new("charm", tools)?;
        let listed = files("charm-requirements", &self.requirements, &self.source)?;
        let required = add_to_key(&mut key, &listed, &self.source)?;
        self.add_libraries(of_libraries, &required)?;
        key.add("keys", &(&self.requirements, self.strict, self.environment.values()?));
        add_words_to_key(&mut key, &self.packages, &self.source, &self.source)?;
        let built = Built::new(dir).get(&key, |aside| self.build(tools, aside, dir))?;
        Ok(Some(built))
    }

    /// What libraries need and no requirement names; strictly, requirements name everything.
    fn add_libraries(&mut self, of_libraries: Vec<String>, required: &BTreeSet<String>) -> Result<()> {
        let known = |package: &&String| name(package).is_none_or(|name| required.contains(&name));
        let missing: Vec<String> = of_libraries.iter().filter(|package| !known(package)).cloned().collect();
        if self.strict && !missing.is_empty() {
            bail!(
                "libraries in lib/ need {}, and with `charm-strict-dependencies` the requirements must name it",
                missing.join(", ")
            );
        }
        self.packages.extend(missing);
        Ok(())
    }

    fn build(&self, tools: &Tools, aside: &Path, work: &Path) -> Result<PathBuf> {
        let python = tools.interpreter()?;
        let uv = tools.uv().ready(python)?;
        eprintln!(
            "part `{}`: uv {} installs its packages for Python {}",
            self.part.name,
            uv.version,
            python.full()
        );
        let source = aside.join("src");
        copy(&self.source, &source, work)?;
        let make = || {
            let venv = Venv::create(aside.join("staging-venv"), &uv, python)?;
            let mut args: Vec<String> = self.strict.then(|| "--no-deps".into()).into_iter().collect();
            args.extend(self.requirements.iter().flat_map(|file| ["--requirement".into(), file.clone()]));
            args.extend(self.packages.iter().cloned());
            venv.install(&source, &args, |command| self.environment.set(command, &source, aside))?;
            if self.strict {
                venv.check()?;
            }
            let site = venv.site_packages();
            tidy(&site)?;
            Ok(site)
        };
        make().map_err(|error: anyhow::Error| build_failed(self.part, &error))
    }
}
