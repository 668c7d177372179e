//! A suite whose manifest lacks `harness = false`: libtest runs its tests.
#![forbid(unsafe_code)]

#[cfg(test)]
mod charm {
    use jubilant::prelude::*;

    #[juju_test(setup)]
    fn deploys(juju: &Juju, charm: &Charm) -> TestResult {
        juju.deploy(charm)?;
        Ok(())
    }

    #[juju_test]
    #[case(1)]
    #[case(2)]
    fn has_cases(#[case] number: u8) {
        assert!(number > 0);
    }

    #[juju_test]
    fn passes() {}
}
