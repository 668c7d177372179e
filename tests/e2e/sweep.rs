//! What is left when every process of a run was killed at once is found and removed, and nothing else is.

use std::process::Child;
use std::time::Duration;

use jubilant_tests::bench::{Bench, OWNER, end_of, signal};
use jubilant_tests::front::{Front, uuid};

const SOON: Duration = Duration::from_secs(30);

/// Starts a run and kills all of its processes at once while its test is running on a model; answers with the model.
fn killed_run(bench: &Bench, arguments: &[&str]) -> anyhow::Result<String> {
    let (child, model) = running(bench, arguments)?;
    kill_all(bench, child)?;
    assert!(bench.models()?.contains(&model), "nobody was left to destroy {model}");
    Ok(model)
}

/// A run in the middle of a test on its model, and that model.
fn running(bench: &Bench, arguments: &[&str]) -> anyhow::Result<(Child, String)> {
    bench.clear_trace()?;
    let child = bench.start(arguments)?;
    let model = bench.wait_for_trace("model")?;
    Ok((child, model))
}

fn kill_all(bench: &Bench, child: Child) -> anyhow::Result<()> {
    let family = bench.family(&child);
    assert_eq!(family.len(), 3, "the suite, its worker, the owner of its models: {family:?}");
    signal("KILL", &family)?;
    end_of(child, SOON)?;
    Ok(())
}

#[test]
fn the_next_run_removes_what_a_killed_one_left() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let model = killed_run(&bench, &["stays"])?;
    let run = bench.run(&["scope_two"])?;
    run.ends_with(0)
        .shows(&[&format!("destroyed the model {model}, which the run"), "had left when it was killed"]);
    assert_eq!(bench.models()?, Vec::<String>::new());
    bench.run(&["--sweep"])?.ends_with(0).shows(&["no run has left anything"]);
    Ok(())
}

#[test]
fn a_sweep_removes_what_a_killed_run_left() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    // A name of the user's choice, too: that run's own add-model had made it. Both live until both are killed, since
    // a run sweeps as well.
    let (first, one) = running(&bench, &["stays"])?;
    let (second, two) = running(&bench, &["stays", "--model", "kx"])?;
    kill_all(&bench, first)?;
    kill_all(&bench, second)?;
    let models = [one, two];
    let run = bench.run(&["--sweep"])?;
    run.ends_with(0)
        .shows(&models.each_ref().map(|model| format!("removed   {model}")).each_ref().map(String::as_str));
    assert!(!run.text.contains("INFO"), "what it runs is not what it says: {}", run.text);
    assert_eq!(bench.models()?, Vec::<String>::new());
    bench.run(&["--sweep"])?.ends_with(0).shows(&["no run has left anything"]);
    Ok(())
}

#[test]
fn a_killed_run_that_was_to_keep_its_models_keeps_them() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    for keep in ["--keep-models", "--keep-models=on-failure"] {
        let model = killed_run(&bench, &["stays", "--model", "kx", keep])?;
        bench.run(&["scope_two"])?.ends_with(0);
        bench.run(&["--sweep"])?.ends_with(0).shows(&[&format!("kept      {model}")]);
        assert_eq!(bench.models()?, [model.as_str()]);
        bench.juju(&["destroy-model", "--no-prompt", "--force", &model])?;
    }
    bench.run(&["--sweep"])?.ends_with(0);
    bench.run(&["--sweep"])?.ends_with(0).shows(&["no run has left anything"]);
    Ok(())
}

#[test]
fn the_models_of_a_live_run_and_kept_ones_are_left_alone() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["scope_two", "--model", "kept", "--keep-models"])?.ends_with(0);
    let (live, alive) = running(&bench, &["stays"])?;
    let dead = killed_run(&bench, &["stays"])?;
    let sorted = |mut models: Vec<String>| {
        models.sort();
        models
    };
    let others = sorted(vec!["kept-scope-two".to_owned(), alive.clone()]);

    let run = bench.run(&["--sweep"])?;
    run.ends_with(0).shows(&[&format!("removed   {dead}"), "kept      kept-scope-two", "live      the run"]);
    assert_eq!(sorted(bench.models()?), others);

    // The next run sweeps, too.
    killed_run(&bench, &["stays"])?;
    bench.run(&["scope_two"])?.ends_with(0).shows(&["had left when it was killed"]);
    assert_eq!(sorted(bench.models()?), others);

    signal("INT", &[live.id()])?;
    end_of(live, SOON)?.ends_with(130);
    assert_eq!(bench.models()?, ["kept-scope-two"]);
    Ok(())
}

#[test]
fn a_model_that_somebody_made_anew_is_left_alone() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let model = killed_run(&bench, &["stays"])?;
    bench.juju(&["destroy-model", "--no-prompt", "--force", "--no-wait", &model])?;
    bench.juju(&["add-model", &model])?;
    let theirs = uuid(&bench, &model)?;
    bench.run(&["--sweep"])?.ends_with(0).shows(&[&format!("gone      {model}")]);
    assert_eq!(uuid(&bench, &model)?, theirs);
    bench.run(&["scope_two"])?.ends_with(0);
    assert_eq!(uuid(&bench, &model)?, theirs);
    Ok(())
}

