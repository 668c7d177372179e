//! The hooks.

use std::env;
use std::fs;

use crate::config::Config;
use crate::state::{Credentials, State};
use crate::workload::{self, Address};
use crate::{Result, tools};

pub fn run(hook: &str) -> Result<()> {
    if tools::config("fail-hook")? == hook {
        return Err(format!("deliberate failure in {hook}").into());
    }
    let state = State::of_unit()?;
    match hook {
        "install" => install(&state),
        "start" => {
            state.write("started", "")?;
            converge(&state)
        }
        "upgrade-charm" => {
            // The program itself may be a new one.
            workload::stop(&state)?;
            fetch_site(&state)?;
            converge(&state)
        }
        "config-changed" | "leader-elected" | "update-status" => converge(&state),
        "database-relation-created" => {
            tools::set_unit_values(&variable("JUJU_RELATION_ID")?, &[("address", &tools::bind_address()?)])
        }
        "database-relation-joined" | "database-relation-changed" => learn_credentials(&state),
        "database-relation-broken" => {
            tools::log("the database is gone")?;
            state.forget_credentials()
        }
        "stop" => stop(&state),
        _ => Ok(()),
    }
}

fn install(state: &State) -> Result<()> {
    tools::set_status("maintenance", "installing")?;
    fetch_site(state)?;
    tools::set_version(env!("CARGO_PKG_VERSION"))
}

/// Brings what runs in line with the configuration; before `start` it only checks it.
fn converge(state: &State) -> Result<()> {
    let config = match Config::read()? {
        Ok(config) => config,
        Err(complaint) => return tools::set_status("blocked", &complaint),
    };
    state.write("greeting", &config.greeting)?;
    state.write("server-name", &config.server_name)?;
    if state.read("started")?.is_none() {
        return Ok(());
    }
    let address = Address { host: tools::bind_address()?, port: config.port };
    match workload::run_at(state, &address)? {
        Ok(()) => {
            tools::open_only_port(config.port)?;
            tools::set_status("active", &format!("serving on {address}"))
        }
        Err(complaint) => tools::set_status("blocked", &complaint),
    }
}

/// The page to serve: the resource, or a plain one where the charm was deployed without it.
fn fetch_site(state: &State) -> Result<()> {
    let page = match tools::resource("site") {
        Ok(path) => fs::read_to_string(&path)
            .map_err(|error| format!("cannot read resource site, {path}: {error}"))?,
        Err(error) => {
            tools::log(&format!("serving the built-in page: {error}"))?;
            include_str!("plain.html").to_owned()
        }
    };
    state.write("site", &page)
}

fn learn_credentials(state: &State) -> Result<()> {
    let (relation, app) = (variable("JUJU_RELATION_ID")?, variable("JUJU_REMOTE_APP")?);
    let value = |key| tools::remote_app_value(&relation, &app, key);
    let database = Credentials {
        endpoint: value("endpoint")?,
        username: value("username")?,
        password: value("password")?,
    };
    if database.password.is_empty() {
        return tools::log(&format!("{app} has not given credentials yet"));
    }
    state.set_credentials(&database)?;
    tools::log(&format!("{app} gave credentials for {}", database.endpoint))
}

fn stop(state: &State) -> Result<()> {
    workload::stop(state)?;
    state.remove("started")?;
    tools::close_ports()
}

fn variable(name: &str) -> Result<String> {
    env::var(name).map_err(|_| format!("{name} is not set").into())
}
