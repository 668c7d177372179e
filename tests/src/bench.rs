//! A place to run the suites of `tests/suites` in: an embedded Juju, a charm and a trace of its own.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{OnceLock, mpsc};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tempfile::TempDir;

use crate::tiny_charm;

/// The bench; its embedded Juju ends with it.
pub struct Bench {
    directory: TempDir,
    charm: PathBuf,
    variables: Vec<(String, String)>,
}

/// What a suite printed and how it ended.
#[derive(Debug)]
pub struct Run {
    /// Standard output and standard error, one after the other.
    pub text: String,
    /// The exit code; none if a signal ended it.
    pub code: Option<i32>,
}

impl Run {
    /// Panics, with everything the suite printed, unless each of `parts` is in it.
    #[track_caller]
    pub fn shows(&self, parts: &[&str]) -> &Run {
        for part in parts {
            assert!(self.text.contains(part), "{part:?} is not in what was printed:\n{}", self.text);
        }
        self
    }

    /// Panics, with everything the suite printed, unless it ended with `code`.
    #[track_caller]
    pub fn ends_with(&self, code: i32) -> &Run {
        assert_eq!(self.code, Some(code), "{}", self.text);
        self
    }
}

impl Bench {
    /// A bench whose charm under test sets itself active.
    ///
    /// # Errors
    /// If its files cannot be made.
    pub fn new() -> anyhow::Result<Bench> {
        Bench::with_hooks(&[("start", "status-set active 'all is well'")])
    }

    /// A bench whose charm under test, `tiny`, has these hooks.
    ///
    /// # Errors
    /// If its files cannot be made.
    pub fn with_hooks(hooks: &[(&str, &str)]) -> anyhow::Result<Bench> {
        let directory = tempfile::Builder::new().prefix("bench").tempdir()?;
        let charm = tiny_charm::pack(directory.path(), "tiny", hooks)?;
        Ok(Bench { directory, charm, variables: Vec::new() })
    }

    /// Sets a variable for the suites run from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Where the bench keeps its files.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// A command that runs the suites in this bench and nowhere else.
    ///
    /// # Errors
    /// If they cannot be built.
    pub fn suites(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = self.command(executable("suites")?);
        command.args(arguments);
        Ok(command)
    }

