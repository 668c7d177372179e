//! Nothing is accepted and ignored: what a command or a hook tool is given has its effect, or is refused in words.
//!
//! The general tests read the program's own help, so that a command, tool or option that is added later is tried, too.
#![cfg(target_os = "linux")]

#[path = "support/help.rs"]
mod help;
mod support;

use std::fs;

use help::{FORMATS, Flag, Help, Kind, unknown_format, with_web};
use support::Juju;

fn commands(juju: &Juju) -> Vec<String> {
    let help = juju.run(&["help"]).ok();
    let names: Vec<String> =
        help.lines().filter_map(|line| line.strip_prefix("    ")).map(str::to_owned).collect();
    assert!(names.len() > 30, "{help}");
    names
}

fn help_of(juju: &Juju, command: &str) -> Help {
    let text = juju.run(&[command, "--help"]).ok();
    assert_eq!(juju.run(&["help", command]).ok(), text);
    Help::read(&text)
}

#[test]
fn every_command_refuses_what_it_does_not_take() {
    let juju = Juju::bare();
    for command in &commands(&juju) {
        let help = help_of(&juju, command);
        let run = |args: &[&str]| juju.run(&[&[command.as_str()], args].concat());
        run(&["--frob"]).fails(2, "ERROR option provided but not defined: --frob\n");
        if let Some(most) = help.most {
            let mut args = vec!["a"; most];
            args.push("extra");
            run(&args).fails(2, "ERROR unrecognized args: [\"extra\"]\n");
        }
        for format in FORMATS {
            match help.formats() {
                None => {
                    drop(run(&["--format", format]).fails(2, "option provided but not defined: --format\n"))
                }
                Some(formats) if formats.iter().any(|known| known == format) => {}
                Some(_) => drop(run(&["--format", format]).fails(2, &unknown_format(format))),
            }
        }
        for (flag, short) in [("model", "-m"), ("controller", "-c"), ("output", "-o")] {
            if !help.has(flag) {
                run(&[short, "x"]).fails(2, &format!("ERROR option provided but not defined: {short}\n"));
            }
        }
        for Flag { name, kind } in &help.flags {
            let flag = format!("--{name}");
            match kind {
                Kind::Refused => {
                    let text = format!("ERROR \"{command} {flag}\" is not supported by the embedded Juju\n");
                    run(&[&flag]).fails(1, &text);
                }
                Kind::Value | Kind::Formats(_) => {
                    run(&[&flag]).fails(2, &format!("ERROR option needs an argument: {flag}\n"));
                }
                Kind::Switch | Kind::Moot => {
                    run(&[&format!("{flag}=perhaps")]).fails(2, "invalid value \"perhaps\" for option");
                }
            }
        }
    }
}

/// A line of each command that works, for its options to be tried with.
fn example(juju: &Juju, command: &str, flag: &str, round: usize) -> Vec<String> {
    let model = || {
        juju.run(&["add-model", "--no-switch", &format!("m{round}")]).ok();
        format!("m{round} --no-prompt")
    };
    let app = || {
        juju.run(&["deploy", "./charms/db", &format!("db{round}"), "-m", "test"]).ok();
        format!("db{round}")
    };
    let prints = ["format", "output", "reset", "file"].contains(&flag);
    let line = match command {
        "add-model" => format!("new{round}"),
        "destroy-model" => model(),
        "show-model" => "test".into(),
        "switch" => "test".into(),
        // It would be the end of the test.
        "destroy-controller" => "other --no-prompt".into(),
        "model-config" if prints => String::new(),
        "model-config" => "update-status-hook-interval=1h".into(),
        "set-model-constraints" => "cores=1".into(),
        "deploy" => format!("./charms/web web{round}"),
        "refresh" => "web --path ./charms/web".into(),
        "remove-application" => app(),
        "remove-unit" => app() + "/0",
        "add-unit" | "trust" | "expose" | "unexpose" | "actions" | "show-application" | "resources" => {
            "db".into()
        }
        "config" if prints => "web".into(),
        "config" => "web name=x".into(),
        "integrate" => format!("{}:sql web", app()),
        "remove-relation" => {
            let app = app();
            juju.run(&["integrate", &app, "web"]).ok();
            format!("{app} web")
        }
        "run" => "web/0 ok".into(),
        "exec" => "--unit web/0 -- true".into(),
        "show-task" => "2".into(),
        "show-operation" => "1".into(),
        "show-action" => "web ok".into(),
        "show-unit" | "show-status-log" | "resolved" => "web/0".into(),
        "attach-resource" => "web blob=./blob".into(),
        "models" | "controllers" | "show-controller" | "whoami" | "clouds" | "version"
        | "model-constraints" | "operations" | "status" | "machines" | "debug-log" => String::new(),
        other => panic!("give an example of {other}, for its options to be tried"),
    };
    line.split_whitespace().map(str::to_owned).collect()
}

