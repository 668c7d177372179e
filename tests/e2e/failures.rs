//! What a failing test leaves on the terminal, and what it must not leave on the controller.

use std::fs;
use std::path::PathBuf;

use jubilant_tests::bench::Bench;

const FAILING_INSTALL: [(&str, &str); 1] = [("install", "echo the package is not there >&2; exit 1")];

#[test]
fn a_failing_hook_is_shown_with_its_stderr_the_status_and_the_log() -> anyhow::Result<()> {
    let bench = Bench::with_hooks(&FAILING_INSTALL)?;
    bench.run(&["setup_fails"])?.ends_with(101).shows(&[
        "test setup_fails::deploys ... FAILED",
        "the package is not there",
        "hook failed: \"install\"",
        "debug-log lines:",
        "exit status 1",
        "test setup_fails::never_runs ... skipped: the setup test `setup_fails::deploys` failed",
        "0 passed; 1 failed; 0 ignored; 0 measured",
        "1 skipped",
    ]);
    assert!(!bench.trace().contains(&"never".to_owned()));
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_long_wait_is_told_while_it_lasts_and_explained_at_its_end() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["waits"])?.ends_with(101).shows(&[
        "     waits::waits_in_vain waits for tiny blocked (",
        " s of 6 s): tiny is active: \"all is well\"",
        "waited 6 s in vain for tiny blocked",
        "tests/suites/waits.rs:8:",
    ]);
    Ok(())
}

#[test]
fn evidence_is_saved_before_the_model_goes() -> anyhow::Result<()> {
    let bench = Bench::with_hooks(&FAILING_INSTALL)?;
    let run = bench.run(&["setup_fails"])?;
    let line = run.text.lines().find_map(|line| line.strip_prefix("saved in ")).map(PathBuf::from);
    let directory = line.expect("the report says where the evidence is");
    let log = fs::read_to_string(directory.join("debug-log.txt"))?;
    assert!(log.contains("the package is not there"), "{log}");
    let status: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(directory.join("status.json"))?)?;
    let unit = &status["applications"]["tiny"]["units"]["tiny/0"];
    assert_eq!(unit["workload-status"]["message"], "hook failed: \"install\"");
    let history = fs::read_to_string(directory.join("tiny-0-history.txt"))?;
    assert!(history.contains("hook failed"), "{history}");
    fs::remove_dir_all(directory)?;
    Ok(())
}

#[test]
fn the_tests_after_a_failing_one_still_run_and_the_model_goes() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let run = bench.run(&["deploys::"])?;
    run.ends_with(101).shows(&["3 passed; 1 failed", "this test always fails", "juju status of model"]);
    assert!(bench.trace().contains(&"still runs".to_owned()));
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn output_is_captured_and_shown_for_the_test_that_failed() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let run = bench.run(&["attributes"])?;
    run.ends_with(101).shows(&[
        "2 passed; 4 failed; 1 ignored",
        "is_ignored ... ignored: needs a real cloud",
        "a line of a failing test",
        "a line of its child process",
        "the reason it failed",
        "the consequence",
        "the cause",
        "did not panic",
        "takes_too_long",
    ]);
    assert!(!run.text.contains("a line of a passing test"), "{}", run.text);
    bench.run(&["prints_and_passes", "--show-output"])?.ends_with(0).shows(&["a line of a passing test"]);
    Ok(())
}

#[test]
fn a_test_that_ends_the_process_is_a_failure() -> anyhow::Result<()> {
    for (death, words) in [("abort", "SIGABRT"), ("exit", "exit code 0 in the middle of the test")] {
        let mut bench = Bench::new()?;
        bench.set("SUITE_DEATH", death);
        bench.run(&["dies"])?.ends_with(101).shows(&[
            "1 passed; 1 failed",
            "test dies::ends_the_process ... FAILED",
            words,
            "dies::comes_too_late ... skipped: the process died in `dies::ends_the_process`",
        ]);
        assert_eq!(bench.models()?, Vec::<String>::new());
    }
    Ok(())
}

#[test]
fn a_process_that_ends_after_its_last_test_is_not_said_to_have_been_in_one() -> anyhow::Result<()> {
    let run = Bench::new()?.run(&["ends_late"])?;
    run.ends_with(101).shows(&[
        "test ends_late::passes ... ok",
        "test ends_late::worker ... FAILED: the process ended with exit code 0 outside its tests",
    ]);
    Ok(())
}
