//! The interpreter that a charm is packed for and that its hooks run with.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use super::process::program;

/// Names the interpreter, and hands it from a pack to the suite.
pub(crate) const VARIABLE: &str = "JUBILANT_PYTHON";

/// What charmcraft's oldest base has.
const OLDEST: (u32, u32) = (3, 8);

/// Its own answer, since what is on the `PATH` may be a shim of pyenv or asdf, and a venv's interpreter has packages
/// that a charm must not lean on.
///
/// It is started without `site`, which takes three quarters of the time and is needed to know a venv's base alone.
const WHO_ARE_YOU: &str = "import sys\n\
    try:\n\
    \x20   open(sys.executable.rsplit('/', 2)[0] + '/pyvenv.cfg').close()\n\
    \x20   import site\n\
    \x20   site.main()\n\
    except OSError:\n\
    \x20   pass\n\
    venv = sys.prefix != getattr(sys, 'base_prefix', sys.prefix)\n\
    print(venv and getattr(sys, '_base_executable', '') or sys.executable)\n\
    print('%d.%d.%d' % sys.version_info[:3])";

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Interpreter {
    /// Absolute, and the interpreter itself.
    pub(crate) executable: PathBuf,
    pub(crate) version: (u32, u32, u32),
}

/// Who chose the interpreter, for messages.
enum Chosen<'a> {
    Option(&'a Path),
    Variable(OsString),
    Path,
}

impl Interpreter {
    /// That of `--python`, else of `JUBILANT_PYTHON`, else `python3` of the `PATH`.
    pub(crate) fn choose(asked: Option<&Path>) -> Result<Interpreter> {
        let variable = env::var_os(VARIABLE).filter(|value| !value.is_empty());
        Interpreter::ask(match (asked, variable) {
            (Some(path), _) => Chosen::Option(path),
            (None, Some(value)) => Chosen::Variable(value),
            (None, None) => Chosen::Path,
        })
    }

    fn ask(chosen: Chosen<'_>) -> Result<Interpreter> {
        let name = match &chosen {
            Chosen::Option(path) => named(path.as_os_str())?,
            Chosen::Variable(value) => named(value)?,
            Chosen::Path => "python3".into(),
        };
        let output = match program(&name).args(["-I", "-S", "-c", WHO_ARE_YOU]).output() {
            Ok(output) => output,
            Err(error) if error.kind() == ErrorKind::NotFound && matches!(chosen, Chosen::Path) => bail!(
                "there is no python3 on the PATH, which this charm's hooks run with: install Python, or name one \
                 by --python or {VARIABLE}"
            ),
            Err(error) if error.kind() == ErrorKind::NotFound => bail!(
                "{chosen}: there is no program {}; name another by --python or {VARIABLE}: a path, such as \
                 /usr/bin/python3, a program of the PATH or a version, such as 3.12",
                name.display()
            ),
            Err(error) => bail!("{chosen} does not run: {error}; name another by --python or {VARIABLE}"),
        };
        if !output.status.success() {
            bail!(
                "{chosen} does not run ({}): {}; name another by --python or {VARIABLE}, best by the path of the \
                 interpreter itself",
                output.status,
                cause(&String::from_utf8_lossy(&output.stderr))
            );
        }
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        let interpreter = read(&answer)
            .ok_or_else(|| anyhow!("{chosen} is no Python: it answered {:?}; name another", answer.trim()))?;
        let (major, minor, _) = interpreter.version;
        if (major, minor) < OLDEST {
            bail!(
                "{chosen} is Python {}, and a charm needs {}.{} or newer: name another by --python or {VARIABLE}",
                interpreter.full(),
                OLDEST.0,
                OLDEST.1
            );
        }
        Ok(interpreter)
    }

    /// `3.11`: packages are for one of these.
    pub(crate) fn series(&self) -> String {
        format!("{}.{}", self.version.0, self.version.1)
    }

    /// `3.11.7`
    pub(crate) fn full(&self) -> String {
        format!("{}.{}.{}", self.version.0, self.version.1, self.version.2)
    }
}

impl fmt::Display for Chosen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Chosen::Option(path) => write!(f, "{} (--python)", path.display()),
            Chosen::Variable(value) => write!(f, "{} ({VARIABLE})", value.to_string_lossy()),
            Chosen::Path => f.write_str("python3 of the PATH"),
        }
    }
}

/// The line that tells why a program failed: the first, but the last of a traceback, which Python ends with the cause.
fn cause(said: &str) -> &str {
    let mut lines = said.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or("it said nothing");
    // A syntax error begins with its place.
    let traceback = first.starts_with("Traceback") || first.starts_with(' ');
    if traceback { lines.next_back().unwrap_or(first) } else { first }
}

