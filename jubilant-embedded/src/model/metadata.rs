//! Reading what a charm says about itself, and refusing what the embedded Juju cannot run.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::assumes;
use super::charm::{Action, Base, Charm, Endpoint, ResourceSpec, Role};
use super::option::ConfigOption;
use crate::ground::failure::{Failure, fail, unsupported};
use crate::ground::flavour::Flavour;
use crate::ground::name::is_name;
use crate::ground::yaml;

/// The texts of a charm's files, as far as it has them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    pub(crate) metadata: Option<String>,
    pub(crate) config: Option<String>,
    pub(crate) actions: Option<String>,
    pub(crate) manifest: Option<String>,
    pub(crate) version: Option<String>,
}

impl Charm {
    /// Reads a charm, refusing what the embedded Juju cannot run.
    pub(crate) fn read(texts: &Texts, flavour: Flavour) -> Result<Self, Failure> {
        let Some(metadata) = read_yaml(&texts.metadata, "metadata.yaml")? else {
            fail!("the charm holds no metadata.yaml, so it is not a packed charm")
        };
        let text = |key: &str| metadata.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = text("name");
        if name.is_empty() {
            fail!("the charm's metadata.yaml has no name");
        }
        if !is_name(&name) {
            fail!(
                "invalid charm name {name:?} in the charm's metadata.yaml, expected lowercase letters, digits and hyphens"
            );
        }
        refuse_unsupported(&name, &metadata, flavour)?;
        let resources: IndexMap<String, ResourceSpec> = from_map(&metadata, "resources", "metadata.yaml")?;
        resources.keys().try_for_each(|name| refuse_path(name))?;
        Ok(Self {
            summary: text("summary"),
            description: text("description"),
            endpoints: endpoints(&metadata)?,
            bindings: keys(metadata.get("extra-bindings")),
            options: options(read_yaml(&texts.config, "config.yaml")?)?,
            actions: actions(read_yaml(&texts.actions, "actions.yaml")?),
            resources,
            base: base(read_yaml(&texts.manifest, "manifest.yaml")?.as_ref()),
            version: texts.version.as_deref().unwrap_or_default().trim().to_owned(),
            name,
        })
    }
}

fn read_yaml(text: &Option<String>, file: &str) -> Result<Option<Value>, Failure> {
    let parsed = text.as_deref().map(yaml::parse).transpose();
    parsed.map_err(|error| Failure::new(format!("the charm's {file} is not YAML: {error}")))
}

/// Refuses a resource's name that would lead elsewhere: it becomes part of paths.
fn refuse_path(name: &str) -> Result<(), Failure> {
    if name.is_empty()
        || name.starts_with('.')
        || name.contains(['/', '\\'])
        || name.contains(char::is_control)
    {
        fail!("invalid resource name {name:?} in the charm's metadata.yaml: it is part of a path");
    }
    Ok(())
}

fn keys(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_object).map(|map| map.keys().cloned().collect()).unwrap_or_default()
}

fn refuse_unsupported(name: &str, metadata: &Value, flavour: Flavour) -> Result<(), Failure> {
    if !keys(metadata.get("containers")).is_empty() {
        return Err(unsupported(&format!(
            "charm \"{name}\" is for Kubernetes (it declares containers), which"
        )));
    }
    if !keys(metadata.get("storage")).is_empty() {
        return Err(unsupported(&format!("charm \"{name}\" declares storage, which")));
    }
    if let Some(missing) = metadata.get("assumes").and_then(|assumes| assumes::unmet(assumes, flavour)) {
        let number = flavour.number();
        fail!("charm \"{name}\" assumes {missing}: the embedded Juju is a Juju {number} for machines");
    }
    if metadata.get("subordinate").and_then(Value::as_bool) == Some(true) {
        return Err(unsupported(&format!("charm \"{name}\" is a subordinate, which")));
    }
    Ok(())
}

