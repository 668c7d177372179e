//! A module that takes its process with it when its tests are over.

use jubilant::prelude::*;

struct Ending;

impl Drop for Ending {
    fn drop(&mut self) {
        std::process::exit(0);
    }
}

#[module_fixture]
fn ending() -> Ending {
    Ending
}

#[juju_test]
fn passes(_ending: &Ending) {}
