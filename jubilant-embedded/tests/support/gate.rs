//! Places where a charm's code waits until the test lets it through.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part")]

use std::fs;
use std::path::PathBuf;

use crate::support::{Juju, wait_until};

/// A gate is a file outside the units; it is open once the file is there.
pub struct Gate {
    name: String,
    file: PathBuf,
}

impl Gate {
    pub fn new(juju: &Juju, name: &str) -> Self {
        Self { name: name.into(), file: juju.path().join(format!("gate-{name}")) }
    }

    /// Shell code that says that it has come to the gate, and waits for it to open.
    pub fn pass(&self) -> String {
        format!(
            "juju-log 'at gate {}'; while ! [ -e {} ]; do sleep 0.02; done",
            self.name,
            self.file.display()
        )
    }

    /// Waits until some code stands at the gate.
    #[track_caller]
    pub fn await_reached(&self, juju: &Juju) {
        wait_until(&format!("hook at the gate {:?}", self.name), || self.times_reached(juju) > 0);
    }

    pub fn times_reached(&self, juju: &Juju) -> usize {
        juju.log().matches(&format!("at gate {}\n", self.name)).count()
    }

    pub fn open(&self) {
        fs::write(&self.file, "").expect("a file");
    }

    pub fn close(&self) {
        fs::remove_file(&self.file).expect("the gate was open");
    }
}
