//! What hooks run, when, and with what effect.
#![cfg(target_os = "linux")]

mod support;

use std::fs;

use support::{Juju, unit, units, wait_until};

#[test]
fn a_unit_runs_its_hooks_in_order() {
    let juju = Juju::new();
    let charm = juju.charm("web").metadata("peers:\n  cluster: {interface: c}\n").dispatch("");
    juju.deploy(&charm, &[]);
    let status = juju.wait_for("web/0", "unknown");
    juju.settle();
    assert_eq!(
        juju.trace_of("web/0"),
        [
            "hooks/install||||",
            "hooks/cluster-relation-created|cluster:0||web|",
            "hooks/leader-elected||||",
            "hooks/config-changed||||",
            "hooks/start||||",
        ]
    );
    assert_eq!(unit(&status, "web/0")["leader"], true);
    let log = juju.log();
    assert!(log.contains(
        "INFO juju.worker.uniter.operation ran \"install\" hook (via hook dispatching script: dispatch)"
    ));
}

#[test]
fn hook_scripts_run_and_missing_ones_are_skipped() {
    let juju = Juju::new();
    let charm = juju
        .charm("old")
        .script("hooks/start", "#!/bin/sh\nstatus-set active ready\necho out\necho err >&2\n");
    juju.deploy(&charm, &[]);
    juju.wait_for("old/0", "active");
    juju.settle();
    let log = juju.log();
    assert!(log.contains("INFO juju.worker.uniter.operation skipped \"install\" hook (missing)"), "{log}");
    assert!(log.contains("ran \"start\" hook (via explicit, bespoke hook script)"), "{log}");
    assert!(log.contains("WARNING unit.old/0.start err"), "{log}");
    assert!(!log.contains("unit.old/0.start out"), "standard output is DEBUG, which is not logged: {log}");
}

#[test]
fn relation_hooks_come_in_juju_s_order_with_its_environment() {
    let juju = Juju::new();
    let web = juju.charm("web").metadata("requires:\n  db: {interface: sql}\n");
    let web = web
        .dispatch("case $JUJU_HOOK_NAME in db-relation-changed) juju-log \"D> $(relation-get host)\";; esac");
    let db = juju.charm("db").metadata("provides:\n  sql: {interface: sql}\n").dispatch(
        r#"case $JUJU_HOOK_NAME in
            sql-relation-created) if [ "$(is-leader)" = True ]; then relation-set --app -r "$JUJU_RELATION_ID" ready=yes; fi;;
            sql-relation-joined) relation-set host="$(unit-get private-address)";;
        esac"#,
    );
    juju.deploy(&web, &[]);
    juju.deploy(&db, &[]);
    juju.settle();
    juju.run(&["integrate", "web", "db"]).ok();
    juju.wait_for_log("D> 127.");
    juju.settle();
    let trace: Vec<String> =
        juju.trace_of("web/0").into_iter().filter(|line| line.contains("relation")).collect();
    assert_eq!(
        trace[..4],
        [
            "hooks/db-relation-created|db:0||db|",
            "hooks/db-relation-changed|db:0||db|",
            "hooks/db-relation-joined|db:0|db/0|db|",
            "hooks/db-relation-changed|db:0|db/0|db|",
        ]
    );
    juju.run(&["remove-relation", "web", "db"]).ok();
    juju.wait("end of the relation", |status| status["applications"]["web"].get("relations").is_none());
    juju.settle();
    let trace = juju.trace_of("web/0");
    assert_eq!(
        trace[trace.len() - 2..],
        ["hooks/db-relation-departed|db:0|db/0|db|db/0", "hooks/db-relation-broken|db:0||db|"]
    );
}

