//! Which interpreter runs a charm's hooks.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ask::{Interpreter, NAMED, Surroundings};
use super::charm::{Need, linked, need};
use super::version::Version;
use crate::ground::failure::{Failure, fail};

/// Where interpreters lie, should PATH not say so.
const USUAL: [&str; 2] = ["/usr/bin", "/usr/local/bin"];

/// What was chosen.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) interpreter: Interpreter,
    /// What may not work.
    pub(crate) warning: Option<String>,
}

/// Chooses for an unpacked charm: the interpreter that `JUBILANT_PYTHON` names if it fits, else `python3` if it does, else
/// any that fits. Nothing for a charm without Python, and where a charm needs no certain one and there is none.
pub(crate) fn choose(
    charm: &str,
    dir: &Path,
    surroundings: &Surroundings<'_>,
) -> Result<Option<Choice>, Failure> {
    let need = need(dir);
    let wanted = match &need {
        Need::Nothing => return Ok(None),
        Need::Any => &[][..],
        Need::Preferred(version) => std::slice::from_ref(version),
        Need::Only(versions) => versions,
    };
    let fits = |found: &Interpreter| wanted.is_empty() || wanted.contains(&found.version);
    let chosen = |interpreter: Interpreter, warning| Ok(Some(Choice { interpreter, warning }));
    let named = named(surroundings)?;
    if let Some(named) = named.clone().filter(fits) {
        return chosen(named, None);
    }
    let usual = in_path(surroundings, "python3").find_map(|program| surroundings.ask(&program));
    if let Some(usual) = usual.clone().filter(fits) {
        return chosen(usual, None);
    }
    let linked = || surroundings.ask(&linked(dir)?).filter(fits);
    if let Some(found) =
        wanted.iter().rev().find_map(|version| search(surroundings, *version)).or_else(linked)
    {
        return chosen(found, None);
    }
    match (&need, &named, &usual) {
        (Need::Any | Need::Nothing, ..) => Ok(None),
        (Need::Preferred(version), Some(other), _) | (Need::Preferred(version), None, Some(other)) => {
            let warning = warning(charm, *version, other);
            chosen(other.clone(), Some(warning))
        }
        _ => fail!("{}", missing(charm, wanted, named.as_ref(), usual.as_ref())),
    }
}

/// The interpreter that the user named.
fn named(surroundings: &Surroundings<'_>) -> Result<Option<Interpreter>, Failure> {
    let Some(given) = surroundings.var(NAMED) else { return Ok(None) };
    if !Path::new(given).is_absolute() {
        fail!(
            "{NAMED} is \"{given}\", which is no absolute path: name an interpreter, such as /usr/bin/python3"
        );
    }
    match surroundings.ask(Path::new(given)) {
        Some(interpreter) => Ok(Some(interpreter)),
        None => fail!(
            "{NAMED} is \"{given}\", which does not run as Python 3: name an interpreter, such as /usr/bin/python3"
        ),
    }
}

/// The files of this name in PATH. What stands for the working directory is left out: the interpreter is one for all
/// directories.
fn in_path<'a>(surroundings: &Surroundings<'a>, name: &'a str) -> impl Iterator<Item = PathBuf> + 'a {
    let dirs = env::split_paths(surroundings.var("PATH").unwrap_or_default()).collect::<Vec<_>>();
    dirs.into_iter()
        .filter(|dir| dir.is_absolute())
        .map(move |dir| dir.join(name))
        .filter(|file| file.is_file())
}

/// An interpreter of this version, wherever there is one.
fn search(surroundings: &Surroundings<'_>, version: Version) -> Option<Interpreter> {
    let program = version.program();
    let fits = |file: PathBuf| surroundings.ask(&file).filter(|found| found.version == version);
    in_path(surroundings, &program)
        .chain(USUAL.iter().map(|dir| Path::new(dir).join(&program)))
        .chain(of_pyenv(surroundings, version))
        .find_map(fits)
        .or_else(|| of_uv(surroundings, version).and_then(fits))
}

/// Those that pyenv has installed, the latest first: its own scripts start one only where its settings say so.
fn of_pyenv(surroundings: &Surroundings<'_>, version: Version) -> Vec<PathBuf> {
    let home = || Some(Path::new(surroundings.var("HOME")?).join(".pyenv"));
    let Some(root) = surroundings.var("PYENV_ROOT").map(PathBuf::from).or_else(home) else {
        return Vec::new();
    };
    let prefix = format!("{version}.");
    let patch = |path: &PathBuf| path.file_name()?.to_str()?.strip_prefix(&prefix)?.parse::<u32>().ok();
    let entries = fs::read_dir(root.join("versions")).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> =
        entries.filter_map(|entry| Some((patch(&entry.path())?, entry.path()))).collect();
    found.sort();
    found.into_iter().rev().map(|(_, dir)| dir.join("bin").join(version.program())).collect()
}

/// What uv itself has installed, if it is there: what is in PATH was looked at. It is to install nothing.
fn of_uv(surroundings: &Surroundings<'_>, version: Version) -> Option<PathBuf> {
    let mut uv = Command::new(in_path(surroundings, "uv").next()?);
    uv.args(["python", "find", "--no-project", "--offline", "--python-preference", "only-managed"]);
    uv.arg(version.to_string());
    Some(PathBuf::from(surroundings.output(uv)?.trim_end())).filter(|found| found.is_absolute())
}

fn warning(charm: &str, version: Version, other: &Interpreter) -> String {
    format!(
        "WARNING charm \"{charm}\" was packed with Python {version}, and Python {} ({}) will run it, because no \
         {version} was found: compiled packages may not work; install Python {version}, name one with {NAMED}, or pack \
         the charm again\n",
        other.version,
        other.path.display()
    )
}

fn missing(
    charm: &str,
    wanted: &[Version],
    named: Option<&Interpreter>,
    usual: Option<&Interpreter>,
) -> String {
    let versions = wanted.iter().map(Version::to_string).collect::<Vec<_>>().join(" or ");
    let shown = |what: &str, found: Option<&Interpreter>| {
        found.map(|found| format!("{what} is Python {} ({})", found.version, found.path.display()))
    };
    let there: Vec<String> = [shown(NAMED, named), shown("python3", usual)].into_iter().flatten().collect();
    let (there, pack) = match named.or(usual) {
        None => ("and neither any python3".to_owned(), String::new()),
        Some(found) => (there.join(", "), format!(", or pack the charm for {}", found.version)),
    };
    let example = wanted.last().map(|version| version.program()).unwrap_or_default();
    format!(
        "charm \"{charm}\" was packed for Python {versions}, which was not found: {there}; install Python {versions}, \
         or name one with {NAMED}=/path/to/{example}{pack}"
    )
}
