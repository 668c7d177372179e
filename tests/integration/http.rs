//! Talk to the workload at the address that `juju status` shows.

use jubilant::prelude::*;
use jubilant_tests::{Page, get};

/// The workload, deployed once for the module.
struct Site {
    juju: Juju,
}

impl Site {
    fn get(&self, path: &str) -> anyhow::Result<Page> {
        get(&self.juju.status()?, "web/0", 8080, path)
    }
}

#[module_fixture]
fn site(juju: &Juju, charm: &Charm) -> TestResult<Site> {
    juju.deploy(Deploy::new(charm).config("greeting", "good morning"))?;
    juju.wait(all_active().within(minutes(10)).fail_on(any_error()))?;
    Ok(Site { juju: juju.clone() })
}

#[juju_test]
#[case("/health", 200)]
#[case("/greeting", 200)]
#[case("/nowhere", 404)]
fn answers(site: &Site, #[case] path: &str, #[case] code: u16) -> TestResult {
    assert_eq!(site.get(path)?.code, code);
    Ok(())
}

#[juju_test]
fn greets_as_configured(site: &Site, juju: &Juju) -> TestResult {
    assert!(site.get("/greeting")?.body.contains("good morning"));
    juju.set_config("web", [("greeting", "good night")])?;
    let changed = named("the new greeting is served", |status: &Status| {
        get(status, "web/0", 8080, "/greeting").is_ok_and(|page| page.body.contains("good night"))
    });
    juju.wait(changed.within(minutes(2)).fail_on(any_error()))?;
    Ok(())
}
