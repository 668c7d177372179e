//! Which models this user's runs have made: what finds them when every process of a run was killed.
//!
//! Each run has a file in `$XDG_STATE_HOME/jubilant/runs` (`~/.local/state/jubilant/runs`), one line of JSON for
//! each thing that happened to a model. The file is locked for as long as the run's owner lives, or a `juju` that it
//! started: they inherit the lock, so that an `add-model` in flight is never mistaken for the past.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::harness::record::now;
use crate::harness::settings::Settings;
use crate::juju::Juju;

/// One line of a run's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub(crate) enum Entry {
    Run(RunEntry),
    /// `add-model` is about to run.
    Adding {
        model: String,
    },
    Added {
        model: String,
        uuid: Option<String>,
    },
    /// `add-model` failed in a way that leaves open whether the model exists, and whose it is.
    Doubtful {
        model: String,
    },
    /// Kept on purpose.
    Kept {
        model: String,
    },
    /// Destroyed, or never made.
    Gone {
        model: String,
    },
}

/// Whose models they are, and how to reach them again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct RunEntry {
    pub(crate) run: String,
    /// The process that made them, and when it began, in microseconds since the Unix epoch.
    pub(crate) owner: u32,
    pub(crate) began: u64,
    pub(crate) suite: PathBuf,
    pub(crate) program: PathBuf,
    pub(crate) embedded: bool,
    /// The user chose the models' prefix: a model of such a name may be another's.
    pub(crate) named: bool,
    /// The models of a run that fails are to be kept, and so those of one that is killed.
    pub(crate) keep: bool,
    /// What `juju` needs to find the same controllers.
    pub(crate) environment: BTreeMap<String, PathBuf>,
}

impl RunEntry {
    fn of(settings: &Settings) -> RunEntry {
        RunEntry {
            run: settings.run.clone(),
            owner: std::process::id(),
            began: now(),
            suite: env::current_exe().unwrap_or_default(),
            program: settings.program.clone(),
            embedded: settings.embedded,
            named: settings.named,
            keep: settings.keep.after(true),
            environment: environment(settings),
        }
    }

    /// The client that reaches its models.
    pub(crate) fn juju(&self) -> Juju {
        let juju = Juju::new().with_program(&self.program);
        self.environment.iter().fold(juju, |juju, (name, value)| juju.with_env(name, value))
    }
}

fn environment(settings: &Settings) -> BTreeMap<String, PathBuf> {
    let (name, directory) = if settings.embedded {
        // `<state>/bin/juju`.
        ("JUBILANT_EMBEDDED_DIR", settings.program.ancestors().nth(2).map(Path::to_owned))
    } else {
        ("JUJU_DATA", variable("JUJU_DATA").or_else(|| home("XDG_DATA_HOME", ".local/share", "juju")))
    };
    directory.map(|directory| (name.to_owned(), directory)).into_iter().collect()
}

/// Where the files lie; `None` without a home.
pub(crate) fn directory() -> Option<PathBuf> {
    home("XDG_STATE_HOME", ".local/state", "jubilant/runs")
}

fn home(base: &str, below_home: &str, name: &str) -> Option<PathBuf> {
    let base = variable(base).or_else(|| variable("HOME").map(|home| home.join(below_home)))?;
    Some(base.join(name))
}

fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The file of the run that this process owns the models of.
pub(crate) struct Ledger {
    book: Mutex<Option<Book>>,
}

struct Book {
    file: File,
    path: PathBuf,
    models: IndexMap<String, Entry>,
}

impl Ledger {
    /// Begins the run's file. Without one the run goes on, and the words say what is lost.
    pub(crate) fn begin(settings: &Settings) -> (Ledger, Option<String>) {
        let (book, problem) = match Book::create(settings) {
            Ok(book) => (Some(book), None),
            Err(error) => (
                None,
                Some(format!(
                    "should every process of this run be killed, nothing will find its models: no record of them can be kept ({error})"
                )),
            ),
        };
        (Ledger { book: Mutex::new(book) }, problem)
    }

    /// Notes what happened to a model; on disk when it returns.
    pub(crate) fn note(&self, entry: Entry) -> io::Result<()> {
        match &mut *self.lock() {
            Some(book) => book.note(entry),
            None => Ok(()),
        }
    }

