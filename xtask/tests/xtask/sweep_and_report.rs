//! `sweep` and `report`: the suite run for something else than tests, without a charm.

use crate::suite::{Told, record, without_charms, workspace};
use crate::support::{Answer, Project};

fn answer(project: &Project, args: &[&str]) -> Answer {
    Answer::of(without_charms(project, env!("CARGO_BIN_EXE_xtask")).args(args))
}

#[track_caller]
fn told(project: &Project, args: &[&str]) -> Told {
    let answer = answer(project, args);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    Told::of(&answer.stdout)
}

/// A charm that cannot be packed is no obstacle.
fn without_good_charms() -> Project {
    let project = workspace();
    std::fs::remove_dir_all(project.path("tests/charms")).unwrap();
    project
}

#[test]
fn sweep_runs_the_suite_with_its_option() {
    let project = without_good_charms();
    let told = told(&project, &["sweep", "--", "--controller", "a b"]);
    assert!(told.args.ends_with(r#"", "--sweep", "--controller", "a b"]"#), "{}", told.args);
    assert!(!told.all.contains("CHARM_PATH"), "{}", told.all);
    assert_eq!(answer(&project, &["sweep", "--", "--code=7"]).code, Some(7));
}

#[test]
fn report_replays_the_newest_run() {
    let project = without_good_charms();
    record(&project, "aaaa", 30);
    let newest = record(&project, "bbbb", 10);
    record(&project, "cccc", 20);
    project.write("target/jubilant/dddd/other.log", "");
    let told = told(&project, &["report", "--", "--color", "never"]);
    let expected = format!("\", \"--replay\", {newest:?}, \"--color\", \"never\"]");
    assert!(told.args.ends_with(&expected), "{} {expected}", told.args);
}

#[test]
fn report_replays_the_file_that_is_given() {
    let project = without_good_charms();
    record(&project, "newer", 0);
    let given = project.write("suite/kept/moments.jsonl", "");
    for name in ["suite/kept/moments.jsonl", given.to_str().unwrap()] {
        let told = told(&project, &["report", name]);
        assert!(told.args.ends_with(&format!("\", \"--replay\", {given:?}]")), "{}", told.args);
    }
    answer(&project, &["report", "nowhere.jsonl"]).fails(1, &["no file nowhere.jsonl"]);
}

#[test]
fn without_a_run_there_is_no_report() {
    let project = without_good_charms();
    let answer = answer(&project, &["report"]);
    answer.fails(1, &["no run has left a moments.jsonl in target/jubilant", "cargo xtask integration"]);
    assert_eq!(answer.stderr.lines().count(), 1, "{}", answer.stderr);
}

#[test]
fn both_are_in_the_help_text() {
    let help = answer(&Project::new(), &["help"]).stdout;
    for line in ["sweep [-- ARGS…]", "report [FILE] [-- ARGS…]"] {
        assert!(help.contains(&format!("cargo xtask {line}\n")), "{help}");
    }
}
