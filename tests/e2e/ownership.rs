//! Only a model that a run's own `add-model` made is destroyed by it; and such a one always is.

use std::time::Duration;

use jubilant_tests::bench::{Bench, OWNER, Run, WORKER, end_of, signal, signal_group};
use jubilant_tests::front::{Front, uuid};

const SOON: Duration = Duration::from_secs(30);
/// An error that says nothing about the model, and that the client does not retry.
const REFUSED: &str = "cannot connect to API: connect: connection refused";

fn bench() -> anyhow::Result<(Bench, Front)> {
    let mut bench = Bench::new()?;
    let front = Front::of(&mut bench)?;
    Ok((bench, front))
}

#[test]
fn a_passing_error_does_not_make_a_foreign_model_the_runs_own() -> anyhow::Result<()> {
    for (show, add) in [
        (format!("first 1 show && fail '{REFUSED}'"), format!("first 1 add && fail '{REFUSED}'")),
        (format!("fail '{REFUSED}'"), format!("fail '{REFUSED}'")),
        ("first 3 show && fail 'connection is shut down'".to_owned(), format!("fail '{REFUSED}'")),
    ] {
        let (bench, front) = bench()?;
        bench.juju(&["add-model", "kx-stays"])?;
        let before = uuid(&bench, "kx-stays")?;
        front.inject(&format!("case $1 in show-model) {show};; add-model) {add};; esac"))?;
        let run = end_of(bench.start(&["stays", "--model", "kx"])?, SOON)?;
        run.ends_with(101).shows(&["kx-stays"]);
        bench.wait_for_quiet(SOON)?;
        assert_eq!(uuid(&bench, "kx-stays")?, before, "{show}; {add}");
    }
    Ok(())
}

#[test]
fn killed_while_it_asks_for_a_foreign_model_a_run_leaves_it_alone() -> anyhow::Result<()> {
    for who in ["worker", "suite", "owner", "all"] {
        let (bench, front) = bench()?;
        bench.juju(&["add-model", "kx-stays"])?;
        let before = uuid(&bench, "kx-stays")?;
        front.hold("show")?;
        front.inject(&format!("case $1 in show-model) hold show; fail '{REFUSED}';; esac"))?;
        let child = bench.start(&["stays", "--model", "kx"])?;
        front.wait_for("begin show-model")?;
        match who {
            "worker" => signal("KILL", &bench.processes(WORKER))?,
            "suite" => signal("KILL", &[child.id()])?,
            "owner" => signal("KILL", &bench.processes(OWNER))?,
            _ => signal("KILL", &bench.family(&child))?,
        }
        front.release("show")?;
        front.inject("")?;
        end_of(child, SOON)?;
        bench.wait_for_quiet(SOON)?;
        bench.run(&["--sweep"])?.ends_with(0);
        assert_eq!(uuid(&bench, "kx-stays")?, before, "killed: {who}");
        assert_eq!(front.count("begin destroy-model"), 0, "{:#?}", front.log());
    }
    Ok(())
}

/// `add-model` loses its connection while somebody else adds a model of the name: nobody can tell it from one that
/// the run's own command made.
const IN_DOUBT: &str = "case $1 in add-model)
    \"$real\" \"$@\"; note made; hold answer; fail 'connection is shut down';;
esac";

#[test]
fn a_model_in_doubt_with_a_name_of_the_users_choice_is_left_and_said() -> anyhow::Result<()> {
    let (bench, front) = bench()?;
    front.inject(IN_DOUBT)?;
    let run = end_of(bench.start(&["stays", "--model", "kx"])?, SOON)?;
    run.ends_with(101).shows(&["models that are still there:", "kx-stays: add-model failed", "is not known"]);
    bench.wait_for_quiet(SOON)?;
    assert_eq!(bench.models()?, ["kx-stays"]);
    bench.run(&["--sweep"])?.ends_with(0).shows(&["doubtful", "kx-stays"]);
    assert_eq!(bench.models()?, ["kx-stays"]);
    Ok(())
}

#[test]
fn a_model_in_doubt_is_left_whoever_is_killed() -> anyhow::Result<()> {
    for who in ["worker", "suite", "owner"] {
        let (bench, front) = bench()?;
        front.hold("answer")?;
        front.inject(IN_DOUBT)?;
        let child = bench.start(&["stays", "--model", "kx"])?;
        front.wait_for("made")?;
        let before = uuid(&bench, "kx-stays")?;
        match who {
            "worker" => signal("KILL", &bench.processes(WORKER))?,
            "suite" => signal("KILL", &[child.id()])?,
            _ => signal("KILL", &bench.processes(OWNER))?,
        }
        front.release("answer")?;
        end_of(child, SOON)?;
        bench.wait_for_quiet(SOON)?;
        assert_eq!(uuid(&bench, "kx-stays")?, before, "killed: {who}");
    }
    Ok(())
}

#[test]
fn an_add_model_that_failed_before_it_did_anything_leaves_nothing_to_destroy() -> anyhow::Result<()> {
    let (bench, front) = bench()?;
    front.inject("case $1 in add-model) fail 'connection is shut down';; esac")?;
    for arguments in [&["stays"][..], &["stays", "--model", "kx"]] {
        end_of(bench.start(arguments)?, SOON)?.ends_with(101).shows(&["connection is shut down"]);
    }
    bench.wait_for_quiet(SOON)?;
    assert_eq!(front.count("begin destroy-model"), 0, "{:#?}", front.log());
    Ok(())
}

#[test]
fn an_add_model_that_failed_after_it_was_carried_out_is_undone() -> anyhow::Result<()> {
    // The name has a random number: nobody else can have meant it. In the second case the client has asked twice.
    for failure in ["fail 'connection is shut down'", "exec \"$real\" \"$@\""] {
        let (bench, front) = bench()?;
        front.inject(&format!("case $1 in add-model) \"$real\" \"$@\"; note made; {failure};; esac"))?;
        end_of(bench.start(&["stays"])?, SOON)?.ends_with(101);
        bench.wait_for_quiet(SOON)?;
        assert_eq!(front.count("made"), 1);
        assert_eq!(bench.models()?, Vec::<String>::new(), "after {failure}");
    }
    Ok(())
}

/// Kills somebody one moment into an `add-model` that takes several seconds.
fn kill_during_add_model(
    kill: impl FnOnce(&Bench, &std::process::Child) -> anyhow::Result<()>,
) -> anyhow::Result<Run> {
    let (bench, front) = bench()?;
    front.inject("case $1 in add-model) sleep 5;; esac")?;
    let child = bench.start_group(&["stays"])?;
    front.wait_for("begin add-model")?;
    kill(&bench, &child)?;
    let run = end_of(child, SOON)?;
    front.wait_for("added")?;
    bench.wait_for_no_models(SOON)?;
    bench.wait_for_quiet(SOON)?;
    Ok(run)
}

#[test]
fn a_worker_killed_during_add_model_leaves_none() -> anyhow::Result<()> {
    let run = kill_during_add_model(|bench, _| signal("KILL", &bench.processes(WORKER)))?;
    run.ends_with(101).shows(&["test stays::stays ... FAILED", "SIGKILL"]);
    assert!(!run.text.contains("still there"), "{}", run.text);
    Ok(())
}

#[test]
fn a_suite_killed_during_add_model_leaves_none() -> anyhow::Result<()> {
    kill_during_add_model(|_, child| signal("KILL", &[child.id()])).map(drop)
}

#[test]
fn a_process_group_killed_during_add_model_leaves_none() -> anyhow::Result<()> {
    kill_during_add_model(|_, child| signal_group("KILL", child)).map(drop)
}