    /// The end of the run: the file stays only if it names a model that is still there.
    pub(crate) fn end(&self) {
        if let Some(book) = self.lock().take()
            && book.models.values().all(|entry| matches!(entry, Entry::Gone { .. }))
        {
            // Whatever stays is looked at by the next sweep.
            let _ = fs::remove_file(&book.path);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Book>> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn create(settings: &Settings) -> io::Result<Book> {
        let directory =
            directory().ok_or_else(|| io::Error::other("neither XDG_STATE_HOME nor HOME is set"))?;
        Book::create_in(&directory, settings)
            .map_err(|error| io::Error::other(format!("{}: {error}", directory.display())))
    }

    fn create_in(directory: &Path, settings: &Settings) -> io::Result<Book> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let path = directory.join(format!("{}.jsonl", settings.run));
        // Under its name only when it is locked and has its first line.
        let begun = directory.join(format!(".{}", settings.run));
        let file = OpenOptions::new().create_new(true).append(true).mode(0o600).open(&begun)?;
        let mut book = Book { file, path, models: IndexMap::new() };
        let made = book.begin(settings).and_then(|()| fs::rename(&begun, &book.path));
        if let Err(error) = made {
            let _ = fs::remove_file(&begun);
            return Err(error);
        }
        Ok(book)
    }

    fn begin(&mut self, settings: &Settings) -> io::Result<()> {
        self.file.lock()?;
        // Whoever is started from here on holds the lock too.
        rustix::io::fcntl_setfd(&self.file, rustix::io::FdFlags::empty())?;
        self.write(&Entry::Run(RunEntry::of(settings)))
    }

    fn note(&mut self, entry: Entry) -> io::Result<()> {
        if let Some(model) = entry.model() {
            self.models.insert(model.to_owned(), entry.clone());
        }
        self.write(&entry)
    }

    fn write(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }
}

impl Entry {
    fn model(&self) -> Option<&str> {
        match self {
            Entry::Run(_) => None,
            Entry::Adding { model }
            | Entry::Added { model, .. }
            | Entry::Doubtful { model }
            | Entry::Kept { model }
            | Entry::Gone { model } => Some(model),
        }
    }
}

/// A run whose processes are all gone, and its models that may not be. Nobody else deals with it meanwhile.
pub(crate) struct DeadRun {
    pub(crate) run: RunEntry,
    /// The latest entry of each model that is not known to be gone.
    pub(crate) models: Vec<Entry>,
    path: PathBuf,
    /// Holds the lock.
    file: File,
}

/// What the ledger says about the runs that are not over.
#[derive(Default)]
pub(crate) struct Runs {
    pub(crate) dead: Vec<DeadRun>,
    /// At work, or being dealt with by another sweep.
    pub(crate) alive: Vec<RunEntry>,
}

/// Reads all files of the ledger but that of the run itself.
pub(crate) fn runs(own: Option<&str>) -> Runs {
    let mut runs = Runs::default();
    let entries =
        directory().and_then(|directory| fs::read_dir(directory).ok()).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        if path.extension().is_some_and(|extension| extension == "jsonl") && Some(name) != own {
            // One that vanishes meanwhile is over.
            let _ = look_at(path, &mut runs);
        }
    }
    runs
}

fn look_at(path: PathBuf, runs: &mut Runs) -> io::Result<()> {
    let file = OpenOptions::new().read(true).append(true).open(&path)?;
    let locked = file.try_lock();
    let mut lines = BufReader::new(&file).lines().map_while(Result::ok);
    let Some(Entry::Run(run)) = lines.next().and_then(|line| serde_json::from_str(&line).ok()) else {
        return Ok(());
    };
    // A file system that cannot lock must not make a live run look dead.
    if locked.is_err() {
        runs.alive.push(run);
        return Ok(());
    }
    // A last line that was cut off tells of something that had not begun.
    let entries = lines.filter_map(|line| serde_json::from_str::<Entry>(&line).ok());
    let mut models: IndexMap<String, Entry> = IndexMap::new();
    for entry in entries {
        if let Some(model) = entry.model() {
            models.insert(model.to_owned(), entry);
        }
    }
    models.retain(|_, entry| !matches!(entry, Entry::Gone { .. }));
    runs.dead.push(DeadRun { run, models: models.into_values().collect(), path, file });
    Ok(())
}

impl DeadRun {
    /// Notes that a model is gone.
    pub(crate) fn gone(&self, model: &str) {
        let Ok(mut line) = serde_json::to_vec(&Entry::Gone { model: model.to_owned() }) else { return };
        line.push(b'\n');
        // If it cannot be noted, the next sweep looks again.
        let _ = (&self.file).write_all(&line);
    }

    /// Forgets the run: none of its models is left.
    pub(crate) fn forget(&self) {
        let _ = fs::remove_file(&self.path);
    }
}
