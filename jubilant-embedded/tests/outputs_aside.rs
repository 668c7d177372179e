//! What tasks have brought costs nobody anything until it is asked for.
#![cfg(target_os = "linux")]

#[path = "support/probe.rs"]
mod probe;
mod support;

use std::time::{Duration, Instant};

use probe::kill;
use serde_json::Value;
use support::{Charm, Juju};

const TASKS: usize = 10;
const BYTES: usize = 4_000_000;
/// Starting a process takes this long or not, depending on what else the machine does.
const FLOOR: Duration = Duration::from_millis(30);

fn charm(juju: &Juju) -> Charm {
    let actions = "log: {params: {n: {type: integer}}}\n";
    let code = "#!/bin/sh\ni=0\nn=$(action-get n)\npad=$(printf %0400d 0)\nwhile [ $i -lt $n ]; do i=$((i+1)); action-log \"$pad line $i\"; done\naction-set lines=$n\n";
    let charm = juju.charm("web").file("config.yaml", "options:\n  v: {type: int, default: 0}\n");
    charm.file("actions.yaml", actions).script("actions/log", code)
}

/// The middle one of the times that a command takes, each on a model at rest.
#[track_caller]
fn time_of(juju: &Juju, args: impl Fn(usize) -> Vec<String>) -> Duration {
    let mut times: Vec<Duration> = (0..7)
        .map(|round| {
            let args = args(round);
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let start = Instant::now();
            juju.run(&args).ok();
            let time = start.elapsed();
            juju.settle();
            time
        })
        .collect();
    times.sort();
    times[3]
}

#[track_caller]
fn times(juju: &Juju) -> Vec<(&'static str, Duration)> {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<String>>();
    vec![
        ("status", time_of(juju, |_| words("status"))),
        (
            "trust",
            time_of(juju, |round| words(if round % 2 == 0 { "trust web" } else { "trust web --remove" })),
        ),
        ("config", time_of(juju, |round| words(&format!("config web v={}", round + 1)))),
        ("config, read", time_of(juju, |_| words("config web v"))),
        ("exec", time_of(juju, |_| words("exec --unit web/0 -- true"))),
    ]
}

#[track_caller]
fn task(juju: &Juju, id: usize) -> Value {
    juju.run(&["show-task", &id.to_string(), "--format", "json"]).json()
}

fn stdout_length(task: &Value) -> usize {
    task["results"]["stdout"].as_str().map_or(0, str::len)
}

#[test]
fn forty_megabytes_of_results_slow_nothing_down() {
    let juju = Juju::new();
    juju.deploy(&charm(&juju), &[]);
    juju.wait_for("web/0", "unknown");
    juju.settle();
    let before = times(&juju);
    let code = format!("yes 0123456789012345678901234567890123456789012345678 | head -c {BYTES}");
    let ids: Vec<usize> = (0..TASKS)
        .map(|_| {
            let done = juju.run(&["exec", "--unit", "web/0", "--format", "json", "--", &code]).json();
            assert_eq!(stdout_length(&done["web/0"]), BYTES);
            done["web/0"]["id"].as_str().expect("an ID").parse().expect("a number")
        })
        .collect();
    let after = times(&juju);
    for ((what, before), (_, after)) in before.into_iter().zip(after) {
        assert!(after < 3 * before.max(FLOOR), "{what} took {before:?} before, and {after:?} after");
    }

    // It is all there, also for another controller.
    for round in ["as it is", "after a kill"] {
        for id in [ids[0], ids[TASKS - 1]] {
            assert_eq!(stdout_length(&task(&juju, id)), BYTES, "task {id} {round}");
        }
        let operations = juju.run(&["operations", "--format", "json"]).json();
        let operations = operations.as_object().map_or(0, |all| all.len());
        assert!(operations >= TASKS, "{operations} operations {round}");
        let operation = (ids[TASKS - 1] - 1).to_string();
        let shown = juju.run(&["show-operation", &operation, "--format", "json"]).json();
        assert_eq!(stdout_length(&shown["tasks"][&ids[TASKS - 1].to_string()]), BYTES, "{round}");
        if round == "as it is" {
            kill(juju.controller().expect("a controller"));
        }
    }
}

#[test]
fn the_log_of_an_action_grows_by_what_is_added() {
    let juju = Juju::new();
    juju.deploy(&charm(&juju), &[]);
    juju.wait_for("web/0", "unknown");
    juju.settle();
    let time = |lines: usize| {
        let start = Instant::now();
        juju.run(&["run", "--wait", "300s", "web/0", "log", &format!("n={lines}")]).ok();
        start.elapsed()
    };
    time(10);
    let (few, many) = (time(200), time(2000));
    assert!(many < 12 * few, "200 lines took {few:?}, and 2,000 took {many:?}");
    let check = |round: &str| {
        let task = task(&juju, 6);
        assert_eq!((&task["status"], &task["results"]["lines"]), (&"completed".into(), &"2000".into()));
        let log = task["log"].as_array().expect("a log");
        assert_eq!(log.len(), 2000, "{round}");
        let right = |(n, line): (usize, &Value)| {
            line.as_str().is_some_and(|line| line.ends_with(&format!("0 line {}", n + 1)))
        };
        assert!(log.iter().enumerate().all(right), "{round}: {log:?}");
        let operation = juju.run(&["show-operation", "5", "--format", "json"]).json();
        assert_eq!(operation["tasks"]["6"]["log"].as_array().map(Vec::len), Some(2000), "{round}");
    };
    check("as it is");
    kill(juju.controller().expect("a controller"));
    check("after a kill");
}

#[test]
fn an_action_that_is_cut_off_keeps_what_it_logged() {
    let juju = Juju::new();
    let charm = juju.charm("web").file("actions.yaml", "slow: {}\n");
    let code = "#!/bin/sh\naction-log half\nwhile :; do sleep 0.1; done\n";
    juju.deploy(&charm.script("actions/slow", code), &[]);
    juju.wait_for("web/0", "unknown");
    juju.run(&["run", "--background", "web/0", "slow"]).ok();
    support::wait_until("its log", || task(&juju, 2)["log"].is_array());
    kill(juju.controller().expect("a controller"));
    let task = task(&juju, 2);
    assert_eq!(
        (&task["status"], &task["message"]),
        (&"failed".into(), &"action terminated".into()),
        "{task}"
    );
    assert!(task["log"][0].as_str().is_some_and(|line| line.ends_with("half")), "{task}");
}