/// What to start: a file, a program of the `PATH`, or `3.12` for python3.12, also where only pyenv has it.
fn named(text: &OsStr) -> Result<OsString> {
    let word = text.to_string_lossy();
    if word.contains('/') {
        // Programs are started in another directory.
        return Ok(std::path::absolute(text).context("there is no current directory")?.into());
    }
    let version = word.starts_with("3.") && word[2..].bytes().all(|byte| byte.is_ascii_digit());
    Ok(if version { of_version(&word) } else { text.to_owned() })
}

/// A shim of pyenv or asdf runs a version only where a project has chosen it: the program itself is looked for.
fn of_version(version: &str) -> OsString {
    let program = format!("python{version}");
    let path = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let root = path("PYENV_ROOT").or_else(|| Some(path("HOME")?.join(".pyenv"))).unwrap_or_default();
    let dirs: Vec<PathBuf> = env::split_paths(&path("PATH").unwrap_or_default()).collect();
    let on_path = dirs.iter().filter(|dir| !dir.ends_with("shims")).map(|dir| dir.join(&program));
    let patch = |dir: &PathBuf| dir.to_str()?.rsplit_once(&format!("/{version}."))?.1.parse::<u32>().ok();
    let entries = fs::read_dir(root.join("versions")).into_iter().flatten().flatten();
    let newest = entries.map(|entry| entry.path()).filter(|dir| patch(dir).is_some()).max_by_key(patch);
    let found = on_path.chain(newest.map(|dir| dir.join("bin").join(&program))).find(|file| file.is_file());
    found.map_or(program.into(), PathBuf::into_os_string)
}

fn read(answer: &str) -> Option<Interpreter> {
    let mut lines = answer.lines();
    let executable = PathBuf::from(lines.next()?);
    let mut numbers = lines.next()?.split('.').map(str::parse);
    let mut number = || numbers.next()?.ok();
    let version = (number()?, number()?, number()?);
    executable.is_absolute().then_some(Interpreter { executable, version })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use tempfile::TempDir;

    use super::*;

    fn script(dir: &TempDir, name: &str, text: &str) -> PathBuf {
        let path = dir.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn error(path: &Path) -> String {
        Interpreter::choose(Some(path)).unwrap_err().to_string()
    }

    #[test]
    fn a_shim_is_asked_who_it_runs() {
        let dir = tempfile::tempdir().unwrap();
        let shim = script(&dir, "python3", "echo /opt/real/bin/python3.12; echo 3.12.1");
        let found = Interpreter::choose(Some(&shim)).unwrap();
        assert_eq!(found, Interpreter { executable: "/opt/real/bin/python3.12".into(), version: (3, 12, 1) });
        assert_eq!((found.series(), found.full()), ("3.12".into(), "3.12.1".into()));
    }

    #[test]
    fn what_is_no_python_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let old = script(&dir, "old", "echo /usr/bin/python; echo 3.6.15");
        assert!(error(&old).contains("old (--python) is Python 3.6.15, and a charm needs 3.8 or newer"));
        let words = "pyenv: python3: command not found\n\nThe command exists in these versions:\n  3.12.1";
        let failing = script(&dir, "failing", &format!("echo '{words}' >&2; exit 127"));
        assert!(
            error(&failing).contains("(exit status: 127): pyenv: python3: command not found; name another")
        );
        let words = "Traceback (most recent call last):\n  File \"x\"\nImportError: no libx\n";
        let broken = script(&dir, "broken", &format!("echo '{words}' >&2; exit 1"));
        assert!(error(&broken).contains("(exit status: 1): ImportError: no libx; name another"));
        let other = script(&dir, "other", "echo hello");
        assert!(error(&other).contains("is no Python: it answered \"hello\""));
        let nowhere = error(Path::new("/nowhere/python3"));
        assert!(
            nowhere.starts_with("/nowhere/python3 (--python): there is no program /nowhere/python3; name")
        );
        let version = error(Path::new("3.99"));
        assert!(
            version.starts_with("3.99 (--python): there is no program python3.99; name another"),
            "{version}"
        );
    }

    #[test]
    fn a_number_names_a_program() {
        assert_eq!(named("3.99".as_ref()).unwrap(), "python3.99");
        assert_eq!(named("python3.12".as_ref()).unwrap(), "python3.12");
        assert_eq!(named("/usr/bin/python3".as_ref()).unwrap(), "/usr/bin/python3");
    }
}
