//! Asking a program which Python it is: a name says nothing, and the first `python3` in PATH may be a script (of pyenv,
//! asdf) that starts another one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionbio;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use super::version::Version;

/// What a client hands over of its environment: where Pythons are looked for, and what decides which one a script
/// starts.
pub(crate) const VARIABLES: [&str; 13] = [
    NAMED,
    "PATH",
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "PYENV_ROOT",
    "PYENV_VERSION",
    "ASDF_DIR",
    "ASDF_DATA_DIR",
    "ASDF_PYTHON_VERSION",
    "MISE_CONFIG_DIR",
    "MISE_DATA_DIR",
    "UV_PYTHON_INSTALL_DIR",
];

/// The variable that names the interpreter.
pub(super) const NAMED: &str = "JUBILANT_PYTHON";

/// Isolated from variables, the working directory and what is installed. A virtual environment's own program is not
/// what it would be elsewhere: the one that it was made with is.
const QUESTION: &str = "import sys
print(getattr(sys, '_base_executable', None) or sys.executable)
print('%d.%d' % tuple(sys.version_info[:2]))";

/// How long a program may take to answer.
const LIMIT: Duration = Duration::from_secs(10);

/// Where and with what environment the command runs that deploys the charm.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) env: &'a BTreeMap<String, String>,
    pub(crate) cwd: &'a Path,
}

/// An interpreter: the program itself, and no script or link that leads to it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Interpreter {
    pub(crate) path: PathBuf,
    pub(crate) version: Version,
}

impl Surroundings<'_> {
    /// The value of a variable that is not empty.
    pub(super) fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Which interpreter a program is or starts, if it is one that works.
    pub(super) fn ask(&self, program: &Path) -> Option<Interpreter> {
        let said = self.answer(program)?;
        let real = fs::canonicalize(&said.path).ok()?;
        // What a script has started must be the same without the script.
        let is_itself = fs::canonicalize(program).is_ok_and(|program| program == real);
        let version = if is_itself { said.version } else { self.answer(&real)?.version };
        (version == said.version).then_some(Interpreter { path: real, version })
    }

    /// What the program says. A script may say something else the next time, anything else is asked once.
    fn answer(&self, program: &Path) -> Option<Interpreter> {
        static ANSWERS: Mutex<BTreeMap<Identity, Interpreter>> = Mutex::new(BTreeMap::new());
        let answers = || ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
        let identity = Identity::of(program).ok()?;
        if let Some(known) = identity.as_ref().and_then(|identity| answers().get(identity).cloned()) {
            return Some(known);
        }
        let mut command = Command::new(program);
        command.args(["-I", "-S", "-c", QUESTION]);
        let answer = parse(&self.output(command)?)?;
        if let Some(identity) = identity {
            answers().insert(identity, answer.clone());
        }
        Some(answer)
    }

    /// What a program prints; nothing if it fails, or does not end in time.
    pub(super) fn output(&self, mut command: Command) -> Option<String> {
        let (mut reader, writer) = io::pipe().ok()?;
        ioctl_fionbio(&reader, true).ok()?;
        let cwd = if self.cwd.is_dir() { self.cwd } else { Path::new("/") };
        command.env_clear().envs(self.env).current_dir(cwd);
        command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::null());
        let mut child = command.process_group(0).spawn().ok()?;
        // It holds the writing end, too.
        drop(command);
        if !ends_in_time(&child).unwrap_or(false) {
            let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        // An answer is shorter than what a pipe holds; what the program has left behind may keep the pipe open.
        let mut text = Vec::new();
        let _ = reader.read_to_end(&mut text);
        child.wait().is_ok_and(|status| status.success()).then(|| String::from_utf8(text).ok())?
    }
}

fn ends_in_time(child: &Child) -> io::Result<bool> {
    let ended = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
    let limit = Timespec::try_from(LIMIT).map_err(io::Error::other)?;
    Ok(poll(&mut [PollFd::new(&ended, PollFlags::IN)], Some(&limit))? > 0)
}

fn parse(output: &str) -> Option<Interpreter> {
    let mut lines = output.lines();
    let (path, version) = (lines.next()?, Version::parse(lines.next()?)?);
    Some(Interpreter { path: path.into(), version })
}

/// Which program was asked: a new one at the same place is another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    path: PathBuf,
    file: (u64, u64, u64),
    modified: (i64, i64),
}

impl Identity {
    /// Nothing for a script.
    fn of(program: &Path) -> io::Result<Option<Self>> {
        let mut file = File::open(program)?;
        let meta = file.metadata()?;
        let mut start = [0; 2];
        if !meta.is_file() || (file.read_exact(&mut start).is_ok() && start == *b"#!") {
            return Ok(None);
        }
        let path = program.to_owned();
        let modified = (meta.mtime(), meta.mtime_nsec());
        Ok(Some(Self { path, file: (meta.dev(), meta.ino(), meta.len()), modified }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_another_one_when_its_file_is() {
        let dir = tempfile::tempdir().unwrap();
        let (program, next) = (dir.path().join("python3"), dir.path().join("next"));
        fs::write(&program, "\u{7f}ELF").unwrap();
        let first = Identity::of(&program).unwrap();
        assert!(first.is_some());
        assert_eq!(Identity::of(&program).unwrap(), first);
        fs::write(&next, "\u{7f}ELF").unwrap();
        fs::rename(&next, &program).unwrap();
        assert_ne!(Identity::of(&program).unwrap(), first);
    }

    #[test]
    fn a_script_is_asked_each_time() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("python3");
        fs::write(&script, "#!/bin/sh\n").unwrap();
        assert_eq!(Identity::of(&script).unwrap(), None);
    }
}
