//! A `juju` of a test's own in front of the embedded Juju: it delays, fails or hangs the commands that the test
//! chooses, and notes them all.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail, ensure};

use crate::bench::{Bench, executable, wait_for};

/// The shell that stands for `juju`. What a test injects runs before the command, and has these functions.
///
/// `add-model` runs as a child, so that what became of it is noted even if nobody listens any more.
const SCRIPT: &str = r#"#!/bin/sh
front=${0%/*}
real=$front/jubilant-embedded
note() { echo "$*" >>"$front/log"; }
hold() { while [ -e "$front/hold-$1" ]; do sleep 0.02; done; }
first() { i=0; while [ $i -lt "$1" ]; do i=$((i + 1)); mkdir "$front/first-$2-$i" 2>/dev/null && return 0; done; return 1; }
fail() { echo "ERROR $*" >&2; exit 1; }
note "begin $*"
note "process $$ $1"
if [ -e "$front/inject" ]; then . "$front/inject"; fi
[ "$1" = add-model ] || exec "$real" "$@"
"$real" "$@"
code=$?
# Killed by the broken pipe of whoever should have heard it: it is there all the same.
if [ $code = 0 ] || { [ $code -gt 128 ] && "$real" show-model "$3" >/dev/null 2>&1; }; then note "added $3"; fi
note "end $code $*"
exit $code
"#;

/// The script and its directory. With the value's end it holds nothing and injects nothing any more.
pub struct Front {
    directory: PathBuf,
}

impl Front {
    /// Puts the script in front of the bench's embedded Juju, for all suites run from now on.
    ///
    /// # Errors
    /// If its files cannot be made.
    pub fn of(bench: &mut Bench) -> anyhow::Result<Front> {
        let directory = bench.directory().join("front");
        fs::create_dir(&directory)?;
        let (suites, real) = (executable("suites")?, directory.join("jubilant-embedded"));
        fs::hard_link(suites, &real).or_else(|_| fs::copy(suites, &real).map(drop))?;
        // Copied by another process: a file that this one has written may still be open, for a moment, in a child
        // that another test starts, and cannot be executed then.
        let text = directory.join("script");
        fs::write(&text, SCRIPT)?;
        fs::set_permissions(&text, fs::Permissions::from_mode(0o755))?;
        let copied = Command::new("cp").arg("-p").arg(&text).arg(directory.join("juju")).status()?;
        ensure!(copied.success(), "`juju` cannot be made in {}", directory.display());
        fs::write(directory.join("log"), "")?;
        let path = std::env::var("PATH").unwrap_or_default();
        bench.set("PATH", &format!("{}:{path}", directory.display()));
        bench.set("JUBILANT_BACKEND", "juju");
        Ok(Front { directory })
    }

    /// From now on each command runs these lines of shell first; `$1` is the command's name.
    ///
    /// `hold NAME` waits until [`Front::release`], `first COUNT NAME` holds that often, `fail TEXT` ends the command
    /// with an error, `note TEXT` adds to the log, and `"$real" "$@"` is the command itself.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn inject(&self, lines: &str) -> anyhow::Result<()> {
        // In one step: no command must read half of it.
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        writeln!(file, "{lines}")?;
        file.persist(self.directory.join("inject"))?;
        Ok(())
    }

    /// Makes `hold NAME` wait.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn hold(&self, name: &str) -> anyhow::Result<()> {
        Ok(fs::write(self.held(name), "")?)
    }

    /// Lets those go on that wait in `hold NAME`.
    ///
    /// # Errors
    /// If the file cannot be removed.
    pub fn release(&self, name: &str) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.held(name))?)
    }

    fn held(&self, name: &str) -> PathBuf {
        self.directory.join(format!("hold-{name}"))
    }

    /// What was noted so far: `begin` and the arguments of each command, `process` with its id and name, `added` and
    /// the model, `end` with code and arguments of each `add-model`.
    pub fn log(&self) -> Vec<String> {
        let text = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// How often a line that begins with `start` was noted.
    pub fn count(&self, start: &str) -> usize {
        self.log().iter().filter(|line| line.starts_with(start)).count()
    }

    /// Waits until a line that begins with `start` was noted.
    ///
    /// # Errors
    /// If it has not been after a minute.
    pub fn wait_for(&self, start: &str) -> anyhow::Result<()> {
        self.wait_for_count(start, 1)
    }

    /// Waits until `count` lines that begin with `start` were noted.
    ///
    /// # Errors
    /// If they have not been after a minute.
    pub fn wait_for_count(&self, start: &str, count: usize) -> anyhow::Result<()> {
        wait_for(Duration::from_secs(60), || (self.count(start) >= count).then_some(()))
            .with_context(|| format!("no {count} lines `{start}…` in the log: {:#?}", self.log()))
    }

    /// The commands of this name that are still running.
    pub fn running(&self, command: &str) -> Vec<u32> {
        let log = self.log();
        let ids = log.iter().filter_map(|line| {
            let (id, name) = line.strip_prefix("process ")?.split_once(' ')?;
            (name == command).then(|| id.parse().ok())?
        });
        let script = self.directory.join("juju");
        ids.filter(|id| has_argument(*id, &script)).collect()
    }
}

/// Whether the process is (still) the one that was started with this argument.
fn has_argument(id: u32, argument: &Path) -> bool {
    let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).any(|part| part == argument.as_os_str().as_encoded_bytes())
}

impl Drop for Front {
    fn drop(&mut self) {
        for entry in fs::read_dir(&self.directory).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name == "inject" || name.starts_with("hold-") {
                // A failure to tidy up must not hide why the test failed.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// The UUID of one of the bench's models.
///
/// # Errors
/// If it is not there.
pub fn uuid(bench: &Bench, model: &str) -> anyhow::Result<String> {
    let answer: serde_json::Value =
        serde_json::from_str(&bench.juju(&["show-model", model, "--format", "json"])?)?;
    match answer[model]["model-uuid"].as_str() {
        Some(uuid) => Ok(uuid.to_owned()),
        None => bail!("`juju show-model {model}` has no UUID: {answer}"),
    }
}