/// A value of an option with which the command works.
fn example_value(command: &str, flag: &str) -> &'static str {
    match (command, flag) {
        (_, "output") => "out.txt",
        (_, "model") => "test",
        (_, "controller") => "embedded",
        (_, "logging-config") => "<root>=INFO",
        ("add-model", "config") => "test-mode=true",
        ("deploy" | "refresh", "config") => "port=82",
        ("deploy", "constraints") => "cores=1",
        (_, "base") => "ubuntu@24.04",
        (_, "series") => "noble",
        (_, "resource") => "blob=./blob",
        (_, "path") => "./charms/web",
        ("model-config", "reset") => "test-mode",
        (_, "reset") => "port",
        ("config", "file") => "values.yaml",
        (_, "scope") => "cluster",
        (_, "wait" | "timeout" | "retry-delay") => "20s",
        ("exec", "unit") => "web/0",
        ("exec", "application" | "app") => "web",
        ("exec", "machine") => "0",
        (_, "level") => "INFO",
        (_, "include" | "exclude" | "include-module" | "exclude-module") => "unit-web-0",
        (_, "endpoint") => "db",
        (_, "type") => "workload",
        (_, "user") => "admin",
        // A file with nothing in it.
        (_, "params" | "file") => "/dev/null",
        _ => "1",
    }
}

/// Options that the example cannot be given, or any, and what is said instead.
const REFUSED: [(&str, &str, &str); 7] = [
    ("deploy", "overlay", "flags provided but not supported when deploying a charm: --overlay."),
    ("destroy-controller", "*", "controller other not found"),
    ("exec", "operator", "--operator is for Kubernetes models"),
    ("model-config", "file", "the file must map keys to values"),
    ("status", "format", "\"status --format summary\" is not supported"),
    ("resolved", "all", "specify either unit names or --all"),
    ("resolved", "*", "is not in an error state"),
];

