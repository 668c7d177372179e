//! The names of models.

use std::collections::BTreeSet;

use jubilant_tests::bench::Bench;

#[test]
fn models_whose_plain_names_would_be_the_same_or_bad_are_distinct_and_good() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let arguments = ["names::", "--model", "p", "--keep-models"];
    bench.run(&arguments)?.ends_with(0).shows(&["6 passed; 0 failed"]);
    let used = bench.trace();
    let distinct: BTreeSet<&str> =
        used.iter().filter_map(|line| line.split(['\u{20}', ':']).next_back()).collect();
    assert_eq!(distinct.len(), 7, "{used:?}");
    let there = bench.models()?;
    assert_eq!(there.iter().map(String::as_str).collect::<BTreeSet<_>>(), distinct);

    // They are the same in the next run.
    bench.clear_trace()?;
    bench.run(&[&arguments[..], &["--no-deploy"]].concat())?.ends_with(0);
    assert_eq!(bench.trace(), used);
    Ok(())
}