#[test]
fn a_new_unit_enters_peer_relations_last() {
    let juju = Juju::new();
    let relations = "peers:\n  cluster: {interface: c}\nrequires:\n  db: {interface: sql}\n";
    let web = juju.charm("web").metadata(relations).dispatch("");
    let db = juju.charm("db").metadata("provides:\n  sql: {interface: sql}\n").dispatch("");
    juju.deploy(&web, &[]);
    juju.deploy(&db, &[]);
    juju.run(&["integrate", "web", "db"]).ok();
    juju.run(&["add-unit", "web"]).ok();
    juju.wait_for("web/1", "unknown");
    let trace = juju.trace_of("web/1");
    // The peer relation is the older one: the order is not that of their numbers.
    assert_eq!(
        trace[..4],
        [
            "hooks/install||||",
            "hooks/db-relation-created|db:1||db|",
            "hooks/cluster-relation-created|cluster:0||web|",
            "hooks/config-changed||||",
        ]
    );
}

#[test]
fn an_action_that_fails_changes_nothing() {
    let juju = Juju::new();
    let relations = "peers:\n  cluster: {interface: c}\n";
    let charm = juju.charm("web").metadata(relations).file("actions.yaml", "good: {}\nbad: {}\n").dispatch(
        r#"case "$JUJU_DISPATCH_PATH" in
            actions/bad) relation-set -r cluster:0 a=bad; open-port 81; action-set seen=yes; exit 1;;
            actions/good) relation-set -r cluster:0 a=good; open-port 80;;
        esac"#,
    );
    juju.deploy(&charm, &[]);
    juju.wait_for("web/0", "unknown");
    let read = || {
        juju.run(&["exec", "--unit", "web/0", "--", "relation-get -r cluster:0 a web/0; opened-ports"]).ok()
    };
    let bad = juju.run(&["run", "web/0", "bad", "--format", "json"]);
    assert!(bad.stdout.contains("\"seen\":\"yes\""), "what it set is its result all the same: {bad:?}");
    assert_eq!(read(), "");
    juju.run(&["run", "web/0", "good"]).ok();
    assert_eq!(read(), "good\n80/tcp\n");
}

#[test]
fn a_leaving_unit_departs_and_is_torn_down() {
    let juju = Juju::new();
    let charm = juju.charm("web").metadata("peers:\n  cluster: {interface: c}\n").dispatch("");
    juju.deploy(&charm, &["-n", "2"]);
    wait_until("both to join", || {
        ["web/0", "web/1"].iter().all(|unit| juju.trace_of(unit).iter().any(|line| line.contains("joined")))
    });
    juju.settle();
    juju.run(&["remove-unit", "--no-prompt", "web/0"]).ok();
    let status = juju.wait("one unit", |status| units(status).len() == 1);
    assert_eq!(unit(&status, "web/1")["leader"], true);
    juju.settle();
    let trace = juju.trace_of("web/0");
    assert_eq!(
        trace[trace.len() - 3..],
        ["hooks/cluster-relation-departed|cluster:0|web/1|web|web/0", "hooks/stop||||", "hooks/remove||||"]
    );
    let trace = juju.trace_of("web/1");
    assert!(
        trace.contains(&"hooks/cluster-relation-departed|cluster:0|web/0|web|web/0".to_owned()),
        "{trace:?}"
    );
    assert!(trace.contains(&"hooks/leader-elected||||".to_owned()), "{trace:?}");
    assert!(!trace.iter().any(|line| line.contains("broken")), "peers never break: {trace:?}");
}

