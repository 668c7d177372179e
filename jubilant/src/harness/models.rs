//! Models: how they are asked for, named and recognised.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::settings::Settings;
use crate::error::Error;
use crate::juju::{AddModel, DestroyModel, Juju};
use crate::types::ConfigValue;

/// Asks for a model of the module beside its main one.
///
/// ```
/// use jubilant::prelude::*;
/// let request = Model::suffix("k8s").controller("k8s").cloud("k8s");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Model {
    pub(crate) suffix: Option<String>,
    controller: Option<String>,
    cloud: Option<String>,
    config: Vec<(String, ConfigValue)>,
}

impl Model {
    /// The model named after the module and `suffix`; the same suffix means the same model.
    pub fn suffix(suffix: impl Into<String>) -> Model {
        Model { suffix: Some(suffix.into()), ..Model::default() }
    }

    /// The controller to add it to, instead of the run's.
    pub fn controller(mut self, controller: impl Into<String>) -> Model {
        self.controller = Some(controller.into());
        self
    }

    /// The cloud to add it to, instead of the run's `--cloud`.
    pub fn cloud(mut self, cloud: impl Into<String>) -> Model {
        self.cloud = Some(cloud.into());
        self
    }

    /// Sets a model option, as `juju add-model --config` does.
    pub fn config(mut self, key: impl Into<String>, value: impl Into<ConfigValue>) -> Model {
        self.config.push((key.into(), value.into()));
        self
    }

    /// What has to be added for it in `module`, one of the suite's `modules`.
    pub(crate) fn request(&self, settings: &Settings, module: &str, modules: &[&str]) -> Request {
        Request {
            name: name(&settings.prefix, module, self.suffix.as_deref(), modules),
            controller: self.controller.clone().or_else(|| settings.controller.clone()),
            cloud: self.cloud.clone().or_else(|| settings.cloud.clone()),
            config: self.config.clone(),
        }
    }
}

/// A model to add, with everything settled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    name: String,
    controller: Option<String>,
    cloud: Option<String>,
    config: Vec<(String, ConfigValue)>,
}

/// The answer to a request: the name to use the model by, or why there is none.
pub(crate) type Answer = Result<String, String>;

impl Request {
    /// The name to use it by.
    pub(crate) fn qualified(&self) -> String {
        self.qualified_on(None)
    }

    /// The same with the controller that is meant when none is named: what "current" means may change.
    pub(crate) fn qualified_on(&self, current: Option<&str>) -> String {
        match self.controller.as_deref().or(current) {
            Some(controller) => format!("{controller}:{}", self.name),
            None => self.name.clone(),
        }
    }

    pub(crate) fn add_model(&self) -> AddModel {
        let mut add = AddModel::new(&self.name);
        if let Some(controller) = &self.controller {
            add = add.controller(controller);
        }
        if let Some(cloud) = &self.cloud {
            add = add.cloud(cloud);
        }
        self.config.iter().fold(add, |add, (key, value)| add.config(key, value.clone()))
    }
}

/// Juju's own limit is 63 on a Kubernetes cloud, where a model is a namespace.
const LONGEST_NAME: usize = 62;
const HASH: usize = 8;

/// `<prefix>-<module>[-<suffix>]`, in the characters that Juju allows.
///
/// Different modules and suffixes have different names, the same in every run: where the plain name is
/// another's too, or too long, it ends in a hash of what it stands for. `modules` are all of the suite, whichever
/// are selected.
fn name(prefix: &str, module: &str, suffix: Option<&str>, modules: &[&str]) -> String {
    let base = slug(module);
    let others = || modules.iter().filter(|other| **other != module).map(|other| slug(other));
    let below = format!("{base}-");
    let (mut tail, plain) = match suffix {
        None => (base.clone(), others().all(|other| other != base)),
        Some(suffix) => {
            let distinct = others().all(|other| other != base && !other.starts_with(&below));
            (slug(&format!("{base}-{suffix}")), distinct && slug(suffix) == suffix)
        }
    };
    let room = LONGEST_NAME.saturating_sub(prefix.len() + 1);
    if !plain || tail.is_empty() || tail.len() > room {
        let mut hasher = DefaultHasher::new();
        (module, suffix).hash(&mut hasher);
        tail.truncate(room.saturating_sub(HASH + 1));
        tail = slug(&format!("{tail}-{:0HASH$x}", hasher.finish() & 0xffff_ffff));
    }
    format!("{prefix}-{tail}")
}

