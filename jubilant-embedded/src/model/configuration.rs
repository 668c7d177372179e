//! The configuration of applications.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Model;
use super::application::Application;
use super::charm::Charm;
use crate::ground::failure::{Failure, fail};

impl Model {
    pub(crate) fn application(&self, name: &str) -> Result<&Application, Failure> {
        self.applications.get(name).ok_or_else(|| no_application(name))
    }

    pub(crate) fn application_mut(&mut self, name: &str) -> Result<&mut Application, Failure> {
        self.applications.get_mut(name).ok_or_else(|| no_application(name))
    }
}

fn no_application(name: &str) -> Failure {
    Failure::new(format!("application \"{name}\" not found (not found)"))
}

/// The failure of a key that neither Juju nor the charm knows.
pub(crate) fn unknown_key(app: &str, key: &str) -> Failure {
    Failure::new(format!("key \"{key}\" not found in \"{app}\" application config or charm settings."))
}

/// Checks values against the charm's options; text becomes the option's type.
pub(crate) fn accept(
    app: &str,
    charm: &Charm,
    values: &BTreeMap<String, Value>,
) -> Result<BTreeMap<String, Value>, Failure> {
    let mut accepted = BTreeMap::new();
    for (key, value) in values {
        let Some(option) = charm.options.get(key) else {
            fail!("unknown option \"{key}\"");
        };
        if value.is_null() {
            continue;
        }
        let Some(value) = option.accept(value) else {
            let (kind, shown) =
                (&option.kind, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            fail!("option \"{key}\" of application \"{app}\" expects {kind}, got \"{shown}\"");
        };
        accepted.insert(key.clone(), value);
    }
    Ok(accepted)
}

impl Application {
    /// The value of an option: the user's, else the charm's default.
    pub(crate) fn option(&self, name: &str) -> Option<Value> {
        let option = self.charm.options.get(name)?;
        Some(self.config.get(name).cloned().unwrap_or_else(|| option.typed_default()))
    }

    /// What `config-get` shows: every option that has a value.
    pub(crate) fn settings(&self) -> Map<String, Value> {
        let names = self.charm.options.keys();
        let values = names.filter_map(|name| Some((name.clone(), self.option(name)?)));
        values.filter(|(_, value)| !value.is_null()).collect()
    }

    /// Sets and resets values, `trust` among them; units run `config-changed` only if something is different then.
    pub(crate) fn configure(
        &mut self,
        mut values: BTreeMap<String, Value>,
        resets: &[String],
    ) -> Result<(), Failure> {
        let before = (self.config.clone(), self.trust);
        match values.remove("trust") {
            None => {}
            Some(Value::Bool(trust)) => self.trust = trust,
            Some(value) => match value.as_str() {
                Some("true") => self.trust = true,
                Some("false") => self.trust = false,
                _ => fail!("option \"trust\" expects boolean, got {value}"),
            },
        }
        for key in resets {
            match self.charm.options.contains_key(key) {
                _ if key == "trust" => self.trust = false,
                true => drop(self.config.remove(key)),
                false => return Err(unknown_key(&self.name, key)),
            }
        }
        if let Some(key) = values.keys().find(|key| !self.charm.options.contains_key(*key)) {
            return Err(unknown_key(&self.name, key));
        }
        self.config.extend(accept(&self.name, &self.charm, &values)?);
        if before != (self.config.clone(), self.trust) {
            self.config_version += 1;
        }
        Ok(())
    }
}
