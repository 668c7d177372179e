//! What hooks, actions and commands write arrives whole, however much it is, and the controller stays small.
#![cfg(target_os = "linux")]

#[path = "support/probe.rs"]
mod probe;
#[path = "support/stream.rs"]
mod stream;
mod support;

use std::time::{Duration, Instant};

use probe::peak_memory;
use stream::{payload, payload_in_json, payload_in_log, stream};
use support::{Juju, processes, unit};

const MB: u64 = 1_000_000;
/// What the controller may ever need.
const SMALL: u64 = 100 * MB;
/// 100 MB take their time in a debug build on a busy machine.
const LONG: Duration = Duration::from_secs(180);

/// Deploys a charm whose `install` hook is this shell code, and waits until it has ended well.
#[track_caller]
fn deploy_writing(install: &str) -> Juju {
    let juju = Juju::new();
    juju.run(&["model-config", "automatically-retry-hooks=false", "logging-config=<root>=INFO;unit=DEBUG"])
        .ok();
    let charm = juju.charm("web").script("hooks/install", &format!("#!/bin/sh\nset -e\n{install}\n"));
    juju.deploy(&charm.script("hooks/start", "#!/bin/sh\nstatus-set active\n"), &[]);
    let deadline = Instant::now() + LONG;
    loop {
        let status = juju.status();
        let workload = &unit(&status, "web/0")["workload-status"];
        if workload["current"] == "active" {
            return juju;
        }
        assert_ne!(workload["current"], "error", "{status:#}");
        assert!(Instant::now() < deadline, "the hook does not end: {status:#}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// How much of the payload the hook's log lines of a level hold.
#[track_caller]
fn logged(juju: &Juju, level: &str) -> u64 {
    let command = juju.command(&["debug-log", "--replay", "--no-tail", "--level", level]);
    stream(command, |log| payload_in_log(log, level, "unit.web/0.install"))
}

#[track_caller]
fn assert_small(juju: &Juju) {
    let peak = peak_memory(juju.controller().expect("a controller"));
    assert!(peak < SMALL, "the controller needed {} MB", peak / MB);
}

#[test]
fn a_long_line_of_a_hook_arrives_whole() {
    let juju = deploy_writing(&format!("{{ {}; echo; }} >&2", payload(12 * MB)));
    assert_eq!(logged(&juju, "WARNING"), 12 * MB);
    assert_small(&juju);
}

#[test]
fn a_hundred_megabytes_in_a_line_arrive_whole() {
    let payload = payload(100 * MB);
    let juju = deploy_writing(&format!("{payload}; echo\n{{ {payload}; echo; }} >&2"));
    assert_small(&juju);
    assert_eq!(logged(&juju, "WARNING"), 100 * MB);
    assert_eq!(logged(&juju, "DEBUG"), 100 * MB);
    assert_small(&juju);
}

#[test]
fn a_hundred_megabytes_of_lines_arrive_whole() {
    let juju = deploy_writing(&format!("{} | fold -b -w 400 >&2", payload(100 * MB)));
    assert_small(&juju);
    assert_eq!(logged(&juju, "WARNING"), 100 * MB);
    assert_small(&juju);
}

#[test]
fn a_task_s_line_of_a_hundred_megabytes_is_its_result() {
    let juju = Juju::new();
    let charm = juju.charm("web").file("actions.yaml", "write: {}\n");
    juju.deploy(&charm.script("actions/write", &format!("#!/bin/sh\n{}\n", payload(100 * MB))), &[]);
    juju.wait_for("web/0", "unknown");
    let run = juju.command(&["run", "--wait", "180s", "--format", "json", "web/0", "write"]);
    assert_eq!(stream(run, |json| payload_in_json(json, "stdout")), 100 * MB);
    assert_small(&juju);
    let code = payload(100 * MB);
    let exec = juju.command(&["exec", "--wait", "180s", "--format", "json", "--unit", "web/0", "--", &code]);
    assert_eq!(stream(exec, |json| payload_in_json(json, "stdout")), 100 * MB);
    assert_small(&juju);
    let task = juju.command(&["show-task", "4", "--format", "json"]);
    assert_eq!(stream(task, |json| payload_in_json(json, "stdout")), 100 * MB, "it is kept");
    assert_small(&juju);
}

/// The middle one of three times that a command of the unit takes.
#[track_caller]
fn time_of(juju: &Juju, code: &str) -> Duration {
    let mut times: Vec<Duration> = (0..3)
        .map(|_| {
            let start = Instant::now();
            juju.run(&["exec", "--wait", "180s", "--unit", "web/0", "--", code]).ok();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[1]
}

#[test]
fn eight_times_the_line_takes_not_much_more_than_eight_times_the_time() {
    let juju = Juju::new();
    juju.deploy(&juju.charm("web"), &[]);
    juju.wait_for("web/0", "unknown");
    let code = |length| format!("{{ {}; }} >&2", payload(length));
    let (short, long) = (time_of(&juju, &code(MB)), time_of(&juju, &code(8 * MB)));
    assert!(long < short * 16, "{short:?} and {long:?}");
}

#[test]
fn characters_of_several_bytes_stay_whole() {
    const COUNT: usize = 100_000;
    let juju = Juju::new();
    juju.deploy(&juju.charm("web"), &[]);
    juju.wait_for("web/0", "unknown");
    for (character, length) in [("é", 2), ("€", 3), ("😀", 4)] {
        for shift in 0..length {
            // Wherever it is cut, one of the shifts has it cut within a character.
            let head = "x".repeat(shift);
            let code =
                format!("printf {head}; yes {character} | head -n {COUNT} | tr -d '\\n' | tee /dev/stderr");
            let task = juju.run(&["exec", "--unit", "web/0", "--format", "json", "--", &code]).json();
            let results = &task["web/0"]["results"];
            let right = |text: &str| text.chars().filter(|c| character.contains(*c)).count() == COUNT;
            assert!(right(results["stdout"].as_str().expect("a text")), "{character} {shift} on stdout");
            assert!(right(results["stderr"].as_str().expect("a text")), "{character} {shift} on stderr");
        }
    }
    let log = juju.log();
    assert!(!log.contains('\u{fffd}'), "a character was cut");
    for (character, length) in [('é', 2), ('€', 3), ('😀', 4)] {
        assert_eq!(log.chars().filter(|c| *c == character).count(), length * COUNT, "{character}");
    }
}

#[test]
fn a_character_that_comes_in_pieces_stays_whole() {
    // The pauses let the controller read in between; without them the test says less, and nothing wrong.
    let pieces = r"for byte in '\360' '\237' '\230' '\200'; do printf $byte; sleep 0.1; done";
    let juju = deploy_writing(&format!("{{ {pieces}; echo; }} >&2; printf 'no end' >&2; printf 'nor here'"));
    let log = juju.log();
    for text in ["WARNING unit.web/0.install 😀\n", "WARNING unit.web/0.install no end\n"] {
        assert!(log.contains(text), "{text:?} in {log}");
    }
    assert!(log.contains("DEBUG unit.web/0.install nor here\n"), "{log}");
    let code = format!("{pieces}; printf ' no end'");
    let task = juju.run(&["exec", "--unit", "web/0", "--format", "json", "--", &code]).json();
    assert_eq!(task["web/0"]["results"]["stdout"], "😀 no end");
}

#[test]
fn a_daemon_that_keeps_the_output_holds_nothing_up() {
    let juju = deploy_writing("echo first >&2; setsid sleep 1000 & setsid yes >&2 & echo last >&2");
    let log = juju.log();
    for text in ["first", "last"] {
        let line = format!("WARNING unit.web/0.install {text}\n");
        assert!(log.contains(&line), "{text} is lost in the flood of {} bytes", log.len());
    }
    juju.run(&["exec", "--unit", "web/0", "--", "true"]).ok();
    let sleeping = processes(|pid| probe::cmdline(pid) == "sleep 1000" && juju.leftovers().contains(&pid));
    assert_eq!(sleeping.len(), 1, "it goes on");
    assert_small(&juju);
    juju.run(&["destroy-model", "--no-prompt", "--timeout", "20s", "test"]).ok();
    assert_eq!(juju.leftovers(), Vec::<i32>::new());
}
