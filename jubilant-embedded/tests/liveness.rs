//! Whatever is removed while a hook runs, the other units hear of it and everything comes to rest.
#![cfg(target_os = "linux")]

#[path = "support/gate.rs"]
mod gate;
#[path = "support/probe.rs"]
mod probe;
mod support;

use gate::Gate;
use probe::await_calm;
use serde_json::Value;
use support::{Charm, Juju, unit, units};

/// `web`, which requires the `db` application; `body` is its own part.
fn web(juju: &Juju, body: &str) -> Charm {
    let charm = juju.charm("web").metadata("requires:\n  db: {interface: sql}\n").dispatch(body);
    charm.file("config.yaml", "options:\n  hold: {type: boolean, default: false}\n")
}

/// Deploys `web` with its own part beside some units of `db`, and relates them.
fn relate(juju: &Juju, body: &str, dbs: &str) {
    let web = web(juju, body);
    let db = juju.charm("db").metadata("provides:\n  sql: {interface: sql}\n").dispatch("");
    juju.deploy(&web, &[]);
    juju.deploy(&db, &["-n", dbs]);
    juju.settle();
    let is_started = |(_, unit): &(String, Value)| unit["workload-status"]["current"] == "unknown";
    assert!(units(&juju.status()).iter().all(is_started), "a hook failed: {}", juju.log());
    juju.run(&["integrate", "web", "db"]).ok();
}

/// The same, and `web/0` is then in the middle of a `config-changed`.
fn relate_and_hold(juju: &Juju, gate: &Gate, last: &str) {
    let hold = format!("if [ \"$(config-get hold)\" = True ]; then {}; fi", gate.pass());
    relate(juju, &format!("case $JUJU_HOOK_NAME in config-changed) {hold};; {last} esac"), "1");
    wait_for_hook(juju, "web/0", "changed db/0");
    juju.settle();
    juju.run(&["config", "web", "hold=true"]).ok();
    gate.await_reached(juju);
}

/// The relation hooks that a unit has begun: `joined db/0`, `broken`.
fn relation_hooks(juju: &Juju, unit: &str) -> Vec<String> {
    let short = |line: &String| {
        let mut parts = line.split('|');
        let (_, hook) = parts.next()?.split_once("-relation-")?;
        Some(format!("{hook} {}", parts.nth(1)?).trim_end().to_owned())
    };
    juju.trace_of(unit).iter().filter_map(short).collect()
}

/// Those that tell of an end.
fn endings(juju: &Juju, unit: &str) -> Vec<String> {
    let ends = |hook: &String| hook.starts_with("departed") || hook == "broken";
    relation_hooks(juju, unit).into_iter().filter(ends).collect()
}

#[track_caller]
fn wait_for_hook(juju: &Juju, unit: &str, hook: &str) {
    support::wait_until(&format!("{hook} on {unit}"), || {
        relation_hooks(juju, unit).iter().any(|known| known == hook)
    });
}

#[track_caller]
fn await_unit_gone(juju: &Juju, name: &str) -> Value {
    juju.wait(&format!("end of {name}"), |all| !units(all).iter().any(|(known, _)| known == name))
}

/// The application goes, the controller has nothing to do, and the model can be destroyed.
#[track_caller]
fn comes_to_rest_without(juju: &Juju, app: &str) {
    juju.wait(&format!("end of {app}"), |all| all["applications"].get(app).is_none());
    comes_to_rest(juju);
}

#[track_caller]
fn comes_to_rest(juju: &Juju) {
    juju.settle();
    await_calm(juju.controller().expect("a controller"));
    juju.run(&["destroy-model", "--no-prompt", "--timeout", "20s", "test"]).ok();
}

/// Removes the other side while `web/0` is in a relation hook, and says how the relation ended for it.
#[track_caller]
fn removed_during(hook: &str) -> Vec<String> {
    let juju = Juju::new();
    let gate = Gate::new(&juju, "hook");
    relate(&juju, &format!("case $JUJU_HOOK_NAME in {hook}) {};; esac", gate.pass()), "1");
    gate.await_reached(&juju);
    juju.run(&["remove-application", "--no-prompt", "db"]).ok();
    await_unit_gone(&juju, "db/0");
    gate.open();
    wait_for_hook(&juju, "web/0", "broken");
    juju.settle();
    let endings = endings(&juju, "web/0");
    let last = relation_hooks(&juju, "web/0").split_off(relation_hooks(&juju, "web/0").len() - endings.len());
    assert_eq!(last, endings, "nothing comes in between");
    comes_to_rest_without(&juju, "db");
    endings
}

#[test]
fn an_application_goes_while_the_other_side_hears_of_the_relation() {
    assert_eq!(removed_during("db-relation-created"), ["broken"]);
}

#[test]
fn an_application_goes_while_the_other_side_joins() {
    assert_eq!(removed_during("db-relation-joined"), ["departed db/0", "broken"]);
}

#[test]
fn an_application_goes_while_the_other_side_reads_it() {
    assert_eq!(removed_during("db-relation-changed"), ["departed db/0", "broken"]);
}

