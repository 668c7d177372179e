//! Every option of the harness.

use jubilant_tests::bench::{Bench, run_of};

#[test]
fn kept_models_can_be_run_on_again_without_setup() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let arguments = ["deploys::works", "--model", "demo", "--keep-models"];
    bench.run(&arguments)?.ends_with(0).shows(&[
        "2 passed",
        "kept models: demo-deploys",
        "--model demo --keep-models --no-deploy",
    ]);
    assert_eq!(bench.models()?, ["demo-deploys"]);

    bench.clear_trace()?;
    let again = [&arguments[..], &["--no-deploy"]].concat();
    bench.run(&again)?.ends_with(0).shows(&["1 passed", "kept models: demo-deploys"]);
    assert_eq!(bench.trace(), ["works on demo-deploys"]);
    // Not made by this run, so not destroyed by it, even if nothing asks to keep it.
    bench.run(&["deploys::works", "--model", "demo", "--no-deploy"])?.ends_with(0);
    assert_eq!(bench.models()?, ["demo-deploys"]);
    Ok(())
}

#[test]
fn each_model_option_is_also_a_variable() -> anyhow::Result<()> {
    let mut bench = Bench::new()?;
    bench.set("JUBILANT_MODEL", "var");
    bench.set("JUBILANT_KEEP_MODELS", "1");
    bench.set("JUBILANT_K", "works or still");
    bench.run(&["deploys::"])?.ends_with(0).shows(&["3 passed", "kept models: var-deploys"]);
    bench.set("JUBILANT_NO_DEPLOY", "1");
    bench.run(&["deploys::"])?.ends_with(0).shows(&["2 passed"]);
    bench.set("JUBILANT_CONTROLLER", "elsewhere");
    bench.run(&["deploys::"])?.ends_with(101).shows(&["elsewhere:var-deploys"]);
    Ok(())
}

#[test]
fn models_are_kept_on_failure_only_if_asked() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["deploys::", "--model", "bad", "--keep-models=on-failure"])?.ends_with(101);
    assert_eq!(bench.models()?, ["bad-deploys"]);
    bench.run(&["scope_two", "--model", "good", "--keep-models=on-failure"])?.ends_with(0);
    assert_eq!(bench.models()?, ["bad-deploys"]);
    Ok(())
}

#[test]
fn somebody_elses_model_is_left_alone() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["scope_two", "--model", "mine", "--keep-models"])?.ends_with(0);
    let run = bench.run(&["scope_two", "--model", "mine"])?;
    run.ends_with(101).shows(&["exists already", "--no-deploy"]);
    assert!(!run.text.contains("kept models"), "it is not this run's to keep: {}", run.text);
    assert_eq!(bench.models()?, ["mine-scope-two"]);
    Ok(())
}

#[test]
fn controller_and_cloud_reach_juju() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench
        .run(&["scope_two", "--controller", "embedded", "--cloud", "localhost", "--model", "c"])?
        .ends_with(0)
        .shows(&["2 passed"]);
    assert!(bench.trace().contains(&"model embedded:c-scope-two".to_owned()), "{:?}", bench.trace());
    bench.run(&["scope_two", "--controller", "nowhere"])?.ends_with(101).shows(&["nowhere"]);
    let run = bench.run(&["scope_two", "--cloud", "no-such-cloud"])?;
    run.ends_with(101).shows(&["no-such-cloud"]);
    assert!(!run.text.contains("kept models"), "none was made: {}", run.text);
    Ok(())
}

#[test]
fn an_expression_selects() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["-k", "order and not (middle or APPLE)"])?.ends_with(0).shows(&["1 passed"]);
    assert_eq!(bench.trace(), ["zebra"]);
    Ok(())
}

#[test]
fn filters_select() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["order", "--skip", "middle"])?.ends_with(0).shows(&["3 passed"]);
    bench.run(&["order::middle", "--exact"])?.ends_with(0).shows(&["2 passed"]);
    bench.run(&["order", "--exact"])?.ends_with(0).shows(&["5 passed"]);
    bench.run(&["is_ignored", "--include-ignored"])?.ends_with(0).shows(&["1 passed"]);
    bench.run(&["attributes", "--ignored"])?.ends_with(0).shows(&["1 passed"]);
    let ignored = bench.trace().iter().filter(|line| *line == "ignored one ran").count();
    assert_eq!(ignored, 2);
    Ok(())
}

#[test]
fn the_list_names_every_test() -> anyhow::Result<()> {
    let mut bench = Bench::new()?;
    bench.run(&["order", "--list"])?.ends_with(0).shows(&[
        "order::zebra: test\norder::middle::case_1_second: test\norder::middle::case_2_first: test\n",
        "5 tests, 0 benchmarks",
    ]);
    bench.set("NEXTEST", "1");
    let run = bench.run(&["scope_", "order", "--list", "--format", "terse"])?;
    assert_eq!(run.text, "order: test\nscope_one: test\nscope_two: test\n");
    bench.run(&["order", "--exact", "--nocapture"])?.ends_with(0).shows(&["5 passed"]);
    let run = bench.run(&["shapes", "-k", "not cycle", "--list", "--format", "terse"])?;
    assert_eq!(run.text, "shapes: test\nshapes::inner: test\n");
    bench.run(&["shapes", "--exact", "--nocapture"])?.ends_with(0).shows(&["10 passed"]);
    Ok(())
}

#[test]
fn nocapture_runs_in_the_process_itself() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["attributes::prints", "--nocapture"])?.ends_with(101).shows(&[
        "a line of a passing test",
        "a line of a failing test",
        "a line of its child process",
    ]);
    bench.run(&["scope_", "order", "--test-threads=1"])?.ends_with(0).shows(&["10 passed"]);
    Ok(())
}

#[test]
fn formats_and_colours() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["order", "--format", "terse"])?.ends_with(0).shows(&["....."]);
    bench.run(&["order", "-q"])?.ends_with(0).shows(&["....."]);
    bench.run(&["order", "--color", "always"])?.ends_with(0).shows(&["\x1b[32mok\x1b[0m"]);
    let plain = bench.run(&["scope_two"])?;
    assert!(!plain.text.contains('\x1b'), "{}", plain.text);
    assert!(!plain.text.contains("INFO"), "a good run's commands are not shown: {}", plain.text);
    bench.run(&["--help"])?.ends_with(0).shows(&["--keep-models", "JUBILANT_MODEL"]);
    Ok(())
}

#[test]
fn a_reader_that_goes_away_ends_the_output_not_the_run() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    for arguments in [&["scope_two"][..], &["scope_two", "--nocapture"], &["--list"], &["--help"]] {
        let mut child = bench.start(arguments)?;
        drop(child.stdout.take());
        let run = run_of(&child.wait_with_output()?);
        run.ends_with(0);
        assert!(!run.text.contains("panicked"), "{}", run.text);
    }
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}
