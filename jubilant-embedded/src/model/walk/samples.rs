//! Charms and applications to walk with.

use std::sync::Arc;

use indexmap::IndexMap;

use super::super::application::Application;
use super::super::charm::{Base, Charm, Endpoint, Role};
use super::super::life::Life;
use super::super::option::ConfigOption;
use crate::ground::time::Timestamp;

/// A charm that fits itself and every other; the endpoint `cluster` comes and goes.
pub(in crate::model) fn charm(name: &str, has_cluster: bool) -> Charm {
    let all = [
        ("db", Role::Provider, "sql", None),
        ("store", Role::Requirer, "sql", Some(1)),
        ("site", Role::Provider, "http", None),
        ("proxy", Role::Requirer, "http", None),
        ("peers", Role::Peer, "peers", None),
        ("cluster", Role::Peer, "cluster", None),
    ];
    let endpoints = all.into_iter().filter(|(name, ..)| has_cluster || *name != "cluster");
    let endpoints = endpoints.map(|(name, role, interface, limit)| {
        (name.to_owned(), Endpoint { name: name.to_owned(), role, interface: interface.to_owned(), limit })
    });
    let option = ConfigOption { kind: "int".into(), default: 0.into(), description: String::new() };
    Charm {
        name: name.to_owned(),
        endpoints: endpoints.collect(),
        options: IndexMap::from([("level".to_owned(), option)]),
        ..Charm::default()
    }
}

/// A new application.
pub(in crate::model) fn application(name: &str, charm: Charm, now: Timestamp) -> Application {
    Application {
        name: name.to_owned(),
        life: Life::Alive,
        created: now,
        charm: Arc::new(charm),
        revision: 0,
        base: Base { name: "ubuntu".into(), channel: "24.04".into() },
        config: Default::default(),
        config_version: 1,
        upgrade_version: 0,
        trust: false,
        exposed: false,
        constraints: String::new(),
        resources: Default::default(),
        workload_version: String::new(),
        status: None,
    }
}
