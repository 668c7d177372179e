//! `run` and `exec`: what their exit codes and answers mean.

use jubilant::{Action, Error, Exec, seconds};

use crate::Fake;

const DONE: &str = r#"{"web/0": {"id": "2", "unit": "web/0", "status": "completed",
    "results": {"password": "s3cret", "return-code": 0}, "timing": {"enqueued": "a", "started": "b", "completed": "c"}}}"#;
/// The program of the action or command returned 1: exit code 1, and the task on the standard output.
const RETURNED_1: &str = r#"{"web/0": {"id": "4", "unit": "web/0", "status": "completed",
    "results": {"return-code": 1, "stdout": "out", "stderr": "no space"}}}"#;
/// `action-fail`, then exit 0: exit code 0.
const ACTION_FAIL: &str = r#"{"web/0": {"id": "5", "unit": "web/0", "status": "failed",
    "message": "no such user", "results": {"return-code": 0}, "log": ["10:00 looked"]}}"#;

fn answers(stdout: &str, stderr: &str, code: i32) -> Fake {
    Fake::new(&format!("cat <<'END'\n{stdout}\nEND\ncat >&2 <<'END'\n{stderr}\nEND\nexit {code}"))
}

#[test]
fn a_completed_action_is_its_task() {
    let task = answers(DONE, "Running operation 1", 0).juju.run("web/leader", "login").unwrap();
    assert_eq!((task.unit.as_str(), task.id.as_str()), ("web/0", "2"));
    assert_eq!(task.result::<String>("password").unwrap(), "s3cret");
    assert_eq!(task.timing.completed, "c");
}

#[test]
fn a_failed_one_is_an_error_that_holds_the_task() {
    let summary = "the following task failed:\n - id \"4\" with return code 1";
    let error = answers(RETURNED_1, summary, 1).juju.exec("web/0", ["df"]).unwrap_err();
    assert_eq!(error.task().unwrap().stderr(), "no space");
    assert_eq!(error.task().unwrap().return_code(), Some(1));
    let text = error.to_string();
    assert!(
        text.contains("juju exec") && text.contains("with return code 1") && text.contains("no space"),
        "{text}"
    );

    let error = answers(ACTION_FAIL, "", 0).juju.run("web/0", "login").unwrap_err();
    assert_eq!(error.task().unwrap().message, "no such user");
    let text = error.to_string();
    assert!(text.contains("task 5 failed: no such user") && text.contains("10:00 looked"), "{text}");
}

#[test]
fn what_never_ran_is_the_commands_error() {
    let text = "Operation 3 failed to schedule any tasks:\naction \"x\" not defined on unit \"web/0\"";
    let error = answers("", text, 0).juju.run("web/0", "x").unwrap_err();
    assert!(
        matches!(error, Error::Command(_)) && error.to_string().contains("not defined on unit"),
        "{error}"
    );

    let error = answers("", "ERROR no actions defined for charm web.", 1).juju.run("web/0", "x").unwrap_err();
    assert!(matches!(error, Error::Command(_)), "{error}");
}

#[test]
fn a_time_out_is_one_whatever_was_printed() {
    let text = "timed out waiting for results from: unit web/0";
    for stdout in ["", r#"{"web/0": {"id": "1", "unit": "web/0", "status": "running"}}"#] {
        let error = answers(stdout, text, 1).juju.run("web/0", "x").unwrap_err();
        assert!(matches!(error, Error::Timeout(_)) && error.to_string().contains(text), "{error}");
    }
}

#[test]
fn several_units_give_several_tasks() {
    let two = r#"{"web/0": {"unit": "web/0", "status": "completed"}, "web/1": {"unit": "web/1", "status": "failed"}}"#;
    let error = answers(two, "", 0).juju.run_all(["web/0", "web/1"], "x").unwrap_err();
    assert_eq!(error.tasks().len(), 2);
    assert_eq!(error.task().unwrap().unit, "web/1");
}

#[test]
fn parameters_are_a_file_of_json_that_is_removed_afterwards() {
    let fake = Fake::new(&format!(
        r#"echo "$*" > "$dir/args"; while [ "$1" != --params ]; do shift; done
           echo "$2" > "$dir/path"; cp -p "$2" "$dir/params"; cat <<'END'
{DONE}
END"#
    ));
    let action =
        Action::new("login").param("user", "yes").param("n", 3).param("list", [1, 2]).timeout(seconds(90));
    fake.juju.run("web/0", action).unwrap();
    assert_eq!(fake.read("params"), r#"{"user":"yes","n":3,"list":[1,2]}"#);
    assert!(fake.read("args").starts_with("run --format json web/0 login --wait 90s --params /"));
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&fake.path("params").metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert!(!std::path::Path::new(fake.read("path").trim()).exists(), "the file is still there");
}

#[test]
fn a_parameter_that_is_no_json_is_refused() {
    let action = Action::new("x").param("map", std::collections::HashMap::from([((1, 2), 3)]));
    let error = Fake::new("exit 0").juju.run("web/0", action).unwrap_err();
    assert!(matches!(error, Error::Usage(_)) && error.to_string().contains("\"map\""), "{error}");
}

#[test]
fn a_command_goes_to_a_unit_or_a_machine() {
    for (target, flag) in
        [("web/0", "--unit"), ("web/leader", "--unit"), ("0", "--machine"), ("0/lxd/1", "--machine")]
    {
        let fake = Fake::new(&format!("echo \"$*\" > \"$dir/args\"; cat <<'END'\n{DONE}\nEND"));
        fake.juju.exec(target, Exec::new(["ls", "-l"]).timeout(seconds(5))).unwrap();
        assert_eq!(
            fake.read("args").trim(),
            format!("exec --format json {flag} {target} --wait 5s -- ls -l")
        );
    }
}