#[test]
fn no_option_is_accepted_and_ignored() {
    let juju = with_web();
    juju.run(&["run", "web/0", "ok"]).ok();
    let mut round = 0;
    let mut wrong = Vec::new();
    for command in &commands(&juju) {
        for Flag { name, kind } in help_of(&juju, command).flags {
            // It goes on for ever; the tests of the log try it.
            if (command.as_str(), name.as_str()) == ("debug-log", "tail") {
                continue;
            }
            let mut given = vec![format!("--{name}")];
            match kind {
                Kind::Refused => continue,
                Kind::Value => given.push(example_value(command, &name).to_owned()),
                Kind::Formats(formats) => given.push(formats[formats.len() - 1].clone()),
                Kind::Switch | Kind::Moot => {}
            }
            if name == "no-wait" {
                given.push("--force".into());
            }
            round += 1;
            let line = [vec![command.clone()], given, example(&juju, command, &name, round)].concat();
            let line: Vec<&str> = line.iter().map(String::as_str).collect();
            let answer = juju.run(&line);
            let known =
                REFUSED.iter().filter(|(on, flag, _)| on == command && (*flag == name || *flag == "*"));
            let refused = known.map(|(.., text)| *text).any(|text| answer.stderr.contains(text));
            let right = answer.code == Some(0) && !answer.stderr.contains("had no effect");
            if !right && !refused {
                wrong.push(format!("{line:?}: {answer:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_wrong_lines_that_were_accepted() {
    let juju = with_web();
    let values = "use --file flag";
    let lines: &[(&str, i32, &str)] = &[
        ("version extra", 2, "unrecognized args: [\"extra\"]"),
        ("operations extra", 2, "unrecognized args: [\"extra\"]"),
        ("--nosuch", 2, "option provided but not defined: --nosuch"),
        ("--format json", 2, "option provided but not defined: --format"),
        ("help nosuch", 1, "unknown command or topic for nosuch"),
        ("help status extra", 2, "unrecognized args: [\"extra\"]"),
        ("debug-log --format json", 2, "option provided but not defined: --format"),
        ("debug-log -o file", 2, "option provided but not defined: -o"),
        ("debug-log --location", 1, "not supported by the embedded Juju"),
        ("config web --format tabular", 2, "unknown format \"tabular\""),
        ("config web port=1 --format nope", 2, "unknown format \"nope\""),
        ("config web port=1 --reset port", 2, "cannot set and reset key \"port\" simultaneously"),
        ("config web port=1 port=2", 2, "key \"port\" specified more than once"),
        ("config web =1", 2, "expected \"key=value\", got \"=1\""),
        ("config web port --reset name", 2, "cannot use --reset flag and get value simultaneously"),
        ("config web port name=1", 2, "cannot get value and set key=value pairs simultaneously"),
        ("config web port --file values.yaml", 2, values),
        ("config web port name", 2, "cannot specify multiple keys to get"),
        (
            "config web --reset port=1",
            2,
            "--reset accepts a comma delimited set of keys \"a,b,c\", received: \"port=1\"",
        ),
        ("config port=1", 2, "no application name specified"),
        (
            "model-config test-mode=true --reset test-mode",
            2,
            "cannot set and reset key \"test-mode\" simultaneously",
        ),
        ("model-config --reset nosuch", 1, "not supported by the embedded Juju"),
        ("model-config --reset agent-version", 1, "\"agent-version\" cannot be reset"),
        ("model-config logging-config=loud", 1, "logger specification expected '=', found \"loud\""),
        ("model-config default-base=ubuntu@22.04", 1, "\"default-base\" cannot be set"),
        ("model-constraints --format tabular", 2, "unknown format \"tabular\""),
        ("refresh web --path ./charms/web --base ubuntu@22.04", 1, "not supported by the embedded Juju"),
        ("refresh web --path ./charms/web --base nope", 2, "invalid base \"nope\""),
        ("refresh web --resource blob=./blob --trust", 1, "not supported by the embedded Juju"),
        (
            "deploy ./charms/db x --channel edge",
            1,
            "\"deploy --channel\" is not supported by the embedded Juju",
        ),
        (
            "deploy ./charms/db x --base ubuntu@24.04 --series noble",
            2,
            "--series and --base cannot be specified together",
        ),
        ("destroy-model --no-prompt test --no-wait", 1, "--no-wait without --force not valid"),
        ("destroy-model --no-prompt test --destroy-storage --release-storage", 2, "cannot both be specified"),
        ("destroy-controller --no-prompt embedded -t soon", 2, "invalid duration \"soon\""),
        ("remove-application web --no-wait", 1, "--no-wait without --force not valid"),
        ("remove-unit web/0 --no-wait", 1, "--no-wait without --force not valid"),
        ("add-model x localhost/nowhere", 1, "not supported by the embedded Juju"),
        ("status -m bob/test", 1, "model embedded:bob/test not found"),
        ("status --retry-count many", 2, "invalid value \"many\""),
        ("status --retry-delay soon", 2, "invalid duration \"soon\""),
        ("status --color", 1, "\"status --color\" is not supported by the embedded Juju"),
        ("deploy ./charms/db x --format json", 2, "option provided but not defined: --format"),
        ("switch -m test", 2, "option provided but not defined: -m"),
        ("models --user bob", 1, "user \"bob\" not found"),
        ("models -m test", 2, "option provided but not defined: -m"),
        ("models --format oneline", 2, "unknown format \"oneline\""),
        ("trust web --scope galaxy", 2, "scope \"galaxy\" not valid"),
        ("actions web --schema --format tabular", 2, "full schema not compatible with tabular output"),
        ("show-task 1 --wait soon", 2, "invalid duration \"soon\""),
        ("show-task 1 --wait 1s --watch", 2, "specify either --watch or --wait but not both"),
        ("show-operation 1 --wait 1s --watch", 2, "specify either --watch or --wait but not both"),
        ("run web/0 ok --wait 1s --background", 2, "cannot specify both --wait and --background"),
        ("resources web --details", 1, "\"resources --details\" is not supported by the embedded Juju"),
        ("show-status-log web/0 --days 1 -n 2", 2, "cannot be specified together"),
        ("show-status-log web/0 --type nope", 2, "unexpected status type \"nope\""),
        ("show-controller --show-password", 1, "not supported by the embedded Juju"),
        (
            "status --quiet --verbose",
            1,
            "\"verbose\" and \"quiet\" flags clash, please use one or the other, not both",
        ),
        ("status --logging-config loud", 1, "logger specification expected '=', found \"loud\""),
    ];
    let before = juju.run(&["config", "web"]).ok();
    let wrong: Vec<String> = lines
        .iter()
        .filter_map(|(line, code, text)| {
            let answer = juju.run(&line.split_whitespace().collect::<Vec<_>>());
            let right = answer.code == Some(*code)
                && answer.stderr.starts_with("ERROR ")
                && answer.stderr.contains(text);
            (!right).then(|| format!("{line}: {answer:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(juju.run(&["config", "web"]).ok(), before);
    assert!(!juju.path().join("file").exists());
}

#[test]
fn options_do_what_they_say() {
    let juju = with_web();
    let run = |line: &str| juju.run(&line.split_whitespace().collect::<Vec<_>>());
    // What is told, and the client's log.
    assert_eq!(run("remove-unit --quiet web/9").fails(1, "ERROR unit").stderr.lines().count(), 1);
    assert_eq!(run("add-model two --no-switch --quiet").stderr, "");
    let debugged = run("version --debug");
    assert!(debugged.stderr.contains(" INFO  juju.cmd running juju ["), "{debugged:?}");
    assert!(debugged.stderr.contains(" DEBUG juju.cmd   args: [\"version\", \"--debug\"]\n"), "{debugged:?}");
    assert_eq!(run("status --show-log").stderr.lines().count(), 1);
    assert_eq!(run("status --show-log --logging-config <root>=ERROR").stderr, "");
    // Set and reset at once; the command line overrides the file.
    run("config web port=90 --reset name").ok();
    run("config web --file values.yaml --reset port").ok();
    assert_eq!(run("config web port").ok(), "80\n");
    run("config web --file values.yaml port=99").ok();
    assert_eq!(run("config web port").ok(), "99\n");
    run("refresh web --path ./charms/web --base ubuntu@24.04 --force-units --force-base").ok();
    assert!(run("models --uuid").ok().contains("UUID"));
    assert!(!run("models").ok().contains("UUID"));
    let schema = run("actions web --schema").ok();
    assert!(schema.contains("ok:\n  additionalProperties:"), "{schema}");
    run("model-config http-proxy=http://proxy:1").ok();
    assert_eq!(
        run("exec --unit web/0 -- echo $HTTP_PROXY $http_proxy").ok(),
        "http://proxy:1 http://proxy:1\n"
    );
    assert!(run("operations --format plain").ok().starts_with("ID "));
}

#[test]
fn tasks_are_waited_for() {
    let juju = with_web();
    juju.run(&["run", "web/0", "slow", "--background"]).ok();
    let mut waiting = ["show-task 2 --watch --format json", "show-operation 1 --wait 20s --format json"]
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .map(|line| {
            juju.command(&line).stdout(std::process::Stdio::piped()).spawn().expect("the program starts")
        });
    let status =
        || juju.run(&["show-task", "2", "--wait", "100ms", "--format", "json"]).json()["status"].clone();
    assert_ne!(status(), "completed");
    for child in &mut waiting {
        assert_eq!(child.try_wait().expect("a child"), None, "it waits");
    }
    let model = fs::read_dir(juju.state().join("models")).expect("models").flatten().next().expect("a model");
    fs::write(model.path().join("units/web-0/go"), "").expect("a file");
    for child in waiting {
        let output = child.wait_with_output().expect("it ends");
        let record: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(record["status"], "completed");
    }
}

#[test]
fn a_relation_is_removed_by_force() {
    let juju = with_web();
    let model = fs::read_dir(juju.state().join("models")).expect("models").flatten().next().expect("a model");
    fs::write(model.path().join("units/web-0/fail"), "").expect("a file");
    juju.run(&["remove-relation", "web", "db"]).ok();
    juju.wait_for("web/0", "error");
    juju.run(&["remove-relation", "--force", "web", "db"]).ok();
    juju.wait("no relation", |status| status["applications"]["web"].get("relations").is_none());
    juju.wait_for("web/0", "unknown");
}
