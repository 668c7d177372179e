//! One process: its streams, its deadline, its retries, and what is hidden.

use std::time::Duration;

use jubilant::error::Exit;
use jubilant::{Cli, ConfigValue, Error, Juju, seconds};

use crate::Fake;

#[test]
fn arguments_input_and_output_pass_unchanged() {
    let fake = Fake::new(r#"for arg; do printf '%s\n' "$arg"; done; cat; echo warning >&2"#);
    let juju = fake.juju.with_model("c:m");
    let out = juju.cli(Cli::new(["show", "a b", "", "$HOME", "*"]).stdin("ïnput")).unwrap();
    assert_eq!(out, "show\n--model\nc:m\na b\n\n$HOME\n*\nïnput");
}

#[test]
fn input_is_empty_unless_given() {
    assert_eq!(Fake::new("cat; echo end").juju.cli(["x"]).unwrap(), "end\n");
}

#[test]
fn much_output_on_both_streams_does_not_block() {
    let fake = Fake::new(
        "i=0; while [ $i -lt 4000 ]; do echo 0123456789012345678901234567890123456789; \
                          echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done",
    );
    assert_eq!(fake.juju.cli(["x"]).unwrap().len(), 4000 * 41);
}

#[test]
fn input_that_is_not_read_is_no_error() {
    let fake = Fake::new("echo done");
    assert_eq!(fake.juju.cli(Cli::new(["x"]).stdin(vec![b'x'; 1 << 20])).unwrap(), "done\n");
}

#[test]
fn a_failure_shows_command_code_and_both_streams() {
    let fake = Fake::new("echo partly; echo 'ERROR no such app' >&2; exit 3");
    let error = fake.juju.cli(["expose", "web"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`juju expose web` failed with exit code 3\nstdout:\n  partly\nstderr:\n  ERROR no such app"
    );
    let command = error.command().unwrap();
    assert_eq!((command.exit(), command.stdout()), (Exit::Code(3), "partly\n"));
}

#[test]
fn of_much_output_an_error_shows_the_end() {
    let fake = Fake::new("i=0; while [ $i -lt 100 ]; do echo line $i >&2; i=$((i+1)); done; exit 1");
    let error = fake.juju.cli(["x"]).unwrap_err();
    let text = error.to_string();
    assert!(text.lines().count() < 25 && text.ends_with("line 99"), "{text}");
    assert!(error.command().unwrap().stderr().starts_with("line 0\n"));
}

#[test]
fn a_signal_is_named() {
    let error = Fake::new("kill -9 $$").juju.cli(["x"]).unwrap_err();
    assert_eq!(error.command().unwrap().exit(), Exit::Signal(9));
}

#[test]
fn at_its_deadline_a_command_is_ended_and_what_it_printed_is_kept() {
    let fake = Fake::new(r#"echo $$ > "$dir/pid"; echo begun; exec sleep 600"#);
    let error = fake.juju.cli(Cli::new(["deploy", "x"]).timeout(seconds(1))).unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.to_string(), "`juju deploy x` gave no answer within 1 s\nstdout:\n  begun");
    let pid = fake.read("pid");
    assert!(!std::path::Path::new("/proc").join(pid.trim()).exists(), "{pid} still runs");
}

#[test]
fn a_grandchild_that_keeps_the_pipes_open_does_not_delay_the_answer() {
    let fake = Fake::new(r#"sleep 600 & echo $! > "$dir/pid"; echo answer"#);
    assert_eq!(fake.juju.cli(["x"]).unwrap(), "answer\n");
    let killed = std::process::Command::new("kill").arg(fake.read("pid").trim()).status().unwrap();
    assert!(killed.success(), "it waited for the grandchild's end");
}

#[test]
fn the_limit_of_all_commands_can_be_set() {
    let fake = Fake::new("exec sleep 600");
    let error = fake.juju.command_timeout(Duration::from_millis(300)).status().unwrap_err();
    assert_eq!(error.command().unwrap().exit(), Exit::NoAnswer(Duration::from_millis(300)));
}

/// Fails twice with the given text, then succeeds; counts its calls.
pub(crate) fn flaky(error: &str) -> Fake {
    Fake::new(&format!(
        r#"echo x >> "$dir/calls"; [ $(wc -l < "$dir/calls") -gt 2 ] && {{ echo '{{}}'; exit 0; }}
           echo 'ERROR {error}' >&2; exit 1"#
    ))
}

#[test]
fn a_read_is_retried_after_a_transient_error() {
    for error in ["connection is shut down", "etcdserver: leader changed"] {
        let fake = flaky(error);
        fake.juju.status().unwrap();
        assert_eq!(fake.read("calls").lines().count(), 3);
    }
}

#[test]
fn a_change_is_retried_only_if_it_was_not_sent() {
    let fake = flaky("connection is shut down before send");
    fake.juju.deploy("web").unwrap();
    assert_eq!(fake.read("calls").lines().count(), 3);

    let fake = flaky("connection is shut down");
    assert!(matches!(fake.juju.deploy("web"), Err(Error::Command(_))));
    assert_eq!(fake.read("calls").lines().count(), 1, "a deploy whose fate is unknown must not be repeated");

    let fake = flaky("connection is shut down before send");
    assert!(fake.juju.run("web/0", "backup").is_err());
    assert_eq!(fake.read("calls").lines().count(), 1, "an action must not run twice");
}

#[test]
fn retries_end_at_the_deadline() {
    let fake = Fake::new("echo 'ERROR connection is shut down' >&2; exit 1");
    let error = fake.juju.command_timeout(seconds(1)).status().unwrap_err();
    assert!(error.command().unwrap().stderr().contains("shut down"), "{error}");
}

#[test]
fn other_errors_are_not_retried() {
    let fake = flaky("model \"m\" not found");
    assert!(fake.juju.status().is_err());
    assert_eq!(fake.read("calls").lines().count(), 1);
}

#[test]
fn secrets_do_not_appear_in_errors() {
    let fake = Fake::new(r#"echo "$@"; echo "ERROR bad value: $*" >&2; exit 1"#);
    let juju = &fake.juju;
    let secret = || jubilant::Secret::new("s").key("password", "hunter2");
    let action = jubilant::Action::new("login").param("users", vec![("me", "hunter2")]);
    let errors = [
        juju.set_config("web", [("password", "hunter2")]).unwrap_err(),
        juju.deploy(jubilant::Deploy::new("web").config("password", "hunter2")).unwrap_err(),
        juju.add_secret(secret()).unwrap_err(),
        juju.add_model(jubilant::AddModel::new("m").config("password", "hunter2")).unwrap_err(),
        juju.cli(["config", "web", "password=hunter2"]).unwrap_err(),
        juju.cli(Cli::new(["login", "me"]).secret("hunter2")).unwrap_err(),
        juju.run("web/0", action).unwrap_err(),
    ];
    for error in errors {
        let all = format!("{error} {error:?}");
        assert!(!all.contains("hunter2"), "{all}");
        assert!(all.contains("ERROR bad value"), "{all}");
    }
    assert!(!format!("{:?}", secret()).contains("hunter2"));
}

#[test]
fn numbers_and_booleans_are_shown() {
    let fake = Fake::new("exit 1");
    let options: [(&str, ConfigValue); 3] =
        [("port", 80.into()), ("debug", true.into()), ("name", "x".into())];
    let error = fake.juju.set_config("web", options).unwrap_err();
    assert!(error.to_string().contains("juju config web port=80 debug=true name=…"), "{error}");
}

#[test]
fn a_missing_program_says_what_to_do() {
    for program in ["no-such-juju", "/no/such/juju"] {
        let juju = Juju::new().with_program(program);
        for error in [juju.status().unwrap_err(), juju.wait(jubilant::all_active()).unwrap_err()] {
            assert!(matches!(error, Error::Start(_)), "{error}");
            let text = error.to_string();
            assert!(text.contains(program) && text.contains("snap install juju"), "{text}");
        }
    }
}

#[test]
fn a_program_in_path_is_found() {
    let fake = Fake::new("echo found");
    let program = fake.juju.program().to_path_buf();
    let juju = fake.juju.with_env("PATH", format!("{}:/usr/bin:/bin", program.parent().unwrap().display()));
    assert_eq!(juju.with_program("juju").cli(["x"]).unwrap(), "found\n");
}

#[test]
fn an_answer_that_is_no_json_is_shown() {
    let error = Fake::new("echo 'Welcome to Juju'").juju.status().unwrap_err();
    assert!(matches!(error, Error::Answer(_)) && error.to_string().contains("Welcome to Juju"), "{error}");
    let error = Fake::new("echo 'ERROR odd' >&2").juju.status().unwrap_err();
    assert!(error.to_string().contains("exit code 0") && error.to_string().contains("ERROR odd"), "{error}");
}

#[test]
fn a_model_that_vanishes_while_it_is_destroyed_is_destroyed() {
    let text = "ERROR model not found, it may have been destroyed during this operation";
    Fake::new(&format!("echo '{text}' >&2; exit 1")).juju.destroy_model("m").unwrap();
    assert!(Fake::new("echo 'ERROR model m not found' >&2; exit 1").juju.destroy_model("m").is_err());
}

#[test]
fn commands_are_given_as_juju_wants_them() {
    let fake = Fake::new(r#"echo "$*" >> "$dir/calls"; echo '{"models": [], "m": {}, "web/0": {}}'"#);
    let juju = fake.juju.clone().with_model("c:admin/m");
    juju.destroy_model(
        jubilant::DestroyModel::new("c:m").force().no_wait().destroy_storage().timeout(seconds(60)),
    )
    .unwrap();
    let bound = juju
        .add_model(
            jubilant::AddModel::new("n").controller("k8s").cloud("k8s/eu").credential("me").config("a", 1),
        )
        .unwrap();
    assert_eq!(bound.model(), Some("k8s:n"));
    juju.models().unwrap();
    juju.show_model("m").unwrap();
    juju.integrate("web:db", "db").unwrap();
    juju.remove_relation("web", "db").unwrap();
    juju.remove_application(jubilant::RemoveApplication::new("web").and("db").destroy_storage().force())
        .unwrap();
    juju.add_unit(jubilant::AddUnit::new("web").count(2).to("0").to("1")).unwrap();
    juju.remove_unit(jubilant::RemoveUnit::new("web").count(1)).unwrap();
    juju.refresh(jubilant::Refresh::new("web").channel("1/edge").config("x", 1)).unwrap();
    juju.reset_config("web", ["a", "b"]).unwrap();
    juju.set_model_config([("update-status-hook-interval", "1m")]).unwrap();
    juju.trust(jubilant::Trust::new("web").cluster()).unwrap();
    juju.offer("db:sql").unwrap();
    juju.show_unit("web/0").unwrap();
    juju.debug_log(jubilant::DebugLog::last(10).level("ERROR").include("web/0")).unwrap();
    juju.debug_log(jubilant::DebugLog::all()).unwrap();
    juju.version().unwrap();
    assert_eq!(
        fake.read("calls").lines().collect::<Vec<_>>(),
        [
            "destroy-model --no-prompt c:m --destroy-storage --force --no-wait --timeout 60s",
            "add-model --no-switch n k8s/eu --controller k8s --credential me --config a=1",
            "models --format json --controller c",
            "show-model m --format json",
            "integrate --model c:admin/m web:db db",
            "remove-relation --model c:admin/m web db",
            "remove-application --model c:admin/m --no-prompt web db --destroy-storage --force",
            "add-unit --model c:admin/m web --num-units 2 --to 0,1",
            "remove-unit --model c:admin/m --no-prompt web --num-units 1",
            "refresh --model c:admin/m web --channel 1/edge --config x=1",
            "config --model c:admin/m web --reset a,b",
            "model-config --model c:admin/m update-status-hook-interval=1m",
            "trust --model c:admin/m web --scope=cluster",
            "offer admin/m.db:sql --controller c",
            "show-unit --model c:admin/m web/0 --format json",
            "debug-log --model c:admin/m --no-tail --limit 10 --level ERROR --include web/0",
            "debug-log --model c:admin/m --no-tail --replay",
            "version --all --format json",
        ]
    );
}

#[test]
fn setting_nothing_runs_nothing() {
    let fake = Fake::new("exit 1");
    fake.juju.set_config("web", [("", ""); 0]).unwrap();
    fake.juju.reset_config("web", [""; 0]).unwrap();
}
