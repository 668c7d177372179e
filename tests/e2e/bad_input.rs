//! Bad input: one sentence with cause and remedy, the right exit code, no backtrace, nothing started.

use std::fs;
use std::path::Path;

use jubilant_tests::bench::{Bench, Run, run_of};
use jubilant_tests::tiny_charm;

/// One sentence on one line, beginning with `error:`.
#[track_caller]
pub(crate) fn is_one_sentence(run: &Run, code: i32, parts: &[&str]) {
    run.ends_with(code).shows(parts);
    let lines: Vec<&str> = run.text.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 1, "{}", run.text);
    assert!(lines[0].starts_with("error: "), "{}", run.text);
}

#[test]
fn usage_errors_exit_with_2() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    is_one_sentence(&bench.run(&["--modle", "x"])?, 2, &["--modle", "--help"]);
    is_one_sentence(&bench.run(&["-k", "charm and"])?, 2, &["charm and", "for example"]);
    is_one_sentence(&bench.run(&["--no-deploy"])?, 2, &["--no-deploy", "--model"]);
    is_one_sentence(&bench.run(&["--model", "Not_Ok"])?, 2, &["Not_Ok", "lowercase"]);
    Ok(())
}

#[test]
fn a_bad_charm_is_said_before_anything_runs() -> anyhow::Result<()> {
    let mut bench = Bench::new()?;
    bench.set("RUST_BACKTRACE", "1");
    let file = |name: &str| bench.directory().join(name).display().to_string();
    let (missing, text, bare) = (file("missing.charm"), file("text.charm"), file("bare.charm"));
    fs::write(&text, "not a zip")?;
    zip::ZipWriter::new(fs::File::create(&bare)?).finish()?;

    for (path, cause) in [(missing, "missing.charm"), (text, "zip"), (bare, "metadata.yaml")] {
        bench.set("CHARM_PATH", &path);
        is_one_sentence(&bench.run(&["deploys"])?, 1, &[&path, cause]);
    }
    assert!(bench.trace().is_empty());
    Ok(())
}

#[test]
fn no_charm_and_two_charms_say_where_they_were_looked_for() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let project = tempfile::tempdir()?;
    fs::write(project.path().join("charmcraft.yaml"), "name: tiny\n")?;
    let run = |directory: &Path| -> anyhow::Result<Run> {
        let mut command = bench.suites(&["deploys::works"])?;
        command.env_remove("CHARM_PATH").env("CARGO_MANIFEST_DIR", directory);
        Ok(run_of(&command.output()?))
    };
    let place = project.path().display().to_string();
    is_one_sentence(&run(project.path())?, 1, &["CHARM_PATH", &place, "pack"]);

    tiny_charm::pack(project.path(), "tiny", &[("start", "status-set active")])?;
    run(project.path())?.ends_with(0);
    tiny_charm::pack(project.path(), "second", &[])?;
    is_one_sentence(&run(project.path())?, 1, &["CHARM_PATH", "second.charm", "tiny.charm"]);
    Ok(())
}

#[test]
fn a_backend_that_is_not_there_is_said() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let run = |backend: &str, ci: &str| -> anyhow::Result<Run> {
        let mut command = bench.suites(&["scope_two", "--backend", backend])?;
        command.env("CI", ci).env("PATH", "/nowhere");
        Ok(run_of(&command.output()?))
    };
    is_one_sentence(&run("juju", "")?, 1, &["no `juju` program"]);
    is_one_sentence(&run("auto", "true")?, 1, &["CI is set", "--backend"]);
    run("auto", "")?.ends_with(0).shows(&["embedded Juju", "since no `juju` program"]);
    is_one_sentence(&run("lxd", "")?, 2, &["lxd", "auto, juju, embedded"]);
    Ok(())
}

#[test]
fn the_exit_code_is_the_same_when_nobody_reads_the_error() -> anyhow::Result<()> {
    let bench = Bench::new()?;
    for (arguments, code) in [(&["--modle"][..], 2), (&["zebrra"], 4), (&["is_ignored", "--skip", "="], 5)] {
        let (reader, writer) = std::io::pipe()?;
        drop(reader);
        let status = bench.suites(arguments)?.stderr(writer).status()?;
        assert_eq!(status.code(), Some(code), "{arguments:?}");
    }
    Ok(())
}

#[test]
fn where_no_record_of_the_models_can_be_kept_is_said() -> anyhow::Result<()> {
    let mut bench = Bench::new()?;
    let file = bench.directory().join("a-file");
    fs::write(&file, "")?;
    bench.set("XDG_STATE_HOME", &file.display().to_string());
    bench.run(&["scope_two"])?.ends_with(0).shows(&["nothing will find its models", "a-file/jubilant/runs"]);
    Ok(())
}
