//! All models, changed in transactions: each is one change under the lock, and on disk when it has been made.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, DirBuilder};
use std::io;
use std::mem;
use std::net::Ipv4Addr;
use std::os::unix::fs::DirBuilderExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::address;
use super::journal::{Concerns, Journal, Unreadable};
use super::lines;
use super::store::{self, Settings};
use crate::ground::failure::{Failure, fail};
use crate::ground::note::note;
use crate::ground::paths::StateDir;
use crate::ground::time::Timestamp;
use crate::model::Model;

/// The world, and the lock on it.
pub(crate) struct State {
    pub(crate) dir: StateDir,
    world: Mutex<World>,
    changed: Condvar,
    ending: AtomicBool,
}

/// What there is.
pub(crate) struct World {
    /// By UUID.
    pub(crate) models: BTreeMap<String, Model>,
    /// Models that this build cannot read, by UUID. They can be listed and destroyed.
    pub(crate) unreadable: BTreeMap<String, Unreadable>,
    /// Those of them that are to be deleted.
    pub(crate) condemned: BTreeSet<String>,
    pub(crate) settings: Settings,
    journals: BTreeMap<String, Journal>,
}

const GONE: &str = "model not found, it may have been destroyed during this operation";

impl State {
    /// Reads everything from disk.
    pub(crate) fn load(dir: StateDir) -> Self {
        let mut world = World {
            models: BTreeMap::new(),
            unreadable: BTreeMap::new(),
            condemned: BTreeSet::new(),
            settings: store::load_settings(&dir),
            journals: BTreeMap::new(),
        };
        for (uuid, read) in store::load(&dir) {
            match read {
                Ok((mut model, journal)) => {
                    model.now = Timestamp::now();
                    model.interrupt();
                    world.journals.insert(uuid.clone(), journal);
                    world.models.insert(uuid, model);
                }
                Err(unreadable) => drop(world.unreadable.insert(uuid, unreadable)),
            }
        }
        Self { dir, world: Mutex::new(world), changed: Condvar::new(), ending: AtomicBool::new(false) }
    }

    /// The models, to look at.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // A thread that panicked has not left a model half changed: changes are made on validated input.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at one model.
    pub(crate) fn look<T>(
        &self,
        uuid: &str,
        get: impl FnOnce(&Model) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match self.world().models.get(uuid) {
            Some(model) => get(model),
            None => fail!("{GONE}"),
        }
    }

    /// Changes one model. If `change` fails nothing has happened; otherwise the change is on disk.
    pub(crate) fn update<T>(
        &self,
        uuid: &str,
        change: impl FnOnce(&mut Model) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut world = self.world();
        let world = &mut *world;
        let Some((model, journal)) = world.models.get_mut(uuid).zip(world.journals.get_mut(uuid)) else {
            fail!("{GONE}")
        };
        let before = model.clone();
        model.now = Timestamp::now();
        let result = change(model).and_then(|value| {
            journal.record(model)?;
            Ok(value)
        });
        match result {
            Ok(_) => self.report(model),
            Err(_) => *model = before,
        }
        self.changed.notify_all();
        result
    }

    /// Changes one model in a way that cannot fail; nothing happens if the model is gone.
    ///
    /// Wakes whoever waits only if the change may concern them: waking every agent each time would cost most of a
    /// large model's time.
    pub(crate) fn commit(&self, world: &mut World, uuid: &str, change: impl FnOnce(&mut Model)) {
        let Some((model, journal)) = world.models.get_mut(uuid).zip(world.journals.get_mut(uuid)) else {
            return;
        };
        model.now = Timestamp::now();
        change(model);
        self.report(model);
        let concerns = journal.record(model).unwrap_or_else(|error| {
            note(format_args!("cannot write model {uuid}: {error}"));
            Concerns::Others
        });
        if concerns == Concerns::Others {
            self.changed.notify_all();
        }
    }

    /// Appends to a model's log; the model itself is not written.
    pub(crate) fn log(&self, uuid: &str, write: impl FnOnce(&mut Model)) {
        let mut world = self.world();
        let Some(model) = world.models.get_mut(uuid) else { return };
        model.now = Timestamp::now();
        write(model);
        self.report(model);
    }

    /// Writes a model's news to its logs.
    fn report(&self, model: &mut Model) {
        let news = mem::take(&mut model.news);
        let dir = self.dir.model(&model.uuid);
        let written = lines::append(&dir.log(), &news.lines)
            .and_then(|()| lines::append(&dir.history(), &news.changes));
        if let Err(error) = written {
            note(format_args!("cannot write the log of model {}: {error}", model.uuid));
        }
    }