#[test]
fn a_failing_hook_changes_nothing_and_can_be_resolved() {
    let juju = Juju::new();
    juju.run(&["model-config", "automatically-retry-hooks=false"]).ok();
    let charm = juju.charm("web").metadata("peers:\n  cluster: {interface: c}\n").dispatch(
        r#"case $JUJU_HOOK_NAME in config-changed)
            relation-set -r cluster:0 a=1
            open-port 80
            juju-log "R> $(relation-get -r cluster:0 a "$JUJU_UNIT_NAME") $(opened-ports)"
            state-set k=v
            if ! [ -e ../fixed ]; then exit 3; fi;;
        esac"#,
    );
    juju.deploy(&charm, &[]);
    let status = juju.wait_for("web/0", "error");
    let web = unit(&status, "web/0");
    assert_eq!(web["workload-status"]["message"], "hook failed: \"config-changed\"");
    assert_eq!(web["juju-status"]["current"], "idle");
    assert_eq!(status["applications"]["web"]["application-status"]["current"], "error");
    assert!(web.get("open-ports").is_none(), "{web}");
    let log = juju.log();
    assert!(log.contains("R> 1 80/tcp"), "a hook sees its own writes: {log}");
    let error = "ERROR juju.worker.uniter.operation hook \"config-changed\" (via hook dispatching script: dispatch) failed: exit status 3";
    assert!(log.contains(error), "{log}");
    let read = ["exec", "--unit", "web/0", "--", "relation-get -r cluster:0 a web/0; state-get k"];
    assert_eq!(juju.run(&read).ok(), "", "nothing was flushed, and commands run in an error state");

    juju.run(&["resolved", "web/0"]).ok();
    wait_until("another failure", || juju.log().matches("failed: exit status 3").count() == 2);
    let model =
        fs::read_dir(juju.state().join("models")).expect("models").next().expect("one").expect("entry");
    fs::write(model.path().join("units/web-0/fixed"), "").expect("a file");
    juju.wait_for("web/0", "error");
    juju.run(&["resolved", "web/0"]).ok();
    let status = juju.wait_for("web/0", "unknown");
    assert_eq!(unit(&status, "web/0")["open-ports"][0], "80/tcp");
    assert_eq!(juju.run(&read).ok(), "1\nv\n");
    juju.run(&["resolved", "web/0"]).fails(1, "unit \"web/0\" is not in an error state");
}

#[test]
fn resolving_without_a_retry_goes_on() {
    let juju = Juju::new();
    juju.run(&["model-config", "automatically-retry-hooks=false"]).ok();
    let charm = juju.charm("web").script("hooks/install", "#!/bin/sh\nexit 1\n");
    juju.deploy(&charm, &[]);
    juju.wait_for("web/0", "error");
    juju.run(&["resolved", "--no-retry", "web/0"]).ok();
    juju.wait_for("web/0", "unknown");
}

#[test]
fn failing_hooks_are_retried() {
    let juju = Juju::new();
    let charm = juju
        .charm("web")
        .script("hooks/install", "#!/bin/sh\n[ -e ../again ] || { touch ../again; exit 1; }\n");
    juju.deploy(&charm, &[]);
    juju.wait_for("web/0", "error");
    juju.wait_for("web/0", "unknown");
}

#[test]
fn application_data_belongs_to_the_leader() {
    let juju = Juju::new();
    let charm = juju
        .charm("web")
        .metadata("peers:\n  cluster: {interface: c}\nrequires:\n  db: {interface: sql}\n")
        .dispatch("");
    let db = juju.charm("db").metadata("provides:\n  sql: {interface: sql}\n").dispatch("");
    juju.deploy(&charm, &["-n", "2"]);
    juju.deploy(&db, &[]);
    juju.run(&["integrate", "web", "db"]).ok();
    juju.wait("start", |status| {
        units(status).iter().all(|(_, unit)| unit["workload-status"]["current"] == "unknown")
    });
    juju.settle();
    let exec =
        |unit: &str, command: &str| juju.run(&["exec", "--unit", unit, "--format", "json", "--", command]);
    exec("web/0", "relation-set -r db:1 --app k=v; relation-set --app -r 0 p=q").json();
    let denied = exec("web/1", "relation-set -r db:1 --app k=w");
    denied
        .fails(1, "with return code 1")
        .stdout
        .contains("cannot write relation settings")
        .then_some(())
        .expect("the text");
    let denied = exec("web/1", "relation-get -r db:1 --app - web");
    assert!(denied.fails(1, "").stdout.contains("permission denied"));
    let get = |unit: &str, command: &str| exec(unit, command).json()[unit]["results"]["stdout"].clone();
    assert_eq!(get("db/0", "relation-get -r 1 --app --format=json - web"), "{\"k\":\"v\"}\n");
    assert_eq!(get("web/1", "relation-get -r 0 --app p web/1"), "q\n");
    assert_eq!(
        exec("web/1", "status-set --application=True active")
            .fails(1, "")
            .stdout
            .matches("this unit is not the leader")
            .count(),
        1
    );
    exec("web/0", "relation-set -r db:1 --app k=").json();
    assert_eq!(get("db/0", "relation-get -r 1 --app --format=json - web"), "{}\n");
}

