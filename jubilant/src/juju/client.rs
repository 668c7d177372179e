//! The `juju` program, bound to a model: what every command needs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cli::{self, Cli, Files, Limits, Output, Program};
use crate::error::Result;
use crate::observe::{Activity, Observers};

/// The `juju` program, bound to a model.
///
/// Each method runs one `juju` command and returns when it ends; Juju goes on working behind, which is what
/// [`wait`](Self::wait) is for. Methods have the commands' names, and their options are values: a method takes
/// anything that becomes its options, so the common case needs no options type.
///
/// A `Juju` is cheap to clone and can be used from several threads.
///
/// ```no_run
/// use jubilant::{Deploy, Juju, all_active, any_error, minutes, Condition};
///
/// let juju = Juju::new().add_model("demo")?;
/// juju.deploy(Deploy::new("postgresql").channel("16/stable").trust())?;
/// juju.wait(all_active().within(minutes(20)).fail_on(any_error()))?;
/// juju.destroy_model("demo")?;
/// # Ok::<(), jubilant::Error>(())
/// ```
///
/// # Errors
/// Every method fails with [`Error::Start`](crate::Error::Start) if there is no `juju`, with
/// [`Error::Command`](crate::Error::Command) if the command fails, and with
/// [`Error::Timeout`](crate::Error::Timeout) if it gives no answer: a command that changes something is ended after
/// 5 minutes, one that only reads after 2, unless [`command_timeout`](Self::command_timeout) says otherwise.
/// A method's own documentation tells what else can go wrong.
#[derive(Clone, Debug)]
pub struct Juju {
    settings: Arc<Settings>,
}

#[derive(Clone, Debug)]
struct Settings {
    program: Program,
    model: Option<String>,
    limits: Limits,
    observers: Observers,
}

impl Default for Juju {
    fn default() -> Self {
        Self::new()
    }
}

impl Juju {
    /// The `juju` found in PATH, with the current model.
    #[must_use]
    pub fn new() -> Self {
        let program = Program { path: "juju".into(), env: Vec::new() };
        let (limits, observers) = (Limits::default(), Observers::default());
        Juju { settings: Arc::new(Settings { program, model: None, limits, observers }) }
    }

    /// The same with another program: a bare name is looked for in PATH.
    #[must_use]
    pub fn with_program(self, program: impl Into<PathBuf>) -> Self {
        self.changed(|settings| settings.program.path = program.into())
    }

    /// The same bound to a model: `model`, `user/model` or `controller:model`.
    #[must_use]
    pub fn with_model(self, model: impl Into<String>) -> Self {
        self.changed(|settings| settings.model = Some(model.into()))
    }

    /// The same with a variable in the environment of each command, such as `JUJU_DATA`.
    #[must_use]
    pub fn with_env(self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.changed(|settings| settings.program.env.push((key.into(), value.into())))
    }

    /// The same with this time limit for each command that is given none itself.
    #[must_use]
    pub fn command_timeout(self, limit: Duration) -> Self {
        self.changed(|settings| settings.limits = Limits { read: limit, change: limit })
    }

    /// The same with one more listener, which is told what this `Juju` does; several can listen, and what is made
    /// from it (clones, [`with_model`](Self::with_model), [`add_model`](Self::add_model), …) carries them along.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// use jubilant::{Activity, Juju};
    ///
    /// static FAILED: AtomicUsize = AtomicUsize::new(0);
    /// let juju = Juju::new().with_program("/no/such/juju").observed_by(|activity| {
    ///     if let Activity::Command { command, exit: None, .. } = activity {
    ///         eprintln!("`{command}` could not be started");
    ///         FAILED.fetch_add(1, Ordering::Relaxed);
    ///     }
    /// });
    /// assert!(juju.status().is_err());
    /// assert_eq!(FAILED.load(Ordering::Relaxed), 1);
    /// ```
    ///
    /// The listeners are called one after another, in the order in which they were added, in the thread that uses
    /// the `Juju`, which goes on when they return: they must not block for long. Several threads that use it may
    /// call them at the same time. A panic of a listener passes through to the caller of the method, and the
    /// listeners after it do not hear of that activity. A listener that itself runs commands takes a `Juju` that it
    /// does not listen to, such as one made [`unobserved`](Self::unobserved): otherwise it is told them in turn,
    /// without an end.
    #[must_use]
    pub fn observed_by(self, observer: impl Fn(&Activity<'_>) + Send + Sync + 'static) -> Self {
        self.changed(|settings| settings.observers.add(observer))
    }

    /// The same without listeners.
    #[must_use]
    pub fn unobserved(self) -> Self {
        self.changed(|settings| settings.observers = Observers::default())
    }

    fn changed(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }

    /// The model it is bound to; without one, Juju's current model is used.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.settings.model.as_deref()
    }

    /// The program, as it was given.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.settings.program.path
    }

    /// A new private directory whose files `juju` can read, removed when it is dropped.
    ///
    /// For files that name other files, such as bundles of local charms: a snapped Juju sees nothing outside the
    /// home directory, so for it the directory lies in `~/snap/juju/common`. Single files need no such care: each
    /// method that takes one hands it over by itself.
    ///
    /// ```no_run
    /// # let juju = jubilant::Juju::new();
    /// let shared = juju.shared_directory()?;
    /// std::fs::write(shared.path().join("bundle.yaml"), "applications: {web: {charm: ./web.charm}}")?;
    /// std::fs::copy("web_amd64.charm", shared.path().join("web.charm"))?;
    /// juju.deploy(shared.path().join("bundle.yaml"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn shared_directory(&self) -> Result<tempfile::TempDir> {
        Ok(cli::private_dir(self.settings.program.snap_files().as_deref())?)
    }

    /// Runs any `juju` command and returns its standard output.
    ///
    /// ```no_run
    /// # let juju = jubilant::Juju::new();
    /// let spaces = juju.cli(["spaces", "--format", "json"])?;
    /// # Ok::<(), jubilant::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the command fails or gives no answer, see [`Juju`].
    pub fn cli(&self, cli: impl Into<Cli>) -> Result<String> {
        Ok(self.output(cli.into())?.text()?)
    }

    /// Runs a command for what it does, not for what it prints.
    pub(super) fn done(&self, cli: Cli) -> Result<()> {
        self.output(cli)?.text()?;
        Ok(())
    }

    pub(crate) fn output(&self, cli: Cli) -> Result<Output> {
        let command = cli.display(self.model());
        let started = Instant::now();
        let result = cli::run(&self.settings.program, self.model(), self.settings.limits, cli);
        let exit = result.as_ref().ok().map(|output| output.exit);
        self.tell(&Activity::Command { command: &command, took: started.elapsed(), exit });
        Ok(result?)
    }

    /// Tells whoever listens.
    pub(crate) fn tell(&self, activity: &Activity<'_>) {
        self.settings.observers.tell(activity);
    }

    /// The longest that this command may take.
    pub(crate) fn limit(&self, cli: &Cli) -> Duration {
        self.settings.limits.of(cli)
    }

    pub(super) fn files(&self) -> Files {
        Files::of(&self.settings.program)
    }
}
