//! A unit's processes reach the hook tools of their own context, and no other part of the controller.
#![cfg(target_os = "linux")]

#[path = "support/gate.rs"]
mod gate;
#[path = "support/probe.rs"]
mod probe;
mod support;

use std::fs;
use std::path::PathBuf;

use gate::Gate;
use probe::kill;
use serde_json::Value;
use support::{Juju, PROGRAM, unit, wait_until};

/// Models `other` and `test`, with a unit of `web` in each.
fn scene() -> Juju {
    let juju = Juju::bare();
    let charm = juju.charm("web").file("config.yaml", "options:\n  v: {type: int, default: 0}\n");
    for model in ["other", "test"] {
        juju.run(&["add-model", model]).ok();
        juju.deploy(&charm, &[]);
        juju.wait_for("web/0", "unknown");
        juju.settle();
    }
    juju
}

/// The directory of a unit of the current model.
fn unit_dir(juju: &Juju, unit: &str) -> PathBuf {
    let shown = juju.run(&["show-model", "--format", "json"]).json();
    let model = shown.as_object().and_then(|all| all.values().next()).expect("a model");
    let uuid = model["model-uuid"].as_str().expect("a UUID");
    juju.state().join("models").join(uuid).join("units").join(unit.replace('/', "-"))
}

/// What a shell command of a unit comes to: its exit code and what it wrote.
#[track_caller]
fn exec(juju: &Juju, unit: &str, code: &str) -> (i64, String, String) {
    let answer =
        juju.run(&["exec", "-m", "test", "--unit", unit, "--wait", "60s", "--format", "json", "--", code]);
    let all: Value = serde_json::from_str(&answer.stdout).unwrap_or_else(|_| panic!("{answer:?}"));
    let results = &all[unit]["results"];
    let text = |key: &str| results[key].as_str().unwrap_or_default().to_owned();
    (results["return-code"].as_i64().expect("a code"), text("stdout"), text("stderr"))
}

/// What nobody but the user may do.
const COMMANDS: &[&str] = &[
    "status",
    "status -m other",
    "models",
    "config web v=1",
    "config -m other web v=1",
    "config -m other web",
    "add-unit web",
    "exec -m other --unit web/0 -- true",
    "add-model third",
    "destroy-model --no-prompt --force --no-wait other",
    "destroy-model --no-prompt --force --no-wait test",
    "kill-controller --no-prompt embedded",
];

