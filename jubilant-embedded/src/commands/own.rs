//! What a client answers by itself, from the files of the state directory.

use serde_json::{Value, json};

use super::names::{CLOUD, CONTROLLER, CONTROLLER_UUID, arch};
use super::print::{render, table};
use crate::ground::args::Args;
use crate::ground::failure::{Failure, fail};
use crate::ground::flavour::Flavour;
use crate::ground::paths::StateDir;
use crate::ground::yaml;
use crate::state::store;

/// What the controller is, whatever its models are.
fn juju() -> &'static str {
    Flavour::default().version()
}

pub(super) fn version(_: &StateDir, args: &Args) -> Result<String, Failure> {
    let version = format!("{}-ubuntu-{}", juju(), arch());
    if !args.has("all") {
        return render(args, &Value::from(version.as_str()), || version.clone() + "\n");
    }
    let value = json!({ "version": version, "compiler": "rustc", "official": false, "grade": "embedded" });
    render(args, &value, || yaml::to_string(&value))
}

pub(super) fn controllers(dir: &StateDir, args: &Args) -> Result<String, Failure> {
    let count = store::count(dir);
    let model = store::load_settings(dir).current.map(|name| format!("admin/{name}"));
    let value = json!({
        "controllers": { CONTROLLER: {
            "current-model": model,
            "user": "admin",
            "access": "superuser",
            "uuid": CONTROLLER_UUID,
            "cloud": CLOUD,
            "region": CLOUD,
            "agent-version": juju(),
            "model-count": count,
            "machine-count": 0,
        } },
        "current-controller": CONTROLLER,
    });
    render(args, &value, || {
        let head =
            ["Controller", "Model", "User", "Access", "Cloud/Region", "Models", "Version"].map(str::to_owned);
        let row = [
            format!("{CONTROLLER}*"),
            model.unwrap_or("-".into()),
            "admin".into(),
            "superuser".into(),
            format!("{CLOUD}/{CLOUD}"),
            count.to_string(),
            juju().into(),
        ];
        table(&[head.to_vec(), row.to_vec()])
    })
}

pub(super) fn show_controller(dir: &StateDir, args: &Args) -> Result<String, Failure> {
    if let Some(name) = args.positionals.first().filter(|name| *name != CONTROLLER) {
        fail!("controller {name} not found");
    }
    let value = json!({ CONTROLLER: {
        "details": {
            "controller-uuid": CONTROLLER_UUID,
            "api-endpoints": [dir.socket()],
            "cloud": CLOUD,
            "region": CLOUD,
            "agent-version": juju(),
        },
        "account": { "user": "admin", "access": "superuser" },
    } });
    render(args, &value, || yaml::to_string(&value))
}

pub(super) fn whoami(dir: &StateDir, args: &Args) -> Result<String, Failure> {
    let model = store::load_settings(dir).current.map(|name| format!("admin/{name}"));
    let mut value = json!({ "controller": CONTROLLER });
    if let Some(model) = &model {
        value["model"] = json!(model);
    }
    value["user"] = "admin".into();
    render(args, &value, || {
        let model = model.unwrap_or("<no-current-model>".into());
        format!("Controller:  {CONTROLLER}\nModel:       {model}\nUser:        admin\n")
    })
}

pub(super) fn clouds(_: &StateDir, args: &Args) -> Result<String, Failure> {
    let value = json!({ CLOUD: {
        "defined": "built-in", "type": CLOUD, "description": "The embedded Juju on this machine",
        "regions": { CLOUD: {} },
    } });
    render(args, &value, || format!("Cloud      Regions  Type\n{CLOUD}  1        {CLOUD}\n"))
}
