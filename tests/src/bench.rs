//! A place to run the suites of `tests/suites` in: an embedded Juju, a charm and a trace of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
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
    pub fn suites(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = Command::new(suites_executable()?);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            let foreign = ["JUBILANT_", "CHARM_PATH", "RUST_BACKTRACE", "NEXTEST", "CI"];
            if foreign.iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(&*name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .env("JUBILANT_BACKEND", "embedded")
            .env("JUBILANT_EMBEDDED_DIR", self.state())
            .env("CHARM_PATH", &self.charm)
            .env("SUITE_TRACE", self.trace_path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Ok(command)
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
        let output = Command::new(self.state().join("bin/juju"))
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

    /// The bench's processes with this first argument: those whose environment names its state directory.
    fn processes(&self, argument: &str) -> Vec<u32> {
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
        let _ = gone("--jubilant-watchdog");
        if !self.processes("--embedded-controller").is_empty() {
            let _ = self.juju(&["kill-controller", "--no-prompt", "embedded"]);
            let _ = gone("--embedded-controller");
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

/// The executable of `tests/suites`, built once, as `cargo test` builds a user's suite.
fn suites_executable() -> anyhow::Result<&'static Path> {
    static EXECUTABLE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = EXECUTABLE.get_or_init(|| build_suites().map_err(|error| format!("{error:#}")));
    built.as_deref().map_err(|error| anyhow::anyhow!("{error}"))
}

fn build_suites() -> anyhow::Result<PathBuf> {
    // The whole workspace is selected, as by `cargo test`: the same features, so nothing is built twice.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace's root")?;
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--workspace", "--test", "suites", "--no-run", "--message-format", "json"])
        .current_dir(root)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        bail!("the suites do not build:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8(output.stdout)?
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "suites")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo names no executable for the suites")
}
