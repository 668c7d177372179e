//! Waits: what the conditions say of a status, and how the loop behaves.

use std::time::Duration;

use jubilant::wait::Change;
use jubilant::{
    Condition, Error, Status, all_active, all_agents_idle, all_blocked, any_active, any_error, app, gone,
    named, seconds, unit,
};

use crate::Fake;

fn status(apps: &serde_json::Value) -> Status {
    serde_json::from_value(serde_json::json!({ "applications": apps })).unwrap()
}

/// A unit's record.
fn u(workload: &str, agent: &str) -> serde_json::Value {
    serde_json::json!({"workload-status": {"current": workload}, "juju-status": {"current": agent}})
}

fn check(condition: impl Condition, apps: serde_json::Value, expected: Result<(), &[&str]>) {
    let verdict = condition.check(&status(&apps));
    match expected {
        Ok(()) => assert!(verdict.met, "{}: {verdict:?}", condition.describe()),
        Err(reasons) => {
            assert!(!verdict.met, "{} holds for {apps}", condition.describe());
            assert_eq!(verdict.reasons, reasons, "{}", condition.describe());
        }
    }
}

macro_rules! j {
    ($($json:tt)+) => { serde_json::json!($($json)+) };
}

#[test]
fn all_active_wants_every_application_and_all_its_units() {
    let active = || j!({"current": "active"});
    check(all_active(), j!({}), Err(&["the model has no applications"]));
    check(all_active(), j!({"web": {"application-status": active()}}), Err(&["web has no units"]));
    check(
        all_active(),
        j!({"web": {"application-status": active(), "scale": 3, "units": {"web/0": u("active", "idle")}}}),
        Err(&["web has 1 of 3 units"]),
    );
    check(all_active(), j!({"web": {"application-status": active(), "scale": 0}}), Ok(()));
    check(
        all_active(),
        j!({"web": {"application-status": active(), "units": {"web/0": u("active", "idle")}}}),
        Ok(()),
    );
    let waiting = j!({"workload-status": {"current": "waiting", "message": "installing agent"}});
    check(
        all_active(),
        j!({"web": {"application-status": active(), "units": {"web/0": u("active", "idle"), "web/1": waiting}}}),
        Err(&["web/1 is waiting: \"installing agent\""]),
    );
    check(
        all_active(),
        j!({"web": {"application-status": {"current": "blocked"}, "units": {"web/0": u("active", "idle")}}}),
        Err(&["web is blocked"]),
    );
    check(
        all_active(),
        j!({"web": {"status-error": "gone wrong"}}),
        Err(&["web has no units", "Juju cannot read web: gone wrong"]),
    );
}

#[test]
fn all_active_looks_at_subordinates_under_their_principals() {
    let apps = |agent: &str| {
        let mut principal = u("active", "idle");
        principal["subordinates"] = j!({"agent/0": u(agent, "idle")});
        j!({"web": {"application-status": {"current": "active"}, "units": {"web/0": principal}},
            "agent": {"application-status": {"current": "active"}, "subordinate-to": ["web"]}})
    };
    check(all_active(), apps("active"), Ok(()));
    check(all_active(), apps("waiting"), Err(&["agent/0 is waiting"]));
    check(all_active().of(["web"]), apps("waiting"), Ok(()));
    check(all_active().of(["web", "none"]), apps("active"), Err(&["none is not in the model"]));
}

#[test]
fn the_other_statuses_work_alike() {
    let apps = || j!({"web": {"application-status": {"current": "blocked"}, "units": {"web/0": u("blocked", "idle")}}});
    check(all_blocked(), apps(), Ok(()));
    check(all_active(), apps(), Err(&["web/0 is blocked"]));
    check(any_active(), apps(), Err(&["nothing is active"]));
}

#[test]
fn agents_are_idle_only_if_there_are_some() {
    check(all_agents_idle(), j!({}), Err(&["the model has no applications"]));
    check(all_agents_idle(), j!({"web": {}}), Err(&["web has no units"]));
    check(all_agents_idle(), j!({"web": {"units": {"web/0": u("blocked", "idle")}}}), Ok(()));
    let busy = j!({"juju-status": {"current": "executing", "message": "running start hook"}});
    check(
        all_agents_idle(),
        j!({"web": {"units": {"web/0": busy, "web/1": u("active", "idle")}}}),
        Err(&["the agent of web/0 is executing: \"running start hook\""]),
    );
}

