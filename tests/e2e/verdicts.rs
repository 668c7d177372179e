//! A verdict is never lost, whatever is printed beside it, and however the output ends.

use std::process::Command;
use std::time::{Duration, Instant};

use jubilant_tests::bench::{Bench, Run, run_of};
use jubilant_tests::message;

/// How long a run of tests that take no time may last, on a machine that is busy with the noise.
const PROMPTLY: Duration = Duration::from_secs(20);

/// The program that a suite's test has left behind; ended with this value.
struct Helper(String);

impl Helper {
    fn of(bench: &Bench) -> anyhow::Result<Helper> {
        Ok(Helper(bench.wait_for_trace("helper")?))
    }

    fn lives(&self) -> bool {
        // A dead one that nobody has waited for has no executable.
        std::fs::read_link(format!("/proc/{}/exe", self.0)).is_ok_and(|exe| exe.ends_with("noise"))
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        if self.lives() {
            let _ = Command::new("kill").args(["-KILL", &self.0]).status();
        }
    }
}

/// One run of the tests beside a helper, with another module after it; ends promptly, the helper lives.
fn run_beside(noise: &str, variables: &[(&str, &str)]) -> anyhow::Result<Run> {
    let bench = Bench::new()?;
    let mut command = bench.suites(&["noise::", "order::", "--teardown-limit", "5"])?;
    let began = Instant::now();
    let child = command.env("SUITE_NOISE", noise).envs(variables.iter().copied()).spawn()?;
    let helper = Helper::of(&bench)?;
    let run = run_of(&child.wait_with_output()?);
    let took = began.elapsed();
    assert!(took < PROMPTLY, "{noise} {variables:?}: it took {took:?}:\n{}", excerpt(&run));
    assert!(helper.lives(), "the helper was to outlive the run");
    Ok(run)
}

fn excerpt(run: &Run) -> String {
    run.text.lines().filter(|line| !line.starts_with("noise noise")).take(100).collect::<Vec<_>>().join("\n")
}

/// How often, and the seed of it: `JUBILANT_TRIES` makes it the long form.
fn tries() -> u32 {
    std::env::var("JUBILANT_TRIES").ok().and_then(|tries| tries.parse().ok()).unwrap_or(10)
}

#[test]
fn a_failure_beside_a_printing_helper_is_told_whatever_its_size() -> anyhow::Result<()> {
    const NOISES: [&str; 4] = ["stdout", "stderr", "stdout stderr", "stdout stderr nonblocking"];
    let tries = tries();
    let mut lost = Vec::new();
    for attempt in 0..tries {
        // From 1 B to 1 MB, evenly in the number of their digits.
        let size = 10_f64.powf(6.0 * f64::from(attempt) / f64::from((tries - 1).max(1))).round() as usize;
        let noise = NOISES[attempt as usize % NOISES.len()];
        let run = run_beside(noise, &[("SUITE_MESSAGE", &size.to_string())])?;
        let message = message(size);
        // With the time it took in between, where a machine is busy.
        let end = format!(": {}", message.lines().next().unwrap_or_default());
        let is_told = |line: &str| line.starts_with("test noise::fails ... FAILED") && line.ends_with(&end);
        let whole = run.text.lines().any(is_told)
            && run.text.contains(&format!("\n{}\n", message.trim_end()))
            && run.text.contains("8 passed; 1 failed; 0 ignored");
        if !whole || run.code != Some(101) {
            lost.push(format!("try {attempt}, {size} bytes, noise on {noise}, exit {:?}", run.code));
            eprintln!("{}:\n{}", lost[lost.len() - 1], excerpt(&run));
        }
    }
    assert!(lost.is_empty(), "{} of {tries} verdicts were lost: {lost:#?}", lost.len());
    Ok(())
}

#[test]
fn a_worker_that_dies_beside_a_helper_is_told() -> anyhow::Result<()> {
    for (noise, death, words) in [
        ("stdout stderr", "abort", "SIGABRT"),
        ("stdout nonblocking", "exit", "exit code 0 in the middle of the test"),
        ("holding", "abort", "SIGABRT"),
    ] {
        let run = run_beside(noise, &[("SUITE_DEATH", death)])?;
        run.ends_with(101).shows(&["test noise::fails ... FAILED: the process", words, "8 passed; 1 failed"]);
    }
    Ok(())
}

#[test]
fn a_helper_that_only_holds_the_output_changes_nothing() -> anyhow::Result<()> {
    let run = run_beside("holding", &[("SUITE_MESSAGE", "10")])?;
    run.ends_with(101).shows(&["test noise::fails ... FAILED", ": line 0 of", "8 passed; 1 failed"]);
    Ok(())
}

#[test]
fn a_test_without_its_output_fails_all_the_same() -> anyhow::Result<()> {
    for output in ["file", "closed"] {
        let run = run_beside("holding", &[("SUITE_OUTPUT", output), ("SUITE_MESSAGE", "60")])?;
        run.ends_with(101).shows(&["test noise::fails ... FAILED", ": line 0 of", "8 passed; 1 failed"]);
    }
    Ok(())
}

#[test]
fn what_looks_like_a_mark_is_what_the_test_printed() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let run = bench.run(&["noise::prints_what", "--show-output"])?;
    run.ends_with(0)
        .shows(&["1 passed; 0 failed", "\x1e0\x1e\n\x1e0123456789abcdef:1\x1e\n\x1e\x1e:0\x1e\x1e0123"]);
    Ok(())
}
