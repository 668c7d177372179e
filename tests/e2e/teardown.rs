//! The end of a run's models: bounded, side by side, tried again, told truthfully, and no part of a test's verdict.

use std::fs;
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::Context;
use jubilant_tests::bench::{Bench, OWNER, WORKER, end_of, executable, signal, signal_group, wait_for};
use jubilant_tests::front::Front;

const SOON: Duration = Duration::from_secs(30);
const SLOW_DESTROY: &str = "case $1 in destroy-model) sleep 3;; esac";
const HELD_DESTROY: &str = "case $1 in destroy-model) hold destroy;; esac";

fn bench() -> anyhow::Result<(Bench, Front)> {
    let mut bench = Bench::new()?;
    let front = Front::of(&mut bench)?;
    Ok((bench, front))
}

/// A run in the middle of a test on its model.
fn running(bench: &Bench) -> anyhow::Result<Child> {
    let child = bench.start_group(&["stays"])?;
    bench.wait_for_trace("model")?;
    Ok(child)
}

#[test]
fn a_destruction_that_hangs_does_not_hold_the_run_up_and_is_told() -> anyhow::Result<()> {
    let (mut bench, front) = bench()?;
    bench.set("JUBILANT_TEARDOWN_LIMIT", "3");
    front.hold("destroy")?;
    front.inject(HELD_DESTROY)?;
    let started = Instant::now();
    let run = end_of(bench.start(&["scope_"])?, SOON)?;
    let took = started.elapsed();
    // Three models of two modules: one after another they would take three times the limit.
    assert!(took < Duration::from_secs(9), "{took:?}: {}", run.text);
    let owner = bench.processes(OWNER);
    let [process] = owner[..] else { panic!("the owner goes on: {owner:?}\n{}", run.text) };
    run.ends_with(0).shows(&[
        "5 passed; 0 failed",
        "models that are still there:",
        &format!("not destroyed yet, the process {process} goes on trying"),
        "--sweep",
    ]);
    assert_eq!(run.text.matches("goes on trying").count(), 3, "{}", run.text);
    assert!(!run.text.contains("kept models"), "{}", run.text);
    assert_eq!(bench.models()?.len(), 3);

    front.release("destroy")?;
    bench.wait_for_no_models(SOON)?;
    bench.wait_for_quiet(SOON)?;
    bench.run(&["--sweep"])?.ends_with(0).shows(&["no run has left anything"]);
    Ok(())
}