#[test]
fn any_error_says_where() {
    let failed = j!({"workload-status": {"current": "error", "message": "hook failed: \"install\""}});
    let verdict = any_error().check(&status(&j!({"web": {"units": {"web/0": failed}}})));
    assert!(verdict.met);
    assert_eq!(verdict.reasons, [r#"web/0 is error: "hook failed: \"install\"""#]);
    check(any_error(), j!({}), Err(&["nothing is error"]));
}

#[test]
fn one_application_is_as_wanted() {
    let web = |count: usize, agent: &str| {
        let units: serde_json::Map<_, _> =
            (0..count).map(|n| (format!("web/{n}"), u("active", agent))).collect();
        j!({"web": {"application-status": {"current": "active", "message": "serving 80"}, "units": units}})
    };
    check(app("web"), web(1, "idle"), Ok(()));
    check(app("db"), web(1, "idle"), Err(&["db is not in the model"]));
    check(app("web").status("active").message("serving"), web(1, "idle"), Ok(()));
    check(app("web").status("blocked"), web(1, "idle"), Err(&["web is active: \"serving 80\""]));
    check(app("web").message("ready"), web(1, "idle"), Err(&["web is active: \"serving 80\""]));
    check(app("web").units(3), web(1, "idle"), Err(&["web has 1 of 3 units"]));
    check(app("web").units(3), web(4, "idle"), Err(&["web has 4 units instead of 3"]));
    check(app("web").at_least(3), web(4, "idle"), Ok(()));
    check(app("web").status("active").at_least(5), web(4, "idle"), Err(&["web has 4 of 5 active units"]));
    check(app("web").units(1).idle(), web(1, "executing"), Err(&["the agent of web/0 is executing"]));
    check(app("web").idle(), web(0, "idle"), Err(&["web has no units"]));
    check(app("web").units(0).idle(), web(0, "idle"), Ok(()));
}

#[test]
fn one_unit_is_as_wanted_or_gone() {
    let mut leader = u("active", "idle");
    leader["leader"] = true.into();
    let apps = || j!({"web": {"units": {"web/0": u("waiting", "executing"), "web/1": leader.clone()}}});
    check(unit("web/0").status("active"), apps(), Err(&["web/0 is waiting"]));
    check(unit("web/leader").status("active").idle(), apps(), Ok(()));
    check(unit("web/0").leader(), apps(), Err(&["web/0 is not the leader"]));
    check(unit("web/0").idle(), apps(), Err(&["the agent of web/0 is executing"]));
    check(gone("web"), apps(), Err(&["web is still in the model"]));
    check(gone("web/1"), apps(), Err(&["web/1 is still in the model"]));
    check(gone("web/2").and(gone("db")), apps(), Ok(()));
}

#[test]
fn conditions_compose_and_keep_the_reasons_that_matter() {
    let apps = || j!({"web": {"application-status": {"current": "active"}, "units": {"web/0": u("active", "idle")}}});
    check(
        all_active().and(app("db")).and(gone("web")),
        apps(),
        Err(&["db is not in the model", "web is still in the model"]),
    );
    check(app("db").or(app("web")), apps(), Ok(()));
    check(app("db").or(gone("web")), apps(), Err(&["db is not in the model", "web is still in the model"]));
    check(all_active().not(), apps(), Err(&["everything is active"]));
    let boxed: Box<dyn Condition> = Box::new(gone("db"));
    check(boxed.and(app("web")), apps(), Ok(()));
    check(any_error().not(), apps(), Ok(()));
    check(|status: &Status| status.apps.len() == 2, apps(), Err(&["the closure returned false"]));
    check(
        named("two apps", |status: &Status| status.apps.len() == 2),
        apps(),
        Err(&["\"two apps\" does not hold"]),
    );
    let closure = |status: &Status| status.apps.is_empty();
    assert!(
        closure.describe().ends_with("waits::conditions_compose_and_keep_the_reasons_that_matter"),
        "{}",
        closure.describe()
    );
}

/// Prints the files `1.json`, `2.json`, … one per call, and the last again and again.
pub(crate) fn statuses(apps: &[serde_json::Value]) -> Fake {
    let fake = Fake::new(
        r#"echo x >> "$dir/calls"; n=$(wc -l < "$dir/calls"); while [ ! -f "$dir/$((n)).json" ]; do n=$((n-1)); done
           cat "$dir/$((n)).json""#,
    );
    for (index, apps) in apps.iter().enumerate() {
        fake.write(&format!("{}.json", index + 1), &serde_json::json!({ "applications": apps }).to_string());
    }
    fake
}

pub(crate) fn web(status: &str) -> serde_json::Value {
    j!({"web": {"application-status": {"current": status}, "units": {"web/0": u(status, "idle")}}})
}

#[test]
fn a_wait_ends_when_its_condition_has_held_three_times() {
    let fake = statuses(&[web("waiting"), web("active"), web("waiting"), web("active")]);
    let status = fake.juju.wait(all_active().within(seconds(60))).unwrap();
    assert!(status.apps["web"].is_active());
    assert_eq!(fake.read("calls").lines().count(), 6, "4 to the last change, held by 2 more");
}

#[test]
fn once_may_be_enough_and_a_while_may_be_wanted() {
    let fake = statuses(&[web("active")]);
    fake.juju.wait(all_active().times(1)).unwrap();
    assert_eq!(fake.read("calls").lines().count(), 1);
    let begin = std::time::Instant::now();
    fake.juju.wait(all_active().times(1).stable_for(Duration::from_millis(700))).unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(700));
}

#[test]
fn a_time_out_says_what_was_unmet_and_since_when() {
    let fake = statuses(&[web("maintenance"), web("waiting")]);
    let error = fake.juju.wait(all_active().within(seconds(3))).unwrap_err();
    assert!(matches!(error, Error::WaitTimeout(_)));
    let wait = error.wait().unwrap();
    assert_eq!(wait.unmet()[0].reason, "web/0 is waiting");
    assert!(wait.unmet()[0].since > Duration::ZERO && wait.elapsed() >= seconds(3));
    assert_eq!(wait.condition(), "all active");
    let Change { entity, old, new, .. } = &wait.changes()[0];
    assert_eq!(
        (entity.as_str(), old.as_deref(), new.as_deref()),
        ("web", Some("maintenance"), Some("waiting"))
    );
    assert!(error.last_status().unwrap().unit("web/0").is_some());
    let text = error.to_string();
    assert!(
        text.contains("in vain for all active") && text.contains("web/0: maintenance → waiting"),
        "{text}"
    );
    assert!(text.lines().count() <= 15, "{text}");
}

#[test]
fn a_message_that_changes_is_still_the_same_obstacle() {
    let waits = |message: &str| {
        let said = j!({"current": "waiting", "message": message});
        j!({"web": {"application-status": said, "units": {"web/0": {"workload-status": said}}}})
    };
    let fake = statuses(&[waits("1 of 3"), waits("2 of 3"), waits("3 of 3")]);
    let error = fake.juju.wait(all_active().within(seconds(2))).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("web/0 is waiting: \"3 of 3\" (all the time)"), "{text}");
}