#[test]
fn an_application_goes_while_a_changed_of_its_unit_is_queued() {
    let juju = Juju::new();
    let (joined, task) = (Gate::new(&juju, "joined"), Gate::new(&juju, "task"));
    relate(&juju, &format!("case $JUJU_HOOK_NAME in *-joined) {};; esac", joined.pass()), "1");
    joined.await_reached(&juju);
    juju.run(&["exec", "--background", "--unit", "web/0", "--", &task.pass()]).ok();
    joined.open();
    task.await_reached(&juju);
    juju.run(&["remove-application", "--no-prompt", "db"]).ok();
    await_unit_gone(&juju, "db/0");
    task.open();
    wait_for_hook(&juju, "web/0", "broken");
    assert_eq!(endings(&juju, "web/0"), ["departed db/0", "broken"]);
    comes_to_rest_without(&juju, "db");
}

#[test]
fn a_unit_goes_while_the_other_side_joins_it() {
    let juju = Juju::new();
    let gate = Gate::new(&juju, "joined");
    let hold = format!("case $JUJU_HOOK_NAME-$JUJU_REMOTE_UNIT in *-joined-db/1) {};; esac", gate.pass());
    relate(&juju, &hold, "2");
    gate.await_reached(&juju);
    juju.run(&["remove-unit", "--no-prompt", "db/1"]).ok();
    await_unit_gone(&juju, "db/1");
    gate.open();
    wait_for_hook(&juju, "web/0", "departed db/1");
    juju.settle();
    assert_eq!(endings(&juju, "web/0"), ["departed db/1"], "the relation goes on with the other one");
    juju.run(&["exec", "--unit", "db/0", "--", "relation-set -r sql:0 a=1"]).ok();
    juju.settle();
    assert_eq!(relation_hooks(&juju, "web/0").last().map(String::as_str), Some("changed db/0"));
    comes_to_rest(&juju);
}

#[test]
fn an_application_stays_until_a_busy_unit_has_left_it() {
    let juju = Juju::new();
    let (busy, broken) = (Gate::new(&juju, "busy"), Gate::new(&juju, "broken"));
    relate_and_hold(&juju, &busy, &format!("*-broken) {};;", broken.pass()));
    juju.run(&["remove-application", "--no-prompt", "db"]).ok();
    let status = await_unit_gone(&juju, "db/0");
    assert_eq!(status["applications"]["db"]["life"], "dying", "{status:#}");
    let denied = juju.run(&["deploy", juju.path().join("charms/db").to_str().expect("UTF-8")]);
    denied.fails(1, "already exists");
    busy.open();
    broken.await_reached(&juju);
    assert_eq!(juju.status()["applications"]["db"]["life"], "dying", "its last hook still runs");
    broken.open();
    comes_to_rest_with_both_told(&juju);
}

#[track_caller]
fn comes_to_rest_with_both_told(juju: &Juju) {
    juju.wait("end of db", |all| all["applications"].get("db").is_none());
    assert_eq!(endings(juju, "web/0"), ["departed db/0", "broken"]);
    assert_eq!(endings(juju, "db/0"), ["departed web/0", "broken"]);
    comes_to_rest(juju);
}

#[test]
fn a_relation_stays_until_a_busy_unit_has_left_it() {
    let juju = Juju::new();
    let gate = Gate::new(&juju, "busy");
    relate_and_hold(&juju, &gate, "");
    juju.run(&["remove-relation", "web", "db"]).ok();
    wait_for_hook(&juju, "db/0", "broken");
    gate.open();
    let gone = |all: &Value| all["applications"]["web"].get("relations").is_none();
    juju.wait("end of the relation", gone);
    juju.settle();
    assert_eq!(endings(&juju, "web/0"), ["departed db/0", "broken"]);
    assert_eq!(endings(&juju, "db/0"), ["departed web/0", "broken"]);
    comes_to_rest(&juju);
}

#[test]
fn the_last_unit_goes_while_the_other_side_is_busy() {
    let juju = Juju::new();
    let gate = Gate::new(&juju, "busy");
    relate_and_hold(&juju, &gate, "");
    juju.run(&["remove-unit", "--no-prompt", "db/0"]).ok();
    let status = await_unit_gone(&juju, "db/0");
    assert!(status["applications"].get("db").is_some(), "an application stays without units: {status:#}");
    gate.open();
    wait_for_hook(&juju, "web/0", "departed db/0");
    juju.settle();
    juju.run(&["add-unit", "db"]).ok();
    wait_for_hook(&juju, "web/0", "changed db/1");
    assert_eq!(endings(&juju, "web/0"), ["departed db/0"], "the relation goes on");
    comes_to_rest(&juju);
}

#[test]
fn two_applications_go_together() {
    let juju = Juju::new();
    let gate = Gate::new(&juju, "busy");
    relate_and_hold(&juju, &gate, "");
    juju.run(&["remove-application", "--no-prompt", "db", "web"]).ok();
    let status = await_unit_gone(&juju, "db/0");
    assert_eq!(unit(&status, "web/0")["juju-status"]["life"], "dying", "{status:#}");
    gate.open();
    juju.wait("end of all", |all| all["applications"].as_object().is_none_or(|apps| apps.is_empty()));
    assert_eq!(endings(&juju, "web/0"), ["departed db/0", "broken"]);
    assert_eq!(endings(&juju, "db/0"), ["departed web/0", "broken"]);
    let trace = juju.trace_of("web/0");
    let hooks: Vec<&str> = trace[trace.len() - 2..].iter().map(String::as_str).collect();
    assert_eq!(hooks, ["hooks/stop||||", "hooks/remove||||"]);
    comes_to_rest(&juju);
}
