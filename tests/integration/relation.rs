//! Integrate two applications and see the data arrive.

use jubilant::prelude::*;
use jubilant_tests::get;

#[juju_test(setup)]
fn deploys_both(juju: &Juju, charm: &Charm) -> TestResult {
    juju.deploy(charm)?;
    juju.deploy(Deploy::new(&Charm::named("db")?).units(2))?;
    juju.wait(all_active().within(minutes(10)).fail_on(any_error()))?;
    Ok(())
}

#[juju_test]
fn web_gets_the_credentials_of_the_database(juju: &Juju) -> TestResult {
    assert_eq!(get(&juju.status()?, "web/0", 8080, "/database")?.code, 404);
    juju.integrate("web:database", "db:database")?;
    let connected = named("web answers with the database's user", |status: &Status| {
        get(status, "web/0", 8080, "/database").is_ok_and(|page| page.body.contains("username: db-user"))
    });
    juju.wait(connected.and(all_active()).within(minutes(3)).fail_on(any_error()))?;
    Ok(())
}

#[juju_test]
fn the_databases_peers_know_each_other(juju: &Juju) -> TestResult {
    let status = juju.wait(app("db").units(2).status("active").idle().within(minutes(3)))?;
    let db = status.app("db").context("no application `db`")?;
    assert!(db.relations.contains_key("cluster"), "{:?}", db.relations);
    Ok(())
}

#[juju_test]
fn web_forgets_them_with_the_relation(juju: &Juju) -> TestResult {
    juju.remove_relation("web:database", "db:database")?;
    let disconnected = named("web answers without a database", |status: &Status| {
        get(status, "web/0", 8080, "/database").is_ok_and(|page| page.code == 404)
    });
    juju.wait(disconnected.within(minutes(3)).fail_on(any_error()))?;
    Ok(())
}