#[test]
fn a_large_model_still_makes_a_short_report() {
    let units: serde_json::Map<_, _> =
        (0..200).map(|n| (format!("web/{n}"), u("waiting", "executing"))).collect();
    let fake = statuses(&[web("active"), j!({"web": {"units": units}})]);
    let error = fake.juju.wait(all_active().within(seconds(3))).unwrap_err();
    let text = error.to_string();
    assert!(text.lines().count() <= 15 && text.contains("and 196 more"), "{text}");
    assert_eq!(error.wait().unwrap().unmet().len(), 200);
    assert_eq!(error.wait().unwrap().busy().len(), 200);
}

#[test]
fn holding_too_briefly_is_said() {
    let fake = statuses(&[web("active")]);
    let error = fake.juju.wait(all_active().stable_for(seconds(60)).within(seconds(1))).unwrap_err();
    assert!(error.to_string().contains("it held, but only for"), "{error}");
}

#[test]
fn a_status_that_is_cut_off_at_the_end_hides_nothing() {
    let fake = Fake::new(
        r#"echo x >> "$dir/calls"; [ "$(wc -l < "$dir/calls")" = 1 ] || exec sleep 60
           echo '{"applications": {"web": {}}}'"#,
    );
    let error = fake.juju.wait(app("web").within(seconds(1))).unwrap_err();
    assert!(error.to_string().contains("it held, but only 1 of 3 times in a row"), "{error}");
}

#[test]
fn fail_on_ends_a_wait_at_once_and_says_why() {
    let fake = statuses(&[web("waiting"), web("error")]);
    let error = fake.juju.wait(all_active().within(seconds(60)).fail_on(any_error())).unwrap_err();
    assert!(matches!(error, Error::WaitFailed(_)));
    assert_eq!(error.wait().unwrap().failed_because(), ["web/0 is error"]);
    assert!(error.to_string().contains("because of any error\n  web/0 is error"), "{error}");
    assert_eq!(fake.read("calls").lines().count(), 2);
}

#[test]
fn a_status_that_fails_now_and_then_is_tolerated() {
    let fake = Fake::new(
        r#"echo x >> "$dir/calls"; n=$(wc -l < "$dir/calls"); [ $((n % 2)) = 1 ] && { echo 'ERROR odd' >&2; exit 1; }
           name=db; [ $n -gt 13 ] && name=web; echo "{\"applications\": {\"$name\": {}}}""#,
    );
    fake.juju.wait(app("web").times(1).every(Duration::from_millis(5)).within(seconds(60))).unwrap();
    assert_eq!(fake.read("calls").lines().count(), 14, "7 failures, though never several in a row");
}

#[test]
fn a_status_that_keeps_failing_ends_the_wait_with_its_cause() {
    let fake = Fake::new(r#"echo x >> "$dir/calls"; echo 'ERROR model not found' >&2; exit 1"#);
    let error =
        fake.juju.wait(all_active().every(Duration::from_millis(5)).within(seconds(120))).unwrap_err();
    assert!(matches!(error, Error::WaitFailed(_)));
    assert!(error.to_string().contains("failed 5 times in a row"), "{error}");
    assert!(error.to_string().contains("ERROR model not found"), "{error}");
    assert!(error.command().unwrap().stderr().contains("model not found"));
}

#[test]
fn a_slow_status_does_not_lengthen_the_wait() {
    let fake = Fake::new("exec sleep 600");
    let error = fake.juju.wait(all_active().within(seconds(1))).unwrap_err();
    assert!(matches!(error, Error::WaitTimeout(_)), "{error}");
    assert!(error.to_string().contains("gave no answer"), "{error}");
    assert!(error.last_status().is_none());
}
