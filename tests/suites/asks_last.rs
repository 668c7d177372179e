//! A process that ends just when it asks for a model.

use std::time::Duration;

use jubilant::prelude::*;

use crate::variable;

#[juju_test]
fn asks_and_ends(models: &Models) -> TestResult {
    let after = Duration::from_micros(variable("SUITE_DEATH_AFTER").parse()?);
    std::thread::spawn(move || {
        std::thread::sleep(after);
        std::process::abort();
    });
    models.get(Model::suffix("last"))?;
    // It may have come sooner.
    loop {
        std::thread::park();
    }
}