/// Shell code that runs each of them by `program` and reports the exit code behind what it printed.
fn attempts(juju: &Juju, program: &str) -> String {
    let one = |command: &&str| {
        format!(
            "JUBILANT_EMBEDDED_DIR={} timeout 20 {program} {command} 2>&1; echo \"code $?\"",
            juju.state().display()
        )
    };
    COMMANDS.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// Each attempt was refused in one sentence, and nothing has happened.
#[track_caller]
fn all_refused(juju: &Juju, controller: i32, output: &str) {
    let mut answers: Vec<Vec<&str>> = vec![Vec::new()];
    for line in output.lines() {
        match line.strip_prefix("code ") {
            Some(code) => {
                let answer = answers.last_mut().expect("one");
                assert_ne!(code, "0", "it was done: {answer:?}");
                assert_ne!(code, "124", "it hangs: {answer:?}");
                assert!(answer.len() == 1 && answer[0].starts_with("ERROR "), "no sentence: {answer:?}");
                answers.push(Vec::new());
            }
            None => answers.last_mut().expect("one").push(line),
        }
    }
    assert_eq!(answers.len(), COMMANDS.len() + 1, "{output}");
    assert_eq!(juju.controller(), Some(controller));
    let models = juju.run(&["models", "--format", "json"]).json();
    assert_eq!(models["models"].as_array().map(Vec::len), Some(2), "{models}");
    for model in ["test", "other"] {
        assert_eq!(juju.run(&["config", "-m", model, "web", "v"]).ok(), "0\n");
        let status = juju.run(&["status", "-m", model, "--format", "json"]).json();
        assert_eq!(support::units(&status).len(), 1, "{status:#}");
    }
}

#[test]
fn a_command_of_a_unit_is_no_user() {
    let juju = scene();
    let controller = juju.controller().expect("a controller");
    let installed = juju.state().join("bin/juju").display().to_string();
    for program in [PROGRAM, &installed] {
        let (_, output, _) = exec(&juju, "web/0", &attempts(&juju, program));
        all_refused(&juju, controller, &output);
    }
}

#[test]
fn a_command_without_its_environment_is_no_user() {
    let juju = scene();
    let controller = juju.controller().expect("a controller");
    // Emptied, in a session of its own, somewhere else, by the installed program and by a copy of it.
    let home = unit_dir(&juju, "web/0").join("home");
    let installed = juju.state().join("bin/jubilant-embedded").display().to_string();
    for program in ["./copy", &installed] {
        fs::write(home.join("try"), attempts(&juju, program)).expect("a file");
        let code =
            format!("cd ../home; cp {PROGRAM} copy; exec env -i PATH=\"$PATH\" setsid --wait sh ./try");
        let (_, output, _) = exec(&juju, "web/0", &code);
        all_refused(&juju, controller, &output);
    }
}

#[test]
fn a_daemon_is_no_user() {
    let juju = scene();
    let mut controller = juju.controller().expect("a controller");
    let dir = unit_dir(&juju, "web/0");
    let (first, second) = (Gate::new(&juju, "first"), Gate::new(&juju, "second"));
    let wait = |gate: &Gate| gate.pass().split_once("; ").expect("two commands").1.to_owned();
    let attempts = attempts(&juju, PROGRAM);
    let script = format!(
        "{}\n{{ {attempts}\n}} > one.new; mv one.new one\n{}\n{{ {attempts}\n}} > two.new; mv two.new two\n",
        wait(&first),
        wait(&second)
    );
    fs::write(dir.join("home/try"), script).expect("a file");
    // Its parent is gone at once: it is the child of the system's first process.
    let code = "cd ../home; (env -i PATH=\"$PATH\" setsid sh ./try </dev/null >/dev/null 2>&1 &)";
    assert_eq!(exec(&juju, "web/0", code).0, 0);
    juju.settle();
    first.open();
    wait_until("first answers", || dir.join("home/one").exists());
    all_refused(&juju, controller, &fs::read_to_string(dir.join("home/one")).expect("it is there"));

    kill(controller);
    juju.settle();
    controller = juju.controller().expect("a new one");
    second.open();
    wait_until("answers of the new controller", || dir.join("home/two").exists());
    all_refused(&juju, controller, &fs::read_to_string(dir.join("home/two")).expect("it is there"));
}

#[test]
fn a_hook_is_no_user() {
    let juju = scene();
    let controller = juju.controller().expect("a controller");
    let code = format!("#!/bin/sh\n{{ {}\n}} > ../output\n", attempts(&juju, PROGRAM));
    let charm = juju.charm("bad").script("hooks/start", &code).file("config.yaml", "options: {}\n");
    juju.run(&["add-model", "--no-switch", "more"]).ok();
    juju.run(&["deploy", "-m", "more", charm.path()]).ok();
    let shown = juju.run(&["show-model", "more", "--format", "json"]).json();
    let uuid = shown["more"]["model-uuid"].as_str().expect("a UUID");
    let output = juju.state().join("models").join(uuid).join("units/bad-0/output");
    wait_until("started unit", || {
        let status = juju.run(&["status", "-m", "more", "--format", "json"]).json();
        unit(&status, "bad/0")["workload-status"]["current"] == "unknown"
    });
    let output = fs::read_to_string(output).expect("it has tried");
    juju.run(&["destroy-model", "--no-prompt", "more"]).ok();
    all_refused(&juju, controller, &output);
}

/// Two units, of which `b/0` has a command running; returns the file that holds its environment.
fn victim(juju: &Juju, gate: &Gate) -> PathBuf {
    for name in ["a", "b"] {
        juju.deploy(&juju.charm(name), &[]);
        juju.wait_for(&format!("{name}/0"), "unknown");
    }
    juju.settle();
    let code = format!("env > ../environment; {}; status-set active", gate.pass());
    juju.run(&["exec", "--background", "--unit", "b/0", "--", &code]).ok();
    gate.await_reached(juju);
    unit_dir(juju, "b/0").join("environment")
}

#[test]
fn a_context_is_its_own_unit_s() {
    let juju = Juju::new();
    let gate = Gate::new(&juju, "victim");
    let environment = victim(&juju, &gate);
    let of_b = |name: &str| format!("{name}=$(sed -n s/^{name}=//p {})", environment.display());
    for stolen in ["JUJU_CONTEXT_ID", "JUJU_AGENT_SOCKET_ADDRESS"] {
        let code = format!("{}; export {stolen}; status-set blocked stolen", of_b(stolen));
        let (code, _, text) = exec(&juju, "a/0", &code);
        assert_ne!(code, 0, "b's {stolen} works for a");
        assert!(text.starts_with("ERROR ") && text.lines().count() == 1, "{text:?}");
        for name in ["a/0", "b/0"] {
            assert_ne!(
                unit(&juju.status(), name)["workload-status"]["current"],
                "blocked",
                "{name} {stolen}"
            );
        }
    }
    gate.open();
    juju.wait_for("b/0", "active");
}

#[test]
fn tools_end_with_their_hook() {
    let juju = Juju::new();
    let daemon = "while ! [ -e late ]; do sleep 0.02; done; status-set blocked late 2> answer.new; echo $? >> answer.new; mv answer.new answer";
    juju.deploy(&juju.charm("a"), &[]);
    juju.wait_for("a/0", "unknown");
    let home = unit_dir(&juju, "a/0").join("home");
    for busy in [false, true] {
        let gate = Gate::new(&juju, "later");
        let code = format!("cd ../home; rm -f answer late; setsid sh -c '{daemon}' >/dev/null 2>&1 &");
        assert_eq!(exec(&juju, "a/0", &code).0, 0);
        if busy {
            juju.run(&["exec", "--background", "--unit", "a/0", "--", &gate.pass()]).ok();
            gate.await_reached(&juju);
        }
        fs::write(home.join("late"), "").expect("a file");
        wait_until("answer", || home.join("answer").exists());
        let answer = fs::read_to_string(home.join("answer")).expect("it is there");
        assert!(answer.starts_with("ERROR ") && answer.ends_with("\n1\n"), "{answer:?}");
        gate.open();
        juju.settle();
        assert_ne!(unit(&juju.status(), "a/0")["workload-status"]["current"], "blocked");
    }
}