    /// Adds a model. If it fails, nothing stays.
    pub(crate) fn add_model(&self, model: Model, switch: bool) -> Result<(), Failure> {
        let mut world = self.world();
        if world.find(&model.name).is_some() {
            fail!(
                "failed to create new model: model \"{0}\" for admin already exists (already exists)",
                model.name
            );
        }
        let settings = match switch {
            true => Settings { current: Some(model.name.clone()), ..world.settings.clone() },
            false => world.settings.clone(),
        };
        let path = self.dir.model(&model.uuid);
        let create = || -> io::Result<Journal> {
            DirBuilder::new().recursive(true).mode(0o700).create(path.path())?;
            let journal = Journal::create(path.state(), &model)?;
            store::save_settings(&self.dir, &settings)?;
            Ok(journal)
        };
        let journal = create().inspect_err(|_| drop(fs::remove_dir_all(path.path())))?;
        world.settings = settings;
        world.journals.insert(model.uuid.clone(), journal);
        world.models.insert(model.uuid.clone(), model);
        Ok(())
    }

    /// Has a model deleted that cannot be read.
    pub(crate) fn condemn(&self, uuid: &str) {
        self.world().condemned.insert(uuid.to_owned());
        self.changed.notify_all();
    }

    /// Deletes a model's directory and forgets it.
    pub(crate) fn forget_model(&self, uuid: &str) {
        let dir = self.dir.model(uuid);
        // First the state, so that a half-deleted model is not found again after a crash.
        let _ = fs::remove_file(dir.state());
        let _ = fs::remove_file(dir.first_state());
        if let Err(error) = fs::remove_dir_all(dir.path())
            && error.kind() != io::ErrorKind::NotFound
        {
            note(format_args!("cannot delete {}: {error}", dir.path().display()));
        }
        let mut world = self.world();
        world.journals.remove(uuid);
        world.condemned.remove(uuid);
        let unreadable = world.unreadable.remove(uuid).and_then(|model| model.name);
        let name = world.models.remove(uuid).map(|model| model.name).or(unreadable);
        if name.is_some() && world.settings.current == name {
            world.settings.current = None;
            let _ = store::save_settings(&self.dir, &world.settings);
        }
        drop(world);
        self.changed.notify_all();
    }

    /// Chooses the model that commands without `--model` are for.
    pub(crate) fn switch(&self, name: &str) -> Result<(), Failure> {
        let mut world = self.world();
        world.settings.current = Some(name.into());
        Ok(store::save_settings(&self.dir, &world.settings)?)
    }

    /// An address in 127.0.0.0/8 that no unit has, and that none had for a long while.
    pub(crate) fn next_address(&self) -> Ipv4Addr {
        let mut world = self.world();
        let units = world.models.values().flat_map(|model| model.units.values());
        let used: HashSet<Ipv4Addr> = units.map(|unit| unit.place.address()).collect();
        loop {
            world.settings.addresses = world.settings.addresses.wrapping_add(1);
            let address = address::nth(&self.dir, world.settings.addresses);
            if !used.contains(&address) {
                let _ = store::save_settings(&self.dir, &world.settings);
                return address;
            }
        }
    }

    /// Waits until `condition` gives a value, or until the time is over.
    pub(crate) fn wait<T>(
        &self,
        deadline: Option<Instant>,
        mut condition: impl FnMut(&mut World) -> Option<T>,
    ) -> Option<T> {
        let mut world = self.world();
        loop {
            if let Some(value) = condition(&mut world) {
                return Some(value);
            }
            let left = match deadline {
                None => Duration::from_secs(60),
                Some(deadline) => deadline.checked_duration_since(Instant::now())?,
            };
            world = self.pause(world, left);
        }
    }

    /// Gives up the models until something changed or the time is over.
    pub(crate) fn pause<'a>(&self, world: MutexGuard<'a, World>, limit: Duration) -> MutexGuard<'a, World> {
        self.changed.wait_timeout(world, limit).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Whether commands that could go on for ever must end.
    pub(crate) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }

    /// Ends the process as soon as its running commands have their replies.
    pub(crate) fn end(&self) {
        self.ending.store(true, Ordering::SeqCst);
    }
}

/// A model that was found by its name or UUID.
pub(crate) enum Found<'a> {
    Readable(&'a Model),
    Unreadable(&'a str, &'a Unreadable),
}

impl World {
    /// The model of this name or UUID.
    pub(crate) fn find(&self, name: &str) -> Option<Found<'_>> {
        let mut models = self.models.values();
        if let Some(model) = models.find(|model| model.name == name || model.uuid == name) {
            return Some(Found::Readable(model));
        }
        let mut others = self.unreadable.iter();
        let (uuid, other) =
            others.find(|(uuid, other)| uuid.as_str() == name || other.name.as_deref() == Some(name))?;
        Some(Found::Unreadable(uuid, other))
    }
}
