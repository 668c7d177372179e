//! More models than one, and a bundle deployed from a file that a snap-confined `juju` can read.

use std::fs;

use jubilant::prelude::*;

#[juju_test(setup)]
fn deploys_a_bundle_into_a_second_model(models: &Models, charm: &Charm) -> TestResult {
    let other = models.get(Model::suffix("other"))?;
    // The `juju` snap sees the home directory only: the bundle and its charms go where it can read them.
    let shared = other.shared_directory()?;
    fs::copy(charm.path(), shared.path().join("web.charm"))?;
    fs::copy(Charm::named("db")?.path(), shared.path().join("db.charm"))?;
    let bundle = shared.path().join("bundle.yaml");
    fs::write(
        &bundle,
        r#"
applications:
  web:
    charm: ./web.charm
    num_units: 1
    options:
      greeting: from the bundle
  db:
    charm: ./db.charm
    num_units: 1
relations:
- [web:database, db:database]
"#,
    )?;
    other.deploy(&bundle)?;
    other.wait(all_active().and(all_agents_idle()).within(minutes(10)).fail_on(any_error()))?;
    Ok(())
}

#[juju_test]
fn the_bundles_applications_are_related(models: &Models) -> TestResult {
    let status = models.get(Model::suffix("other"))?.status()?;
    let web = status.app("web").context("no application `web`")?;
    assert_eq!(web.relations["database"][0].related_application, "db");
    Ok(())
}

#[juju_test]
fn the_modules_own_model_is_another(juju: &Juju, models: &Models) -> TestResult {
    let other = models.get(Model::suffix("other"))?;
    assert_ne!(juju.model(), other.model());
    assert!(juju.status()?.apps.is_empty());
    assert_eq!(other.status()?.apps.len(), 2);
    Ok(())
}
