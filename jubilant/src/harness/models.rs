//! Models: how they are asked for, named and destroyed.

use crate::{AddModel, ConfigValue, DestroyModel, Juju};

/// Asks for a model of the module beside its main one.
///
/// ```
/// use jubilant::prelude::*;
/// let request = Model::suffix("k8s").controller("k8s").cloud("k8s");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Model {
    pub(crate) suffix: Option<String>,
    pub(crate) controller: Option<String>,
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

    pub(crate) fn add_model(
        &self,
        name: &str,
        controller: Option<&String>,
        cloud: Option<&String>,
    ) -> AddModel {
        let mut add = AddModel::new(name);
        if let Some(controller) = controller {
            add = add.controller(controller);
        }
        if let Some(cloud) = self.cloud.as_ref().or(cloud) {
            add = add.cloud(cloud);
        }
        self.config.iter().fold(add, |add, (key, value)| add.config(key, value.clone()))
    }
}

/// `<prefix>-<module>[-<suffix>]`, in the characters that Juju allows.
pub(crate) fn name(prefix: &str, module: &str, suffix: Option<&str>) -> String {
    let mut name = prefix.to_owned();
    for part in [Some(module), suffix].into_iter().flatten() {
        name.push('-');
        name.extend(
            part.to_lowercase()
                .split("::")
                .collect::<Vec<_>>()
                .join("-")
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }),
        );
    }
    name
}

pub(crate) fn qualified(controller: Option<&String>, name: &str) -> String {
    controller.map_or_else(|| name.to_owned(), |controller| format!("{controller}:{name}"))
}

/// Destroys a model for good; one that is gone already counts as destroyed.
pub(crate) fn destroy(juju: &Juju, name: &str) -> crate::Result<()> {
    match juju.destroy_model(forced(name)) {
        Err(error) if is_gone(&error) => Ok(()),
        other => other,
    }
}

/// The model's charms may be stuck in any state: nothing of theirs is waited for.
pub(crate) fn forced(name: &str) -> DestroyModel {
    DestroyModel::new(name).destroy_storage().force().no_wait()
}

/// Whether Juju says that the model does not exist, or stopped existing while it was being destroyed.
///
/// Only the model counts: "controller x not found" says nothing about the model.
pub(crate) fn is_gone(error: &crate::Error) -> bool {
    says(error, "model ")
}

/// Whether this client does not know the controller: nothing it asks can reach the model.
pub(crate) fn is_unreachable(error: &crate::Error) -> bool {
    matches!(error, crate::Error::Start(_)) || says(error, "controller ")
}

/// Whether a line that `juju` printed has `what` before "not found". The command line itself is not looked at: it
/// has the word `destroy-model`.
fn says(error: &crate::Error, what: &str) -> bool {
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
        assert_eq!(name("demo", "charm", None), "demo-charm");
        assert_eq!(name("demo", "web::Scaling_up", Some("k8s")), "demo-web-scaling-up-k8s");
    }
}
