//! What goes on in the background is started only when it is needed, and holds nothing that somebody waits for.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use jubilant_tests::bench::{Bench, OWNER, end_of, executable};
use jubilant_tests::front::Front;

const SOON: Duration = Duration::from_secs(15);

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_suite_that_needs_no_model_starts_no_controller_and_no_owner() -> anyhow::Result<()> {
    for front in [false, true] {
        let mut bench = Bench::new()?;
        let front = if front { Some(Front::of(&mut bench)?) } else { None };
        bench.run(&["order"])?.ends_with(0).shows(&["5 passed"]);
        assert_eq!(bench.processes("--embedded-controller"), Vec::<u32>::new());
        let state = bench.directory().join("embedded");
        let controllers = names(&state).into_iter().filter(|name| name.starts_with("controller"));
        assert_eq!(controllers.collect::<Vec<_>>(), Vec::<String>::new(), "none has been there either");
        assert_eq!(names(&bench.directory().join("jubilant/runs")), Vec::<String>::new());
        assert!(!bench.directory().join("jubilant").exists(), "an owner begins a ledger");
        if let Some(front) = front {
            let commands: Vec<String> =
                front.log().into_iter().filter(|line| line.starts_with("begin")).collect();
            assert!(commands.iter().all(|line| line.starts_with("begin show-controller")), "{commands:?}");
        }
    }
    Ok(())
}

/// The command in a shell of its own, with the bench's environment; `$0` is the suite, `$@` are its arguments.
fn in_a_shell(bench: &Bench, script: &str, arguments: &[&str]) -> anyhow::Result<Command> {
    let suites = bench.suites(&[])?;
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(executable("suites")?).args(arguments).current_dir(bench.directory());
    for (name, value) in suites.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(shell)
}

const PIPED: &str = r#"("$0" "$@" 9>&1 >/dev/null 2>&1) | cat"#;
const LOCKED: &str = r#"exec 9>lock; flock 9; "$0" "$@" >/dev/null 2>&1"#;

#[test]
fn a_pipe_and_a_lock_end_with_the_suite_while_the_controller_goes_on() -> anyhow::Result<()> {
    for script in [PIPED, LOCKED] {
        let bench = Bench::new()?;
        // As long as there is a model there is a controller.
        let shell =
            in_a_shell(&bench, script, &["scope_two", "--model", "kept", "--keep-models"])?.spawn()?;
        end_of(shell, SOON)?.ends_with(0);
        bench.controller()?;
        lock_is_free(&bench)?;
    }
    Ok(())
}

#[test]
fn a_pipe_and_a_lock_end_with_the_suite_while_the_owner_goes_on() -> anyhow::Result<()> {
    for script in [PIPED, LOCKED] {
        let mut bench = Bench::new()?;
        bench.set("JUBILANT_TEARDOWN_LIMIT", "3");
        let front = Front::of(&mut bench)?;
        front.hold("destroy")?;
        front.inject("case $1 in destroy-model) hold destroy;; esac")?;
        let shell = in_a_shell(&bench, script, &["scope_two"])?.spawn()?;
        end_of(shell, SOON)?.ends_with(0);
        assert_eq!(bench.processes(OWNER).len(), 1);
        bench.controller()?;
        lock_is_free(&bench)?;
        front.release("destroy")?;
        bench.wait_for_no_models(SOON)?;
    }
    Ok(())
}

fn lock_is_free(bench: &Bench) -> anyhow::Result<()> {
    Ok(File::create(bench.directory().join("lock"))?.try_lock()?)
}
