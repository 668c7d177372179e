//! Modules and models whose plain names would be the same, or none that Juju takes.

use jubilant::prelude::*;

use crate::trace;

fn tell(juju: &Juju) {
    trace(&format!("model {}", juju.model().unwrap_or_default()));
}

mod a {
    use super::*;

    #[juju_test]
    fn has_one(juju: &Juju) {
        tell(juju);
    }

    /// The name of the submodule.
    #[juju_test]
    fn has_another(models: &Models) -> TestResult {
        tell(&models.get(Model::suffix("b"))?);
        Ok(())
    }

    mod b {
        use super::*;

        #[juju_test]
        fn has_one(juju: &Juju) {
            tell(juju);
        }
    }
}

mod a_b {
    use super::*;

    #[juju_test]
    fn has_one(juju: &Juju) {
        tell(juju);
    }
}

#[expect(non_snake_case)]
mod x__y_ {
    use super::*;

    #[juju_test]
    fn has_one(juju: &Juju) {
        tell(juju);
    }

    #[juju_test]
    fn has_others(models: &Models) -> TestResult {
        tell(&models.get(Model::suffix("-Ends_with-"))?);
        tell(&models.get(Model::suffix("one that is as long as no name of a model may be on any cloud"))?);
        Ok(())
    }
}
