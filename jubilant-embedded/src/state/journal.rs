//! One model on disk: a file of JSON lines, the first with the format's number, each further one with what a
//! transaction changed. A line is one write, so that a killed controller leaves none torn but the last.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::mem;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::ground::files::write_atomically;
use crate::ground::name::UnitName;
use crate::model::Model;
use crate::model::application::Application;
use crate::model::relation::Relation;
use crate::model::task::Task;
use crate::model::unit::Unit;

/// Raised whenever a build could not read what the one before has written.
const FORMAT: u32 = 1;

/// How much longer than the model itself its file may become before it is written anew.
const SLACK: u64 = 1024 * 1024;

/// The first line. Every format has it, so that a model of any can be listed and destroyed.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: u32,
    uuid: String,
    name: String,
}

/// What a transaction changed.
#[derive(Debug, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a Model>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    applications: BTreeMap<&'a String, Option<&'a Application>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    units: BTreeMap<&'a UnitName, Option<&'a Unit>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    relations: BTreeMap<&'a u32, Option<&'a Relation>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tasks: BTreeMap<&'a u32, Option<&'a Task>>,
}

/// The same when it is read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadDelta {
    model: Option<Model>,
    #[serde(default)]
    applications: BTreeMap<String, Option<Application>>,
    #[serde(default)]
    units: BTreeMap<UnitName, Option<Unit>>,
    #[serde(default)]
    relations: BTreeMap<u32, Option<Relation>>,
    #[serde(default)]
    tasks: BTreeMap<u32, Option<Task>>,
}

/// Writes one model down.
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// The file up to here is whole.
    length: u64,
    /// How long it was when it had the model alone.
    least: u64,
    /// The model as the file has it.
    written: Model,
    /// The part of it that belongs to no entity, as text.
    own: Vec<u8>,
}

/// Whom a change may concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Concerns {
    Nobody,
    /// The unit's own affairs.
    OneUnit,
    Others,
}

impl Journal {
    /// Writes a whole model to a new file.
    pub(crate) fn create(path: PathBuf, model: &Model) -> io::Result<Self> {
        let text = whole(model)?;
        write_atomically(&path, &text)?;
        Self::resume(path, model, text.len() as u64)
    }

