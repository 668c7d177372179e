//! The background process: it holds the models, answers commands and runs one agent per unit.

mod descriptors;
pub(crate) mod models;
mod server;
mod start;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::net::Ipv4Addr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::agent;
use crate::agent::context::HookContext;
use crate::commands::failure::{Failure, fail};
use crate::model::Model;
use crate::model::store::{self, Settings};
use crate::paths::StateDir;

pub(crate) use server::Reply;
pub(crate) use start::main;

/// Everything the process shares between its threads.
pub(crate) struct Controller {
    pub(crate) dir: StateDir,
    /// The program file this process was started from: see [`crate::protocol::identity`].
    pub(crate) identity: String,
    world: Mutex<World>,
    changed: Condvar,
    contexts: Mutex<HashMap<String, Arc<HookContext>>>,
    /// Units that have an agent thread.
    agents: Mutex<HashSet<(String, String)>>,
    activity: Mutex<Activity>,
}

/// All models by UUID.
pub(crate) struct World {
    pub(crate) models: BTreeMap<String, Model>,
    pub(crate) settings: Settings,
}

/// Whether anybody still needs the process.
struct Activity {
    running: usize,
    last: Instant,
    ending: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A thread that panicked has not left a model half changed: changes are made on validated input.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Controller {
    fn new(dir: StateDir, identity: String) -> Self {
        let models = store::load(&dir).into_iter().map(|model| (model.uuid.clone(), model)).collect();
        let settings = store::load_settings(&dir);
        Self {
            dir,
            identity,
            world: Mutex::new(World { models, settings }),
            changed: Condvar::new(),
            contexts: Mutex::default(),
            agents: Mutex::default(),
            activity: Mutex::new(Activity { running: 0, last: Instant::now(), ending: false }),
        }
    }

    /// The models, to look at.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    /// Changes one model. If `change` fails nothing has happened; otherwise the change is on disk.
    pub(crate) fn update<T>(
        &self,
        uuid: &str,
        change: impl FnOnce(&mut Model) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut world = self.world();
        let Some(model) = world.models.get_mut(uuid) else {
            fail!("model not found, it may have been destroyed during this operation")
        };
        let before = model.clone();
        let result = change(model).and_then(|value| {
            store::save(&self.dir, model)?;
            Ok(value)
        });
        if result.is_err() {
            *model = before;
        }
        drop(world);
        self.changed.notify_all();
        result
    }

    /// Changes one model in a way that cannot fail; nothing happens if the model is gone.
    pub(crate) fn commit(&self, world: &mut World, uuid: &str, change: impl FnOnce(&mut Model)) {
        let Some(model) = world.models.get_mut(uuid) else { return };
        change(model);
        self.save(model);
        self.changed.notify_all();
    }

    /// The same for a change that sets nobody else to work: waking every agent each time would cost most of a
    /// large model's time.
    pub(crate) fn commit_quietly(&self, world: &mut World, uuid: &str, change: impl FnOnce(&mut Model)) {
        let Some(model) = world.models.get_mut(uuid) else { return };
        change(model);
        self.save(model);
    }

    fn save(&self, model: &mut Model) {
        if let Err(error) = store::save(&self.dir, model) {
            eprintln!("cannot write model {}: {error}", model.uuid);
        }
    }

    /// Appends to a model's log; the model itself is not written.
    pub(crate) fn log(&self, uuid: &str, write: impl FnOnce(&mut Model)) {
        let mut world = self.world();
        let Some(model) = world.models.get_mut(uuid) else { return };
        write(model);
        if let Err(error) = store::save_log(&self.dir, model) {
            eprintln!("cannot write the log of model {uuid}: {error}");
        }
    }

    /// Adds a model.
    pub(crate) fn add_model(&self, mut model: Model, switch: bool) -> Result<(), Failure> {
        let mut world = self.world();
        if world.models.values().any(|known| known.name == model.name) {
            fail!(
                "failed to create new model: model \"{0}\" for admin already exists (already exists)",
                model.name
            );
        }
        store::save(&self.dir, &mut model)?;
        if switch {
            world.settings.current = Some(model.name.clone());
            store::save_settings(&self.dir, &world.settings)?;
        }
        world.models.insert(model.uuid.clone(), model);
        Ok(())
    }

    /// Forgets a model and deletes its directory.
    pub(crate) fn forget_model(&self, uuid: &str) {
        let mut world = self.world();
        let Some(model) = world.models.remove(uuid) else { return };
        if world.settings.current.as_deref() == Some(&model.name) {
            world.settings.current = None;
            let _ = store::save_settings(&self.dir, &world.settings);
        }
        // First the state, so that a half-deleted model is not found again after a crash.
        let dir = self.dir.model(uuid);
        let _ = fs::remove_file(dir.state());
        drop(world);
        if let Err(error) = fs::remove_dir_all(dir.path()) {
            eprintln!("cannot delete {}: {error}", dir.path().display());
        }
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
        let used: HashSet<Ipv4Addr> =
            world.models.values().flat_map(|model| model.units().map(|unit| unit.address)).collect();
        loop {
            world.settings.addresses = world.settings.addresses.wrapping_add(1);
            let address = agent::address::nth(&self.dir, world.settings.addresses);
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

    /// Starts an agent for every unit that has none.
    pub(crate) fn start_agents(self: &Arc<Self>) {
        let world = self.world();
        let mut agents = lock(&self.agents);
        for model in world.models.values() {
            for unit in model.units() {
                let key = (model.uuid.clone(), unit.name.clone());
                if agents.insert(key.clone()) {
                    let controller = Arc::clone(self);
                    thread::spawn(move || {
                        // A bug that one hook brings to light must not leave its unit without an agent.
                        while catch_unwind(AssertUnwindSafe(|| agent::run(&controller, &key.0, &key.1)))
                            .is_err()
                        {
                            thread::sleep(Duration::from_secs(1));
                        }
                        lock(&controller.agents).remove(&key);
                    });
                }
            }
        }
    }

    fn has_agents(&self, uuid: &str) -> bool {
        lock(&self.agents).iter().any(|(model, _)| model == uuid)
    }

    pub(crate) fn add_context(&self, context: &Arc<HookContext>) {
        lock(&self.contexts).insert(context.id.clone(), Arc::clone(context));
    }

    pub(crate) fn remove_context(&self, id: &str) {
        lock(&self.contexts).remove(id);
    }

    pub(crate) fn context(&self, id: &str) -> Option<Arc<HookContext>> {
        lock(&self.contexts).get(id).cloned()
    }

    /// Whether commands that could go on for ever must end.
    pub(crate) fn is_ending(&self) -> bool {
        lock(&self.activity).ending
    }

    /// Ends the process as soon as its running commands have their replies.
    pub(crate) fn end(&self) {
        lock(&self.activity).ending = true;
    }
}