/// Lowercase letters, digits and single hyphens between them.
fn slug(text: &str) -> String {
    let text = text.to_lowercase();
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

/// What Juju says about a model's being there.
#[derive(Debug)]
pub(crate) enum Existence {
    No,
    Yes {
        uuid: String,
    },
    /// It has not answered the question.
    Unknown(Error),
}

/// Asks whether a model exists. Only a clear "not found" is a no.
pub(crate) fn existence(juju: &Juju, name: &str) -> Existence {
    match juju.show_model(name) {
        Ok(info) => Existence::Yes { uuid: info.uuid },
        Err(error) if is_gone(&error) => Existence::No,
        Err(error) => Existence::Unknown(error),
    }
}

/// Asks again when there is no answer: a controller under load may fail for a passing reason.
pub(crate) fn existence_asked_again(juju: &Juju, name: &str) -> Existence {
    let mut tries = 3;
    loop {
        tries -= 1;
        match existence(juju, name) {
            Existence::Unknown(_) if tries > 0 => std::thread::sleep(Duration::from_millis(500)),
            answer => return answer,
        }
    }
}

/// The model's charms may be stuck in any state: nothing of theirs is waited for.
pub(crate) fn forced(name: &str) -> DestroyModel {
    DestroyModel::new(name).destroy_storage().force().no_wait()
}

/// Whether Juju says that the model does not exist, or stopped existing while it was being destroyed.
///
/// Only the model counts: "controller x not found" says nothing about the model.
pub(crate) fn is_gone(error: &Error) -> bool {
    says(error, "model ")
}

/// Whether this client does not know the controller: nothing it asks can reach the model.
pub(crate) fn is_unreachable(error: &Error) -> bool {
    matches!(error, Error::Start(_)) || says(error, "controller ")
}

/// Whether a line that `juju` printed has `what` before "not found". The command line itself is not looked at: it
/// has the word `destroy-model`.
fn says(error: &Error, what: &str) -> bool {
    let lines = error.command().map_or("", |command| command.stderr()).lines();
    lines.filter_map(|line| line.split_once(" not found")).any(|(before, _)| {
        let subject = before.trim_start_matches("ERROR ");
        subject.contains(what) || subject == what.trim_end()
    })
}

#[cfg(test)]
mod tests {
    use super::{is_gone, is_unreachable, name};
    use crate::error::{CommandError, Error, Exit};

    fn error(stderr: &str) -> Error {
        Error::Command(Box::new(CommandError {
            command: "juju destroy-model --no-prompt model not-found".to_owned(),
            exit: Exit::Code(1),
            stdout: String::new(),
            stderr: stderr.to_owned(),
        }))
    }

    #[test]
    fn only_a_missing_model_is_a_destroyed_one() {
        for (stderr, gone, unreachable) in [
            ("ERROR model admin/demo not found (not found)", true, false),
            ("ERROR model lxd:admin/demo not found", true, false),
            ("ERROR model not found, it may have been destroyed during this operation", true, false),
            ("ERROR controller lxd not found", false, true),
            ("ERROR user not found", false, false),
            ("ERROR connection is shut down", false, false),
            ("", false, false),
        ] {
            let error = error(stderr);
            assert_eq!((is_gone(&error), is_unreachable(&error)), (gone, unreachable), "{stderr}");
        }
    }

    #[test]
    fn names_are_what_juju_accepts() {
        assert_eq!(name("demo", "charm", None, &["charm"]), "demo-charm");
        assert_eq!(name("demo", "web::Scaling_up", Some("k8s"), &[]), "demo-web-scaling-up-k8s");
        let long = "a_module_whose_name_is_so_long_that_no_model_can_have_it_at_all";
        for module in ["x__y_", "_", "größe", long, "charm"] {
            for suffix in [None, Some("-a--b-"), Some(long)] {
                let name = name("p", module, suffix, &[module]);
                let good = name.split('-').all(|part| {
                    !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
                });
                assert!(good && name.len() < 63, "{module} {suffix:?}: {name}");
            }
        }
    }

    #[test]
    fn different_models_have_different_names() {
        let modules = ["a", "a::b", "a_b", "a::b::c", "A_B", "x__y_", "x_y", "x_y_z"];
        let suffixes =
            [None, Some("b"), Some("b-c"), Some("c"), Some("b_c"), Some("B-c"), Some("y"), Some("z")];
        let mut names = std::collections::HashMap::new();
        for module in modules {
            for suffix in suffixes {
                let name = name("p", module, suffix, &modules);
                let other = names.insert(name.clone(), (module, suffix));
                assert_eq!(other, None, "{name} is also {module} {suffix:?}");
            }
        }
    }
}