#[test]
fn statuses_follow_the_worst_unit_or_the_leader() {
    let juju = Juju::new();
    let charm = juju.charm("web").dispatch(
        "if [ \"$JUJU_HOOK_NAME\" = start ]; then if [ \"$(is-leader)\" = True ]; then status-set active; else status-set blocked -- \"no disk\"; fi; fi",
    );
    juju.deploy(&charm, &["-n", "2"]);
    juju.wait_for("web/0", "active");
    let status = juju.wait_for("web/1", "blocked");
    let app = &status["applications"]["web"]["application-status"];
    assert_eq!((&app["current"], &app["message"]), (&"blocked".into(), &"no disk".into()));
    juju.run(&["exec", "--unit", "web/leader", "--", "status-set --application maintenance sweeping"]).ok();
    let status = juju.status();
    assert_eq!(status["applications"]["web"]["application-status"]["message"], "sweeping");
    let history = juju.run(&["show-status-log", "web/1", "--format", "json"]).json();
    let entries: Vec<String> = history
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| entry["message"].as_str().unwrap_or("").to_owned())
        .collect();
    for expected in ["waiting for machine", "installing charm software", "running install hook", "no disk"] {
        assert!(entries.iter().any(|entry| entry == expected), "{expected} in {entries:?}");
    }
}

#[test]
fn hooks_write_only_inside_their_unit() {
    let juju = Juju::new();
    let outside = juju.path().join("outside");
    let charm = juju.charm("web").script(
        "hooks/install",
        &format!(
            "#!/bin/sh\n: > ../inside; : > \"$TMPDIR/x\"; : > \"$HOME/y\"; echo x > /dev/null; echo e > /dev/stderr\n: > {}\n",
            outside.display()
        ),
    );
    juju.run(&["model-config", "automatically-retry-hooks=false"]).ok();
    juju.deploy(&charm, &[]);
    if landlock_works() {
        juju.wait_for("web/0", "error");
        assert!(!outside.exists());
        assert!(juju.log().contains("WARNING unit.web/0.install e"));
    } else {
        juju.wait_for("web/0", "unknown");
    }
}

/// Whether the kernel has Landlock, asked of the kernel and not of the program under test.
fn landlock_works() -> bool {
    use landlock::{ABI, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr};
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_write(ABI::V1))
        .is_ok_and(|ruleset| ruleset.create().is_ok())
}

#[test]
fn the_environment_is_juju_s() {
    let juju = Juju::new();
    let charm = juju.charm("web").dispatch("if [ \"$JUJU_HOOK_NAME\" = install ]; then env > ../env; fi");
    juju.deploy(&charm, &[]);
    juju.wait_for("web/0", "unknown");
    let env = juju.run(&["exec", "--unit", "web/0", "--", "cat ../env"]).ok();
    let has = |line: &str| env.lines().any(|known| known == line);
    for line in [
        "JUJU_UNIT_NAME=web/0",
        "JUJU_HOOK_NAME=install",
        "JUJU_DISPATCH_PATH=hooks/install",
        "LANG=C.UTF-8",
        "JUJU_MODEL_NAME=test",
        "DEBIAN_FRONTEND=noninteractive",
    ] {
        assert!(has(line), "{line} in {env}");
    }
    assert!(!env.contains("JUBILANT_EMBEDDED_DIR"), "the environment is clean: {env}");
    assert!(!env.contains("CARGO"), "the environment is clean: {env}");
}
