//! A test that is still running when its process is killed.

use std::time::Duration;

use jubilant::prelude::*;

use crate::trace;

#[juju_test]
fn stays(juju: &Juju) {
    trace(&format!("worker {}", std::process::id()));
    trace(&format!("model {}", juju.model().unwrap_or_default()));
    std::thread::sleep(Duration::from_secs(600));
}
