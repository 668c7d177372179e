//! Nothing selected, nothing run, names that nothing matches: no success.

use std::os::unix::process::CommandExt;

use jubilant_tests::bench::{Bench, Run, cargo, executable, run_of, workspace};

use crate::bad_input::is_one_sentence;

#[test]
fn a_filter_that_matches_nothing_exits_with_4_and_names_what_is_near() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    for (arguments, parts) in [
        (&["zebrra"][..], ["no test has a name that contains `zebrra`", "`order::zebra`"]),
        (&["order::zebr", "--exact"], ["no test is named `order::zebr`", "`order::zebra`"]),
        (&["zebra", "--exact"], ["no test is named `zebra`", "the nearest names are `order::zebra`"]),
        (&["order", "scope_too"], ["`scope_too`", "`scope_two`"]),
        (&["scope_too", "order"], ["`scope_too`", "`scope_two`"]),
        (&["=", "--skip", "order"], ["no test has a name that contains `=`", "`--list` lists all"]),
    ] {
        is_one_sentence(&bench.run(arguments)?, 4, &parts);
    }
    nothing_was_started(&bench);
    Ok(())
}

#[test]
fn a_selection_that_leaves_nothing_exits_with_5() -> anyhow::Result<()> {
    let mut bench = Bench::new()?;
    for (arguments, part) in [
        (&["-k", "zebrra"][..], "is selected: -k \"zebrra\""),
        (&["order", "-k", "scope_two"], "is selected: filter order, -k \"scope_two\""),
        (&["order", "--skip", "order"], "--skip order"),
        (&["order", "--ignored"], "filter order, --ignored"),
    ] {
        is_one_sentence(&bench.run(arguments)?, 5, &["none of the ", part, "`--list` lists all"]);
    }
    bench.set("JUBILANT_K", "zebrra");
    is_one_sentence(&bench.run(&[])?, 5, &["-k \"zebrra\""]);
    nothing_was_started(&bench);
    Ok(())
}

#[test]
fn a_suite_without_tests_exits_with_5() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let run = |arguments: &[&str]| -> anyhow::Result<Run> {
        Ok(run_of(&bench.command(executable("empty")?).args(arguments).output()?))
    };
    for arguments in [&[][..], &["anything"], &["-k", "anything"]] {
        is_one_sentence(&run(arguments)?, 5, &["this suite has no tests", "`mod`"]);
    }
    run(&["--list"])?.ends_with(0).shows(&["0 tests"]);
    nothing_was_started(&bench);
    Ok(())
}

#[test]
fn a_run_in_which_nothing_ran_exits_with_5() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let run = bench.run(&["is_ignored"])?;
    run.ends_with(5).shows(&[
        "attributes::is_ignored ... ignored: needs a real cloud",
        "error: no test ran: 1 ignored (`--include-ignored` runs those), 0 skipped",
    ]);
    bench.run(&["is_ignored", "order::zebra"])?.ends_with(0).shows(&["1 passed; 0 failed; 1 ignored"]);
    Ok(())
}

/// The suite started by a process with this command line, as cargo starts it.
fn started_by(bench: &Bench, caller: &str, arguments: &str) -> anyhow::Result<Run> {
    let mut words = caller.split_whitespace();
    let mut command = bench.command(env!("CARGO_BIN_EXE_caller"));
    command.arg0(words.next().unwrap_or_default()).args(words);
    command
        .env("CALLER_RUNS", executable("suites")?)
        .env("CALLER_ARGUMENTS", arguments)
        .env("CARGO", "cargo");
    Ok(run_of(&command.output()?))
}

#[test]
fn where_cargo_runs_several_suites_a_filter_may_mean_another_one() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let note = "note: no test has a name that contains `zebrra`; the nearest names are";
    for caller in ["cargo test zebrra", "/bin/cargo t -p x zebrra", "cargo test --test a --test b zebrra"] {
        let run = started_by(&bench, caller, "zebrra")?;
        run.ends_with(0).shows(&[note, "test result: ok. 0 passed; 0 failed", " filtered out"]);
        assert!(!run.text.contains("backend"), "no Juju was chosen: {}", run.text);
    }
    started_by(&bench, "cargo test is_ignored", "is_ignored")?.ends_with(0).shows(&["1 ignored"]);
    started_by(&bench, "cargo test -- -k nothing", "-k nothing")?.ends_with(0).shows(&["note: none of the"]);
    Ok(())
}

#[test]
fn where_cargo_runs_this_suite_alone_a_filter_means_it() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    for caller in [
        "cargo test --test suites zebrra",
        "cargo test --test=suites -- zebrra",
        "cargo test --test suites -- --skip --test zebrra",
        "cargo nextest run zebrra",
        "cargo run -p xtask zebrra",
        "bash",
    ] {
        let run = started_by(&bench, caller, "zebrra")?;
        assert_eq!(run.code, Some(4), "{caller}: {}", run.text);
        is_one_sentence(&run, 4, &["`zebrra`"]);
    }
    is_one_sentence(&started_by(&bench, "cargo test --test suites", "-k zebrra")?, 5, &["-k \"zebrra\""]);
    Ok(())
}

#[test]
fn the_real_cargo_runs_a_filter_over_several_suites() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let run = |arguments: &[&str]| -> anyhow::Result<Run> {
        // Of the whole workspace, as `Bench` builds the suites: nothing is built anew.
        let mut command = bench.command(cargo().get_program());
        command.args(["test", "--workspace"]).args(arguments).current_dir(workspace()?);
        Ok(run_of(&command.output()?))
    };
    run(&["--test", "suites", "--test", "empty", "order::zebra"])?.ends_with(5).shows(&["has no tests"]);
    let both = run(&["--test", "suites", "--test", "trivial", "order::zebra"])?;
    both.ends_with(0).shows(&["1 passed; 0 failed", "note: no test", "0 passed; 0 failed"]);
    run(&["--test", "suites", "order::zebrra"])?.ends_with(4).shows(&["error: no test", "`order::zebra`"]);
    Ok(())
}

#[test]
fn a_forgotten_harness_false_is_said_once() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    for arguments in [&[][..], &["--test-threads", "1"], &["--nocapture"], &["charm::passes"]] {
        let mut command = bench.command(executable("no_harness")?);
        let run = run_of(&command.args(arguments).env("RUST_BACKTRACE", "1").output()?);
        run.ends_with(101).shows(&["error: a #[juju_test] needs `harness = false`", "`jubilant::main!();`"]);
        assert_eq!(run.text.matches("harness = false").count(), 1, "{}", run.text);
        assert!(!run.text.contains("panicked") && !run.text.contains("backtrace"), "{}", run.text);
    }
    Ok(())
}

/// A selection of nothing starts no Juju.
#[track_caller]
fn nothing_was_started(bench: &Bench) {
    assert!(!bench.directory().join("embedded").exists(), "the embedded Juju was started for nothing");
    assert!(bench.trace().is_empty());
}
