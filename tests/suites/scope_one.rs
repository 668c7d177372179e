//! One model for the module, made when it is first asked for; several on request.

use jubilant::prelude::*;

use crate::trace;

#[juju_test(setup)]
fn prepares(juju: &Juju) {
    trace(&format!("prepared {}", juju.model().unwrap_or_default()));
}

#[juju_test]
fn has_the_same_model(juju: &Juju) -> TestResult {
    juju.status()?;
    trace(&format!("model {}", juju.model().unwrap_or_default()));
    Ok(())
}

#[juju_test]
fn has_another_beside_it(models: &Models) -> TestResult {
    let other = models.get(Model::suffix("other"))?;
    other.status()?;
    trace(&format!("other {}", other.model().unwrap_or_default()));
    Ok(())
}
