//! Answers of real shapes, from Juju 3.6 and 4.0.

use jubilant::types::ModelConfigValue;
use jubilant::{AppConfig, ModelInfo, Status};

fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

fn machines() -> Status {
    read(include_str!("../data/status-3.6-machines.json"))
}

fn kubernetes() -> Status {
    read(include_str!("../data/status-4.0-kubernetes.json"))
}

#[test]
fn a_machine_model_is_read() {
    let status = machines();
    assert_eq!((status.model.name.as_str(), status.model.kind.as_str()), ("demo", "iaas"));
    assert_eq!(status.model.model_status.current, "available");
    assert_eq!(status.apps.keys().collect::<Vec<_>>(), ["web", "db", "agent"], "Juju's order");
    let web = status.app("web").unwrap();
    assert_eq!((web.charm_rev, web.base.as_ref().unwrap().channel.as_str()), (12, "24.04"));
    assert_eq!(web.relations["db"][0].related_application, "db");
    assert_eq!(status.machines["0"].network_interfaces["eth0"].ip_addresses, ["10.0.0.5"]);
    assert_eq!(status.machines["1"].containers["1/lxd/0"].instance_id, "juju-abc-1-lxd-0");
    assert_eq!(status.remote_apps["redis"].url, "admin/other.redis");
    assert_eq!(status.offers["db"].endpoints["sql"].interface, "postgresql_client");
}

#[test]
fn units_are_found_subordinates_too() {
    let status = machines();
    assert_eq!(
        status.units().map(|(name, _)| name).collect::<Vec<_>>(),
        ["web/0", "agent/0", "web/1", "db/0"]
    );
    assert_eq!(status.units_of("agent").map(|(name, _)| name).collect::<Vec<_>>(), ["agent/0"]);
    assert_eq!(status.leader("web").unwrap().0, "web/1");
    assert_eq!(status.unit("web/leader"), status.unit("web/1"));
    assert_eq!(status.unit("web/1").unwrap().address(), Some("10.0.0.6"));
    assert_eq!(status.unit("web/0").unwrap().open_ports, ["80/tcp"]);
    assert!(status.unit("web/7").is_none() && status.leader("none").is_none());
}

#[test]
fn a_record_that_juju_could_not_read_keeps_its_error() {
    let status = machines();
    assert_eq!(status.apps["db"].units["db/0"].status_error.as_deref(), Some("unit db/0 not found"));
    assert!(status.apps["web"].status_error.is_none());
}

#[test]
fn a_kubernetes_model_of_4_0_is_read() {
    let status = kubernetes();
    let web = status.app("web").unwrap();
    assert_eq!((web.scale, web.address.as_deref()), (Some(2), Some("10.152.183.7")));
    let unit = status.unit("web/0").unwrap();
    assert_eq!((unit.address(), unit.leader), (Some("10.1.0.9"), true));
    assert_eq!(unit.juju_status.since, None, "idle agents may lack it");
    assert!(status.machines.is_empty());
}

#[test]
fn a_status_survives_being_written_and_read() {
    for status in [machines(), kubernetes(), Status::default()] {
        let text = serde_json::to_string(&status).unwrap();
        assert_eq!(read::<Status>(&text), status);
    }
}

#[test]
fn null_and_unknown_keys_are_tolerated() {
    let status: Status = read(
        r#"{"machines": null, "applications": {"web": {"units": null, "exposed": null, "charm-rev": null,
            "application-status": null, "relations": null, "new-in-5": {"a": 1}}}, "controller": null, "offers": null}"#,
    );
    assert_eq!(status.apps["web"], jubilant::types::AppStatus::default());
    assert_eq!(read::<Status>("{}"), Status::default());
}

#[test]
fn configuration_is_read() {
    let config: AppConfig = read(
        r#"{"application": "web", "charm": "web", "settings": {
            "port": {"type": "int", "value": 80, "default": 80, "source": "default", "description": "The port"},
            "name": {"type": "string", "source": "unset"}},
            "application-config": {"trust": {"type": "bool", "value": false, "source": "default"}}}"#,
    );
    assert_eq!((config.get::<u16>("port"), config.get::<String>("name")), (Some(80), None));
    assert_eq!(config.get::<String>("port"), None, "not of this type");
    assert_eq!(config.application_config["trust"].value, Some(false.into()));
    let value: ModelConfigValue = read(r#"{"Value": "5m", "Source": "default"}"#);
    assert_eq!((value.value, value.source.as_str()), ("5m".into(), "default"));
}

#[test]
fn a_model_is_read() {
    let model: ModelInfo = read(
        r#"{"name": "admin/demo", "short-name": "demo", "model-uuid": "u", "model-type": "iaas", "cloud": "localhost",
            "type": "lxd", "life": "alive", "status": {"current": "available"}, "users": {"admin": {"access": "admin"}},
            "machines": {}, "agent-version": "3.6.9", "sla": "unsupported", "is-controller": false}"#,
    );
    assert_eq!((model.short_name.as_str(), model.uuid.as_str(), model.kind.as_str()), ("demo", "u", "iaas"));
    assert_eq!((model.cloud_type.as_str(), model.status.current.as_str()), ("lxd", "available"));
}
