//! The environment of hooks, actions and commands: Juju's, and nothing of the controller's but `PATH`, before which come
//! the hook tools and the charm's Python.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::ground::paths::StateDir;
use crate::model::Model;
use crate::model::hook::Hook;
use crate::model::unit::Unit;
use crate::state::context::{HookContext, What};

const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin";

const PROXIES: [(&str, &str); 4] = [
    ("JUJU_CHARM_HTTP_PROXY", "juju-http-proxy"),
    ("JUJU_CHARM_HTTPS_PROXY", "juju-https-proxy"),
    ("JUJU_CHARM_FTP_PROXY", "juju-ftp-proxy"),
    ("JUJU_CHARM_NO_PROXY", "juju-no-proxy"),
];

/// What every program of a unit sees, if it is set.
const PLAIN_PROXIES: [([&str; 2], &str); 3] = [
    (["http_proxy", "HTTP_PROXY"], "http-proxy"),
    (["https_proxy", "HTTPS_PROXY"], "https-proxy"),
    (["no_proxy", "NO_PROXY"], "no-proxy"),
];

/// The whole environment for a context.
pub(super) fn build(
    state: &StateDir,
    model: &Model,
    unit: &Unit,
    context: &HookContext,
) -> BTreeMap<&'static str, OsString> {
    let dir = state.model(&model.uuid).unit(&unit.name);
    let mut env: BTreeMap<&'static str, OsString> = BTreeMap::new();
    let mut set = |key: &'static str, value: OsString| {
        env.insert(key, value);
    };
    set("CHARM_DIR", dir.charm().into());
    set("JUJU_CHARM_DIR", dir.charm().into());
    set("JUJU_CONTEXT_ID", context.id.clone().into());
    set("JUJU_AGENT_SOCKET_ADDRESS", dir.tool_socket().into());
    set("JUJU_AGENT_SOCKET_NETWORK", "unix".into());
    set("JUJU_UNIT_NAME", unit.name.to_string().into());
    set("JUJU_MODEL_UUID", model.uuid.clone().into());
    set("JUJU_MODEL_NAME", model.name.clone().into());
    set("JUJU_API_ADDRESSES", "127.0.0.1:17070".into());
    if let Some(machine) = unit.place.machine() {
        set("JUJU_MACHINE_ID", machine.to_string().into());
    }
    set("JUJU_PRINCIPAL_UNIT", "".into());
    set("JUJU_AVAILABILITY_ZONE", "embedded".into());
    set("JUJU_VERSION", model.flavour.number().into());
    set("CLOUD_API_VERSION", "".into());
    for (variable, key) in PROXIES {
        set(variable, model.setting(key, "").into());
    }
    for (variables, key) in PLAIN_PROXIES {
        let proxy = model.setting(key, "");
        for variable in variables.iter().copied().filter(|_| !proxy.is_empty()) {
            set(variable, proxy.into());
        }
    }
    set("APT_LISTCHANGES_FRONTEND", "none".into());
    set("DEBIAN_FRONTEND", "noninteractive".into());
    set("LANG", "C.UTF-8".into());
    set("TERM", "xterm-256color".into());
    set("HOME", dir.home().into());
    set("TMPDIR", dir.tmp().into());
    set("PATH", path(state, model, unit));
    match &context.what {
        What::Hook { hook, name } => {
            set("JUJU_HOOK_NAME", name.into());
            set("JUJU_DISPATCH_PATH", format!("hooks/{name}").into());
            relation(model, unit, hook, &mut env);
        }
        What::Action { task, name, .. } => {
            set("JUJU_HOOK_NAME", "".into());
            set("JUJU_DISPATCH_PATH", format!("actions/{name}").into());
            set("JUJU_ACTION_NAME", name.into());
            set("JUJU_ACTION_UUID", task.to_string().into());
            set("JUJU_ACTION_TAG", format!("action-{task}").into());
        }
        What::Exec { .. } => set("JUJU_HOOK_NAME", "".into()),
    }
    env
}

/// The hook tools, the Python that was chosen for the charm, and what the controller was started with.
fn path(state: &StateDir, model: &Model, unit: &Unit) -> OsString {
    let mut path = state.tools().into_os_string();
    path.push(":");
    if let Some(python) = python(state, model, unit).filter(|python| python.is_dir()) {
        path.push(python);
        path.push(":");
    }
    path.push(env::var_os("PATH").filter(|path| !path.is_empty()).unwrap_or_else(|| DEFAULT_PATH.into()));
    path
}

/// Where the Python lies that was chosen for the charm that the unit has now, if one was.
pub(super) fn python(state: &StateDir, model: &Model, unit: &Unit) -> Option<PathBuf> {
    let revision = unit.agent.deployed?;
    Some(state.model(&model.uuid).python(&unit.name.app, revision))
}

fn relation(model: &Model, unit: &Unit, hook: &Hook, env: &mut BTreeMap<&'static str, OsString>) {
    let Some(relation) = hook.relation().and_then(|id| model.relations.get(&id)) else { return };
    let Some(side) = relation.endpoint_of(&unit.name.app) else { return };
    let endpoint = &side.endpoint.name;
    let remote = relation.other_side(&unit.name.app).map_or("", |other| other.app.as_str());
    env.insert("JUJU_RELATION", endpoint.into());
    env.insert("JUJU_RELATION_ID", format!("{endpoint}:{}", relation.id).into());
    env.insert("JUJU_REMOTE_UNIT", hook.remote_unit().map(ToString::to_string).unwrap_or_default().into());
    env.insert("JUJU_REMOTE_APP", hook.remote_unit().map_or(remote, |unit| unit.app.as_str()).into());
    if let Hook::RelationDeparted { departing, .. } = hook {
        env.insert("JUJU_DEPARTING_UNIT", departing.to_string().into());
    }
}
