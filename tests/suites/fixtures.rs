//! Module fixtures are built once, on demand, and dropped last-in first-out before the model goes.

use jubilant::prelude::*;

use crate::trace;

struct Server {
    juju: Juju,
}

impl Drop for Server {
    fn drop(&mut self) {
        let alive = self.juju.status().is_ok();
        trace(&format!("drop server, model alive: {alive}"));
    }
}

#[module_fixture]
fn server(juju: &Juju) -> Server {
    trace("build server");
    Server { juju: juju.clone() }
}

struct Client;

impl Drop for Client {
    fn drop(&mut self) {
        trace("drop client");
    }
}

#[module_fixture]
fn client(_server: &Server) -> TestResult<Client> {
    trace("build client");
    Ok(Client)
}

#[module_fixture]
fn broken() -> TestResult<Client> {
    trace("build broken");
    anyhow::bail!("the database did not come up")
}

#[juju_test]
fn first() {
    trace("first");
}

#[juju_test]
fn second(_client: &Client) {
    trace("second");
}

#[juju_test]
fn third(_server: &Server, _client: &Client) {
    trace("third");
}

#[juju_test]
fn needs_the_broken_one(_broken: &Client) {
    trace("never");
}

#[juju_test]
fn needs_it_too(_broken: &Client) {
    trace("never");
}
