//! The order of tests, and the life of models and fixtures.

use jubilant_tests::bench::Bench;

#[test]
fn tests_run_in_the_order_written() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["order"])?.ends_with(0).shows(&["5 passed; 0 failed"]);
    assert_eq!(bench.trace(), ["zebra", "middle 2", "middle 1", "apple x", "apple y"]);
    Ok(())
}

#[test]
fn every_test_runs_once_whatever_made_it() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["shapes", "-k", "not (standard or cycle)", "--show-output"])?.ends_with(0).shows(&[
        "test shapes::values::number_1_1::letter_2___y__ ... ok",
        "10 passed; 0 failed",
        " no text, no newline\n",
    ]);
    assert_eq!(bench.trace(), ["last_by_name", "first_by_name", "1x", "1y", "2x", "2y", "nested"]);
    Ok(())
}

#[test]
fn a_test_and_its_children_have_an_empty_standard_input() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["shapes::reads_standard_input"])?.ends_with(0).shows(&["1 passed"]);
    assert_eq!(bench.trace(), ["read \"\", cat exit status: 0"]);
    Ok(())
}

#[test]
fn a_fixture_that_needs_itself_is_said() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["shapes::cycle"])?.ends_with(101).shows(&["`egg` needs itself"]);
    Ok(())
}

#[test]
fn a_module_has_one_model_and_destroys_it_at_its_end() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["scope_"])?.ends_with(0).shows(&["5 passed", "backend: embedded Juju"]);
    let trace = bench.trace();
    let model = |line: &str| line.split(' ').next_back().unwrap_or_default().to_owned();
    assert_eq!(model(&trace[0]), model(&trace[1]), "one model inside a module: {trace:?}");
    assert_eq!(model(&trace[2]), model(&trace[0]) + "-other");
    assert_eq!(trace[3], "no model yet");
    assert_ne!(model(&trace[4]), model(&trace[0]), "another model for another module: {trace:?}");
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn modules_run_side_by_side_on_request() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["scope_", "order", "-j", "3"])?.ends_with(0).shows(&["10 passed"]);
    let mut trace = bench.trace();
    trace.retain(|line| ["zebra", "apple x", "apple y"].contains(&line.as_str()));
    assert_eq!(trace, ["zebra", "apple x", "apple y"], "still in order inside a module");
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn fixtures_are_built_once_and_dropped_before_the_model() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    bench.run(&["fixtures"])?.ends_with(101).shows(&[
        "3 passed; 2 failed",
        "the module fixture `broken` failed: the database did not come up",
        "the module fixture `broken` failed earlier in this module: the database did not come up",
    ]);
    assert_eq!(
        bench.trace(),
        [
            "first",
            "build server",
            "build client",
            "second",
            "third",
            "build broken",
            "drop client",
            "drop server, model alive: true"
        ]
    );
    assert_eq!(bench.models()?, Vec::<String>::new());
    Ok(())
}