#[test]
fn a_destruction_that_works_at_the_third_time_needs_no_words() -> anyhow::Result<()> {
    let (bench, front) = bench()?;
    front.inject("case $1 in destroy-model) first 2 destroy && fail 'model is busy';; esac")?;
    let run = bench.run(&["scope_two"])?;
    run.ends_with(0).shows(&["2 passed"]);
    for word in ["busy", "still there", "kept", "note:"] {
        assert!(!run.text.contains(word), "{}", run.text);
    }
    assert_eq!(front.count("begin destroy-model"), 3);
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_juju_that_is_slower_than_a_try_destroys_when_nobody_waits_any_more() -> anyhow::Result<()> {
    let (bench, front) = bench()?;
    front.inject("case $1 in show-model|destroy-model) sleep 0.5;; esac")?;
    let run = bench.run(&["scope_two", "--teardown-limit", "1"])?;
    run.ends_with(0).shows(&["2 passed", "models that are still there", "goes on trying"]);
    bench.wait_for_quiet(SOON)?;
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn evidence_that_hangs_holds_up_no_model_of_a_dead_worker() -> anyhow::Result<()> {
    let (bench, front) = bench()?;
    let child = running(&bench)?;
    front.hold("evidence")?;
    front.inject("case $1 in status|debug-log) hold evidence;; esac")?;
    signal("KILL", &bench.processes(WORKER))?;
    end_of(child, SOON)?.ends_with(101).shows(&["gave no answer", "the time for evidence was over"]);
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn no_answer_about_a_model_does_not_mean_that_it_is_gone() -> anyhow::Result<()> {
    let (bench, front) = bench()?;
    let child = running(&bench)?;
    front.inject("case $1 in show-model) first 2 show && fail 'the controller is busy';; esac")?;
    signal("INT", &[child.id()])?;
    end_of(child, SOON)?.ends_with(130);
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn models_to_keep_on_failure_go_after_a_success_even_if_that_is_hard() -> anyhow::Result<()> {
    let (bench, front) = bench()?;
    front.inject("case $1 in destroy-model) first 2 destroy && fail 'model is busy';; esac")?;
    bench.run(&["scope_two", "--keep-models=on-failure"])?.ends_with(0);
    bench.wait_for_quiet(SOON)?;
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn one_interrupt_ends_a_run_whose_worker_is_stopped() -> anyhow::Result<()> {
    let (bench, _front) = bench()?;
    let child = running(&bench)?;
    signal("STOP", &bench.processes(WORKER))?;
    signal("INT", &[child.id()])?;
    end_of(child, SOON)?.ends_with(130).shows(&[
        "test stays::stays ... FAILED: the run was interrupted in the middle of the test",
        "test result: INTERRUPTED",
    ]);
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_model_that_goes_late_is_not_called_kept() -> anyhow::Result<()> {
    let (bench, front) = bench()?;
    front.inject("case $1 in destroy-model) sleep 1; first 1 destroy && fail 'model is busy';; esac")?;
    let child = running(&bench)?;
    signal("KILL", &bench.processes(WORKER))?;
    let run = end_of(child, SOON)?;
    run.ends_with(101);
    assert!(!run.text.contains("kept") && !run.text.contains("still there"), "{}", run.text);
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn the_models_go_even_if_their_owner_is_killed() -> anyhow::Result<()> {
    let (bench, _front) = bench()?;
    let child = running(&bench)?;
    signal("KILL", &bench.processes(OWNER))?;
    signal("INT", &[child.id()])?;
    let run = end_of(child, SOON)?;
    run.ends_with(130).shows(&["note: the process that destroys this run's models died"]);
    assert!(!run.text.contains("still there"), "{}", run.text);
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_test_that_asks_a_dead_owner_for_a_model_fails_and_the_others_models_go() -> anyhow::Result<()> {
    let (bench, front) = bench()?;
    front.hold("add")?;
    front.inject("case \"$1 $3\" in add-model*-other) hold add;; esac")?;
    let child = bench.start(&["scope_"])?;
    front.wait_for_count("begin add-model", 2)?;
    signal("KILL", &bench.processes(OWNER))?;
    // The command in flight outlives its owner, and the sweep that follows waits for it.
    front.release("add")?;
    let run = end_of(child, SOON)?;
    run.ends_with(101).shows(&["the process that makes and destroys this run's models died"]);
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn an_interrupt_while_models_are_destroyed_waits_for_them() -> anyhow::Result<()> {
    for name in ["INT", "TERM", "HUP"] {
        let (bench, front) = bench()?;
        front.hold("destroy")?;
        front.inject(HELD_DESTROY)?;
        let child = bench.start_group(&["scope_two"])?;
        front.wait_for("begin destroy-model")?;
        signal_group(name, &child)?;
        front.release("destroy")?;
        end_of(child, SOON)?.ends_with(130).shows(&["2 passed", "test result: INTERRUPTED"]);
        assert_eq!(bench.models()?, Vec::<String>::new(), "after {name}");
    }
    Ok(())
}

#[test]
fn a_second_interrupt_ends_the_run_at_once_and_the_models_go_all_the_same() -> anyhow::Result<()> {
    let (bench, front) = bench()?;
    front.hold("destroy")?;
    front.inject(HELD_DESTROY)?;
    let child = running(&bench)?;
    signal_group("INT", &child)?;
    front.wait_for("begin destroy-model")?;
    signal_group("INT", &child)?;
    let run = end_of(child, Duration::from_secs(5))?;
    run.ends_with(130);
    assert_eq!(bench.models()?.len(), 1);
    front.release("destroy")?;
    bench.wait_for_no_models(SOON)?;
    bench.wait_for_quiet(SOON)
}

#[test]
fn any_signal_that_asks_a_run_to_end_takes_its_models_along() -> anyhow::Result<()> {
    for name in ["INT", "TERM", "HUP"] {
        let (bench, _front) = bench()?;
        let child = running(&bench)?;
        signal_group(name, &child)?;
        end_of(child, SOON)?.ends_with(130).shows(&["test result: INTERRUPTED"]);
        assert_eq!(bench.models()?, Vec::<String>::new(), "after {name}");
    }
    Ok(())
}

#[test]
fn the_next_module_does_not_wait_for_the_models_of_the_one_before() -> anyhow::Result<()> {
    let (bench, front) = bench()?;
    front.inject(SLOW_DESTROY)?;
    let prefix = format!("overlap-{}", std::process::id());
    bench.run(&["lingers::one", "lingers::two", "--model", &prefix])?.ends_with(0);
    let moments = moments(&prefix)?;
    let position = |what: &str, wanted: &dyn Fn(&serde_json::Value) -> bool| {
        moments.iter().position(wanted).with_context(|| format!("no {what} in {moments:#?}"))
    };
    let destroyed = position("end of the first model", &|moment| {
        moment["event"]["model-destroyed"]["model"] == format!("{prefix}-lingers-one")
    })?;
    let used = position("test on the second module's model", &|moment| {
        moment["event"]["test-ended"]["test"] == "lingers::two::has_a_model"
    })?;
    assert!(used < destroyed, "{moments:#?}");
    Ok(())
}

/// The journal of the run whose models have this prefix.
fn moments(prefix: &str) -> anyhow::Result<Vec<serde_json::Value>> {
    // The executable is `<target>/<profile>/deps/<name>`.
    let target = executable("suites")?.ancestors().nth(3).context("the target directory")?;
    let runs = fs::read_dir(target.join("jubilant"))?.map(|entry| Ok(entry?.path().join("moments.jsonl")));
    let journals: Vec<PathBuf> = runs.collect::<anyhow::Result<_>>()?;
    let wanted = format!("\"prefix\":\"{prefix}\"");
    let journal = wait_for(SOON, || {
        journals.iter().filter_map(|path| fs::read_to_string(path).ok()).find(|text| text.contains(&wanted))
    });
    let journal = journal.with_context(|| format!("no journal has {wanted}"))?;
    Ok(journal.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}