    /// Goes on with a file that has this very model, and is whole up to `length`.
    fn resume(path: PathBuf, model: &Model, length: u64) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).open(&path)?;
        file.set_len(length)?;
        let (written, own) = (model.clone(), serde_json::to_vec(model)?);
        Ok(Self { path, file, length, least: length, written, own })
    }

    /// Reads a model and goes on writing it down.
    pub(crate) fn open(path: PathBuf) -> Result<(Model, Self), Unreadable> {
        let (model, length) = read(&path)?;
        // Without room for a new file the one that is there goes on.
        let journal = Self::create(path.clone(), &model).or_else(|_| Self::resume(path, &model, length));
        let name = Some(model.name.clone());
        match journal {
            Ok(journal) => Ok((model, journal)),
            Err(error) => {
                Err(Unreadable { name, why: format!("its state cannot be read and written: {error}") })
            }
        }
    }

    /// Writes down what is different since the last time. What could not be written (a full disk) is tried again
    /// with the next change.
    pub(crate) fn record(&mut self, model: &Model) -> io::Result<Concerns> {
        let own = serde_json::to_vec(model)?;
        let before = &self.written;
        let delta = Delta {
            model: (own != self.own).then_some(model),
            applications: model.applications.since(&before.applications),
            units: model.units.since(&before.units),
            relations: model.relations.since(&before.relations),
            tasks: model.tasks.since(&before.tasks),
        };
        let concerns = delta.concerns(before);
        if concerns != Concerns::Nobody {
            let mut line = serde_json::to_vec(&delta)?;
            line.push(b'\n');
            self.append(&line)?;
        }
        // Also what is equal is taken over: the copies share it from now on.
        (self.written, self.own) = (model.clone(), own);
        if self.length > 2 * self.least + SLACK {
            // Without room for a second file the first one goes on.
            if let Ok(anew) = Self::create(self.path.clone(), model) {
                *self = anew;
            }
        }
        Ok(concerns)
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(line) {
            // Half a line must not stand before the next one.
            self.file.set_len(self.length)?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

impl Delta<'_> {
    fn concerns(&self, before: &Model) -> Concerns {
        let units_alone = self.model.is_none()
            && self.applications.is_empty()
            && self.relations.is_empty()
            && self.tasks.is_empty();
        if !units_alone {
            return Concerns::Others;
        }
        let mut changed = self.units.iter();
        match (changed.next(), changed.next()) {
            (None, _) => Concerns::Nobody,
            (Some((name, Some(unit))), None) => match before.units.get(*name) {
                Some(known) if known.life == unit.life => Concerns::OneUnit,
                _ => Concerns::Others,
            },
            _ => Concerns::Others,
        }
    }
}

fn whole(model: &Model) -> io::Result<Vec<u8>> {
    let nothing = Model::new(String::new(), String::new(), BTreeMap::new(), model.now);
    let delta = Delta {
        model: Some(model),
        applications: model.applications.since(&nothing.applications),
        units: model.units.since(&nothing.units),
        relations: model.relations.since(&nothing.relations),
        tasks: model.tasks.since(&nothing.tasks),
    };
    let head = Head { format: FORMAT, uuid: model.uuid.clone(), name: model.name.clone() };
    let mut text = serde_json::to_vec(&head)?;
    text.push(b'\n');
    serde_json::to_writer(&mut text, &delta)?;
    text.push(b'\n');
    Ok(text)
}

/// Why a model cannot be read, and its name if that can.
#[derive(Debug, Clone)]
pub(crate) struct Unreadable {
    pub(crate) name: Option<String>,
    pub(crate) why: String,
}

/// Reads a model, and how much of its file is whole.
fn read(path: &Path) -> Result<(Model, u64), Unreadable> {
    let unreadable =
        |name: Option<&Head>, why: String| Unreadable { name: name.map(|head| head.name.clone()), why };
    let file =
        File::open(path).map_err(|error| unreadable(None, format!("its state cannot be read: {error}")))?;
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    let _ = reader.read_until(b'\n', &mut line);
    let mut whole = line.len() as u64;
    let head: Head = serde_json::from_slice(&line)
        .map_err(|_| unreadable(None, "its state cannot be read: it is damaged".to_owned()))?;
    if head.format != FORMAT {
        let why =
            format!("another build wrote its state, in format {}; this one reads {FORMAT}", head.format);
        return Err(unreadable(Some(&head), why));
    }
    let mut model = None;
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line);
        // A line without an end is what a killed or hindered writer left: it was never confirmed to anybody.
        if !length.is_ok_and(|length| length > 0) || !line.ends_with(b"\n") {
            break;
        }
        whole += line.len() as u64;
        let delta = serde_json::from_slice(&line)
            .map_err(|error| unreadable(Some(&head), format!("its state cannot be read: {error}")))?;
        model = apply(model, delta);
    }
    let model = model
        .ok_or_else(|| unreadable(Some(&head), "its state cannot be read: it is incomplete".to_owned()))?;
    Ok((model, whole))
}

fn apply(model: Option<Model>, delta: ReadDelta) -> Option<Model> {
    let mut model = match (model, delta.model) {
        (Some(mut old), Some(new)) => Model {
            applications: mem::take(&mut old.applications),
            units: mem::take(&mut old.units),
            relations: mem::take(&mut old.relations),
            tasks: mem::take(&mut old.tasks),
            ..new
        },
        (old, new) => new.or(old)?,
    };
    model.applications.take_over(delta.applications);
    model.units.take_over(delta.units);
    model.relations.take_over(delta.relations);
    model.tasks.take_over(delta.tasks);
    Some(model)
}