#[test]
fn a_model_of_a_chosen_name_is_left_alone_if_its_uuid_is_not_known() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["scope_two"])?.ends_with(0);
    bench.juju(&["add-model", "kx-stays"])?;
    // As of a run whose `show-model` failed after its `add-model`, and that was killed.
    let added = serde_json::json!({"added": {"model": "kx-stays", "uuid": null}});
    write_ledger(&bench, &bench.directory().join("embedded/bin/juju"), true, &added)?;
    bench.run(&["scope_two"])?.ends_with(0);
    bench.run(&["--sweep"])?.ends_with(0).shows(&["doubtful  kx-stays"]);
    assert_eq!(bench.models()?, ["kx-stays"]);
    Ok(())
}

#[test]
fn a_kept_model_that_cannot_be_asked_for_holds_up_no_run_and_is_no_news() -> anyhow::Result<()> {
    let mut bench = Bench::new()?;
    let front = Front::of(&mut bench)?;
    bench.run(&["scope_two"])?.ends_with(0);
    front.hold("kept")?;
    front.inject("case $2 in kx-kept) hold kept;; esac")?;
    let kept = serde_json::json!({"kept": {"model": "kx-kept"}});
    write_ledger(&bench, &bench.directory().join("front/juju"), false, &kept)?;
    let run = end_of(bench.start(&["scope_two"])?, SOON)?;
    run.ends_with(0);
    assert!(!run.text.contains("kx-kept"), "{}", run.text);
    Ok(())
}

#[test]
fn a_name_is_free_again_when_what_a_killed_run_of_it_left_is_gone() -> anyhow::Result<()> {
    let mut bench = Bench::new()?;
    let front = Front::of(&mut bench)?;
    let model = killed_run(&bench, &["stays", "--model", "kx"])?;
    front.inject("case $1 in destroy-model) sleep 1;; esac")?;
    let (child, again) = running(&bench, &["stays", "--model", "kx"])?;
    assert_eq!(again, model);
    signal("INT", &[child.id()])?;
    end_of(child, SOON)?.ends_with(130);
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

/// The file of a run that was killed, with this as the last word on its model.
fn write_ledger(
    bench: &Bench,
    program: &std::path::Path,
    embedded: bool,
    model: &serde_json::Value,
) -> anyhow::Result<()> {
    let run = serde_json::json!({"run": {
        "run": "0badcafe", "owner": 1, "began": 1, "suite": "", "program": program,
        "embedded": embedded, "named": true, "keep": false, "environment": {},
    }});
    let file = bench.directory().join("jubilant/runs/0badcafe.jsonl");
    Ok(std::fs::write(file, format!("{run}\n{model}\n"))?)
}

#[test]
fn two_sweeps_at_once_do_not_get_in_each_others_way() -> anyhow::Result<()> {
    let mut bench = Bench::new()?;
    let front = Front::of(&mut bench)?;
    let model = killed_run(&bench, &["stays"])?;
    front.hold("destroy")?;
    front.inject("case $1 in destroy-model) hold destroy;; esac")?;
    let first = bench.start(&["--sweep"])?;
    front.wait_for("begin destroy-model")?;
    let second = bench.start(&["--sweep"])?;
    front.release("destroy")?;
    end_of(first, SOON)?.ends_with(0).shows(&[&format!("removed   embedded:{model}")]);
    end_of(second, SOON)?.ends_with(0).shows(&["no run has left anything"]);
    assert_eq!(bench.models()?, Vec::<String>::new());
    assert_eq!(front.count("begin destroy-model"), 1, "{:#?}", front.log());
    Ok(())
}

#[test]
fn a_sweep_waits_for_an_add_model_that_outlived_its_run() -> anyhow::Result<()> {
    let mut bench = Bench::new()?;
    let front = Front::of(&mut bench)?;
    front.hold("add")?;
    front.inject("case $1 in add-model) hold add;; esac")?;
    let child = bench.start(&["stays"])?;
    front.wait_for("begin add-model")?;
    kill_all(&bench, child)?;
    let sweep = bench.start(&["--sweep"])?;
    // The next run neither waits nor touches it.
    front.inject("")?;
    bench.run(&["scope_two"])?.ends_with(0);
    assert_eq!(front.count("end"), 1, "{:#?}", front.log());
    front.release("add")?;
    end_of(sweep, SOON)?.ends_with(0).shows(&["removed   embedded:jubilant-"]);
    assert_eq!(front.count("added"), 2);
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_sweep_waits_for_an_add_model_that_outlived_its_owner() -> anyhow::Result<()> {
    let mut bench = Bench::new()?;
    let front = Front::of(&mut bench)?;
    front.hold("add")?;
    front.inject("case $1 in add-model) hold add;; esac")?;
    let child = bench.start(&["stays"])?;
    front.wait_for("begin add-model")?;
    // The suite cannot ask how its owner ended: the dead process stays in the system's table.
    signal("STOP", &[child.id()])?;
    signal("KILL", &bench.processes(OWNER))?;
    let sweep = bench.start(&["--sweep"])?;
    front.release("add")?;
    end_of(sweep, SOON)?.ends_with(0).shows(&["removed   embedded:jubilant-"]);
    assert_eq!(bench.models()?, Vec::<String>::new());
    signal("CONT", &[child.id()])?;
    end_of(child, SOON)?.ends_with(101);
    Ok(())
}