    /// A command that runs a program in this bench and nowhere else.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            let foreign = ["JUBILANT_", "CHARM_PATH", "RUST_BACKTRACE", "NEXTEST", "CI"];
            if foreign.iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(&*name);
            }
        }
        command
            .current_dir(self.directory.path())
            .env("JUBILANT_BACKEND", "embedded")
            .env("JUBILANT_EMBEDDED_DIR", self.state())
            .env("XDG_STATE_HOME", self.directory.path())
            .env("CHARM_PATH", &self.charm)
            .env("SUITE_TRACE", self.trace_path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the suites to their end.
    ///
    /// # Errors
    /// If they cannot be built or started.
    pub fn run(&self, arguments: &[&str]) -> anyhow::Result<Run> {
        Ok(run_of(&self.suites(arguments)?.output()?))
    }

    /// Starts the suites and goes on.
    ///
    /// # Errors
    /// If they cannot be built or started.
    pub fn start(&self, arguments: &[&str]) -> anyhow::Result<Child> {
        Ok(self.suites(arguments)?.spawn()?)
    }

    /// The same in a process group of its own, as a shell starts a job: see [`signal_group`].
    ///
    /// # Errors
    /// If they cannot be built or started.
    pub fn start_group(&self, arguments: &[&str]) -> anyhow::Result<Child> {
        Ok(self.suites(arguments)?.process_group(0).spawn()?)
    }

    /// The lines that the suites wrote so far.
    pub fn trace(&self) -> Vec<String> {
        let text = fs::read_to_string(self.trace_path()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Forgets the trace so far.
    ///
    /// # Errors
    /// If the file cannot be emptied.
    pub fn clear_trace(&self) -> anyhow::Result<()> {
        Ok(fs::write(self.trace_path(), "")?)
    }

    /// Waits until the trace has a line that begins with `start`, and returns the rest of that line.
    ///
    /// # Errors
    /// If it has not come after a minute.
    pub fn wait_for_trace(&self, start: &str) -> anyhow::Result<String> {
        wait_for(Duration::from_secs(60), || {
            self.trace().iter().find_map(|line| line.strip_prefix(start).map(|rest| rest.trim().to_owned()))
        })
        .with_context(|| format!("no line `{start}…` in the trace: {:?}", self.trace()))
    }

    /// Runs a `juju` command of the bench's embedded Juju.
    ///
    /// # Errors
    /// If it fails.
    pub fn juju(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let [installed, linked] =
            ["embedded/bin/juju", "front/jubilant-embedded"].map(|name| self.directory().join(name));
        let output = Command::new(if installed.exists() { installed } else { linked })
            .args(arguments)
            .env("JUBILANT_EMBEDDED_DIR", self.state())
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            bail!("juju {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// The names of the models that exist.
    ///
    /// # Errors
    /// If `juju models` fails.
    pub fn models(&self) -> anyhow::Result<Vec<String>> {
        let answer: serde_json::Value = serde_json::from_str(&self.juju(&["models", "--format", "json"])?)?;
        let models = answer["models"].as_array().context("`juju models` lists models")?;
        Ok(models.iter().filter_map(|model| model["short-name"].as_str().map(str::to_owned)).collect())
    }

    /// The process id of the bench's controller.
    ///
    /// # Errors
    /// If it is not running.
    pub fn controller(&self) -> anyhow::Result<u32> {
        self.processes("--embedded-controller").first().copied().context("no controller is running")
    }

    /// The bench's processes with this argument: those whose environment names its state directory.
    pub fn processes(&self, argument: &str) -> Vec<u32> {
        let mut variable = b"JUBILANT_EMBEDDED_DIR=".to_vec();
        variable.extend_from_slice(self.state().as_os_str().as_encoded_bytes());
        let has = |process: &Path, file: &str, wanted: &[u8]| {
            let content = fs::read(process.join(file)).unwrap_or_default();
            content.split(|byte| *byte == 0).any(|part| part == wanted)
        };
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries
            .filter_map(|entry| Some((entry.path(), entry.file_name().to_str()?.parse().ok()?)))
            .filter(|(process, _)| {
                has(process, "cmdline", argument.as_bytes()) && has(process, "environ", &variable)
            })
            .map(|(_, id)| id)
            .collect()
    }

    /// Waits until no model is left.
    ///
    /// # Errors
    /// If one is still there after `limit`.
    pub fn wait_for_no_models(&self, limit: Duration) -> anyhow::Result<()> {
        wait_for(limit, || self.models().is_ok_and(|models| models.is_empty()).then_some(()))
            .with_context(|| format!("models are left: {:?}", self.models()))
    }

    /// The processes that a run consists of: the suite itself, its workers, the owner of its models.
    pub fn family(&self, suite: &Child) -> Vec<u32> {
        let mut family = vec![suite.id()];
        let children = [WORKER, OWNER].into_iter().flat_map(|argument| self.processes(argument));
        family.extend(children.filter(|child| parent(*child) == Some(suite.id())));
        family
    }

    /// Waits until none of the bench's runs has a process left, the owners of models too.
    ///
    /// # Errors
    /// If one is still there after `limit`.
    pub fn wait_for_quiet(&self, limit: Duration) -> anyhow::Result<()> {
        let running = || [WORKER, OWNER].map(|argument| self.processes(argument)).concat();
        wait_for(limit, || running().is_empty().then_some(()))
            .with_context(|| format!("processes of the harness are left: {:?}", running()))
    }

    fn state(&self) -> PathBuf {
        self.directory.path().join("embedded")
    }

    fn trace_path(&self) -> PathBuf {
        self.directory.path().join("trace")
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // A process that is still at work would make the directory anew. A failure to stop it must not hide why
        // the test failed.
        let gone = |argument| {
            wait_for(Duration::from_secs(10), || self.processes(argument).is_empty().then_some(()))
        };
        let _ = gone(OWNER);
        if !self.processes("--embedded-controller").is_empty() {
            let _ = self.juju(&["kill-controller", "--no-prompt", "embedded"]);
            let _ = gone("--embedded-controller");
        }
    }
}

/// The arguments by which the harness's own processes are known.
pub const WORKER: &str = "--jubilant-worker";
/// See [`WORKER`].
pub const OWNER: &str = "--jubilant-owner";

/// Sends a signal, such as `KILL`, to all of these processes at once. One that has ended meanwhile is no error; after
/// `KILL` none of them holds anything any more.
///
/// # Errors
/// If `kill` cannot be started, or does not kill.
pub fn signal(name: &str, processes: &[u32]) -> anyhow::Result<()> {
    kill(name, processes.iter().map(u32::to_string).collect())?;
    if name == "KILL" {
        let dead = || processes.iter().all(|process| is_dead(*process)).then_some(());
        wait_for(Duration::from_secs(10), dead).context("SIGKILL does not end a process")?;
    }
    Ok(())
}

/// Whether a process has ended, and closed all that it had open; its parent may not know yet.
fn is_dead(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // Its other threads may take a little longer than the first one.
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().count();
    stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['Z', 'X']) && threads <= 1)
}

/// Sends a signal to a suite and to all that it started in its process group, as a terminal's Ctrl-C does.
///
/// # Errors
/// If `kill` cannot be started.
pub fn signal_group(name: &str, suite: &Child) -> anyhow::Result<()> {
    kill(name, vec![format!("-{}", suite.id())])
}

fn kill(name: &str, targets: Vec<String>) -> anyhow::Result<()> {
    Command::new("kill").args(["-s", name, "--"]).args(targets).stderr(Stdio::null()).status()?;
    Ok(())
}

/// The process that started this one, if both are there.
fn parent(process: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
}

/// Waits for the end of a suite.
///
/// # Errors
/// If it takes longer than `limit`; it is killed then.
pub fn end_of(child: Child, limit: Duration) -> anyhow::Result<Run> {
    let id = child.id();
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    match ended.recv_timeout(limit) {
        Ok(output) => Ok(run_of(&output?)),
        Err(_) => {
            signal("KILL", &[id])?;
            let printed = ended.recv_timeout(Duration::from_secs(5)).ok().and_then(Result::ok);
            let text = printed.map(|output| run_of(&output).text).unwrap_or_default();
            bail!("the suite has not ended after {limit:?}; it printed:\n{text}")
        }
    }
}

/// What a finished process printed and how it ended.
pub fn run_of(output: &Output) -> Run {
    let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat();
    Run { text, code: output.status.code() }
}

/// Polls until `ready` has an answer; none after `limit`.
pub fn wait_for<T>(limit: Duration, mut ready: impl FnMut() -> Option<T>) -> Option<T> {
    let started = Instant::now();
    loop {
        match ready() {
            Some(answer) => return Some(answer),
            None if started.elapsed() > limit => return None,
            None => sleep(Duration::from_millis(50)),
        }
    }
}

/// Test targets of this package that the end-to-end tests run as child processes.
const TARGETS: [&str; 3] = ["suites", "empty", "no_harness"];

/// The executable of one of the package's test targets, built once, as `cargo test` builds a user's suite.
///
/// # Errors
/// If it cannot be built.
pub fn executable(target: &str) -> anyhow::Result<&'static Path> {
    static EXECUTABLES: OnceLock<Result<Vec<(String, PathBuf)>, String>> = OnceLock::new();
    let built = EXECUTABLES.get_or_init(|| build().map_err(|error| format!("{error:#}")));
    let built = built.as_deref().map_err(|error| anyhow::anyhow!("{error}"))?;
    let known = built.iter().find(|(name, _)| name == target);
    known.map(|(_, path)| path.as_path()).with_context(|| format!("cargo names no executable for {target}"))
}

fn build() -> anyhow::Result<Vec<(String, PathBuf)>> {
    // The whole workspace is selected, as by `cargo test`: the same features, so nothing is built twice.
    let output = cargo()
        .args(["test", "--workspace", "--no-run", "--message-format", "json"])
        .args(TARGETS.iter().flat_map(|target| ["--test", target]))
        .current_dir(workspace()?)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        bail!("the suites do not build:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let lines = String::from_utf8(output.stdout)?;
    let messages = lines.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    Ok(messages
        .filter_map(|message| {
            let name = message["target"]["name"].as_str()?.to_owned();
            Some((name, message["executable"].as_str()?.into()))
        })
        .collect())
}

/// The cargo that runs these tests.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The directory of this repository.
///
/// # Errors
/// If this package has moved out of it.
pub fn workspace() -> anyhow::Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace's root")
}