fn endpoints(metadata: &Value) -> Result<IndexMap<String, Endpoint>, Failure> {
    let mut endpoints = IndexMap::new();
    let sides = [("provides", Role::Provider), ("requires", Role::Requirer), ("peers", Role::Peer)];
    for (key, role) in sides {
        let Some(map) = metadata.get(key).and_then(Value::as_object) else { continue };
        for (name, spec) in map {
            // `db: mysql` is short for `db: {interface: mysql}`.
            let interface = spec.as_str().or_else(|| spec.get("interface")?.as_str());
            let Some(interface) = interface else {
                fail!("endpoint \"{name}\" in metadata.yaml has no interface")
            };
            if spec.get("scope").and_then(Value::as_str) == Some("container") {
                return Err(unsupported(&format!("endpoint \"{name}\" has scope container, which")));
            }
            let limit = spec.get("limit").and_then(Value::as_u64).map(|limit| limit as usize);
            endpoints.insert(
                name.clone(),
                Endpoint { name: name.clone(), role, interface: interface.into(), limit },
            );
        }
    }
    Ok(endpoints)
}

fn from_map<T: serde::de::DeserializeOwned>(
    value: &Value,
    key: &str,
    file: &str,
) -> Result<IndexMap<String, T>, Failure> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(IndexMap::new()),
        Some(map) => serde_json::from_value(map.clone())
            .map_err(|error| Failure::new(format!("the charm's {file} has unusable {key}: {error}"))),
    }
}

fn options(config: Option<Value>) -> Result<IndexMap<String, ConfigOption>, Failure> {
    let Some(config) = config else { return Ok(IndexMap::new()) };
    let mut options: IndexMap<String, ConfigOption> = from_map(&config, "options", "config.yaml")?;
    options.sort_keys();
    for option in options.values_mut().filter(|option| option.kind == "boolean") {
        mend_boolean(&mut option.default);
    }
    Ok(options)
}

/// Juju reads YAML 1.1, where a plain `yes` is a boolean; here it arrives as a text.
fn mend_boolean(value: &mut Value) {
    let mended = match value.as_str() {
        Some("y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON") => true,
        Some("n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF") => false,
        _ => return,
    };
    *value = Value::Bool(mended);
}

/// The parameters of an action, with defaults of their type.
fn params(spec: &Value) -> Map<String, Value> {
    let mut params = spec.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
    for param in params.values_mut().filter(|param| param.get("type").is_some_and(|kind| kind == "boolean")) {
        if let Some(default) = param.get_mut("default") {
            mend_boolean(default);
        }
    }
    params
}

fn actions(file: Option<Value>) -> IndexMap<String, Action> {
    let Some(file) = file else { return IndexMap::new() };
    let mut actions = IndexMap::new();
    for (name, spec) in file.as_object().into_iter().flatten() {
        let words = |key: &str| {
            let list = spec.get(key).and_then(Value::as_array).into_iter().flatten();
            list.filter_map(|word| word.as_str().map(str::to_owned)).collect()
        };
        let action = Action {
            description: spec.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
            params: params(spec),
            required: words("required"),
            additional_properties: spec.get("additionalProperties").and_then(Value::as_bool).unwrap_or(true),
        };
        actions.insert(name.clone(), action);
    }
    actions
}

fn base(manifest: Option<&Value>) -> Option<Base> {
    let first = manifest?.get("bases")?.get(0)?;
    let text = |key: &str| Some(first.get(key)?.as_str()?.to_owned());
    Some(Base { name: text("name")?, channel: text("channel")? })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn booleans_in_the_words_of_yaml_1_1() {
        let texts = Texts {
            metadata: Some("name: any".into()),
            config: Some(
                "options: {a: {type: boolean, default: yes}, b: {type: boolean, default: OFF}, \
                 c: {type: string, default: \"yes\"}, d: {type: boolean, default: true}}"
                    .into(),
            ),
            actions: Some(
                "run: {params: {a: {type: boolean, default: on}, b: {type: string, default: \"no\"}}}".into(),
            ),
            ..Texts::default()
        };
        let charm = Charm::read(&texts, Flavour::default()).unwrap();
        let defaults: Vec<_> = charm.options.values().map(ConfigOption::typed_default).collect();
        assert_eq!(defaults, [json!(true), json!(false), json!("yes"), json!(true)]);
        let params = &charm.actions["run"].params;
        assert_eq!((&params["a"]["default"], &params["b"]["default"]), (&json!(true), &json!("no")));
    }
}
