//! Nothing that ends the test process leaves a model behind.

use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use jubilant_tests::bench::{Bench, WORKER, end_of, executable, run_of, wait_for};

/// How long the owner of the models may take: what the issue that asked for it promised.
const PROMISED: Duration = Duration::from_secs(10);

fn signal(name: &str, process: &str) -> anyhow::Result<()> {
    assert!(Command::new("kill").args([&format!("-{name}"), process]).status()?.success());
    Ok(())
}

/// A suite in the middle of a test on its model; the process id of whoever runs the test.
fn in_the_middle(bench: &Bench, arguments: &[&str]) -> anyhow::Result<(Child, String)> {
    let child = bench.start(arguments)?;
    let worker = bench.wait_for_trace("worker")?;
    bench.wait_for_trace("model")?;
    assert_eq!(bench.models()?.len(), 1);
    Ok((child, worker))
}

#[test]
fn sigkill_of_the_test_process_leaves_no_model() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let (mut child, worker) = in_the_middle(&bench, &["stays"])?;
    signal("KILL", &child.id().to_string())?;
    child.wait()?;
    bench.wait_for_no_models(PROMISED)?;
    let gone = wait_for(PROMISED, || (!Path::new("/proc").join(&worker).exists()).then_some(()));
    assert!(gone.is_some(), "the worker {worker} outlives its run");
    Ok(())
}

#[test]
fn sigkill_of_the_single_process_leaves_no_model() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let (mut child, worker) = in_the_middle(&bench, &["stays", "--nocapture"])?;
    assert_eq!(worker, child.id().to_string(), "--nocapture runs the tests in the process itself");
    signal("KILL", &worker)?;
    child.wait()?;
    bench.wait_for_no_models(PROMISED)
}

#[test]
fn sigkill_of_the_worker_fails_its_test_and_leaves_no_model() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let (child, worker) = in_the_middle(&bench, &["stays"])?;
    signal("KILL", &worker)?;
    let run = run_of(&child.wait_with_output()?);
    run.ends_with(101).shows(&["test stays::stays ... FAILED", "SIGKILL", "juju status of model"]);
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn an_interrupt_says_so_and_leaves_no_model() -> anyhow::Result<()> {
    for name in ["INT", "TERM"] {
        let bench = Bench::new()?;
        let (child, _) = in_the_middle(&bench, &["stays"])?;
        signal(name, &child.id().to_string())?;
        run_of(&child.wait_with_output()?).ends_with(130).shows(&[
            "test stays::stays ... FAILED: the run was interrupted in the middle of the test",
            "test result: INTERRUPTED",
        ]);
        assert_eq!(bench.models()?, Vec::<String>::new());
    }
    Ok(())
}

#[test]
fn sigkill_of_the_embedded_controller_loses_no_model() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let arguments = ["deploys::works", "--model", "kept", "--keep-models"];
    bench.run(&arguments)?.ends_with(0);
    assert_eq!(bench.models()?, ["kept-deploys"]);
    let before = bench.controller()?;
    signal("KILL", &before.to_string())?;
    assert_eq!(bench.models()?, ["kept-deploys"]);
    assert_ne!(bench.controller()?, before, "another process has taken over");
    bench.run(&[&arguments[..], &["--no-deploy"]].concat())?.ends_with(0).shows(&["1 passed"]);
    Ok(())
}

#[test]
fn a_worker_that_ends_just_when_it_asks_for_a_model_leaves_none() -> anyhow::Result<()> {
    let mut bench = Bench::new()?;
    for try_number in 0..100 {
        bench.set("SUITE_DEATH_AFTER", &(try_number % 80).to_string());
        let run = bench.run(&["asks_last"])?;
        run.ends_with(101).shows(&["SIGABRT"]);
        assert!(!run.text.contains("still there"), "at try {try_number}: {}", run.text);
        assert_eq!(bench.models()?, Vec::<String>::new());
    }
    Ok(())
}

#[test]
fn a_run_under_nohup_outlives_its_terminal() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let child = bench.command("nohup").arg(executable("suites")?).arg("lingers").spawn()?;
    let begun = wait_for(PROMISED, || (!bench.processes(WORKER).is_empty()).then_some(()));
    assert!(begun.is_some(), "no test has begun");
    // To both, as from a terminal that is closed.
    for process in bench.processes(WORKER).into_iter().chain([child.id()]) {
        signal("HUP", &process.to_string())?;
    }
    end_of(child, PROMISED)?.ends_with(0).shows(&["6 passed"]);
    Ok(())
}
