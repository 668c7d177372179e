//! The record of a run on disk, and what can be made of it later.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use jubilant_tests::bench::{Bench, Run, executable, run_of, wait_for};
use serde_json::Value;

use crate::bad_input::is_one_sentence;

const SHORT: [&str; 3] = ["recorded::", "-k", "not (loud or look)"];

/// A bench with a copy of the suites of its own: their target directory is the bench's.
struct Place {
    bench: Bench,
    suites: PathBuf,
}

impl Place {
    fn new() -> anyhow::Result<Place> {
        let bench = Bench::new()?;
        let (original, suites) = (executable("suites")?, bench.directory().join("suites"));
        if fs::hard_link(original, &suites).is_err() {
            fs::copy(original, &suites)?;
        }
        Ok(Place { bench, suites })
    }

    fn run(&self, arguments: &[&str]) -> anyhow::Result<Run> {
        Ok(run_of(&self.bench.command(&self.suites).args(arguments).output()?))
    }

    fn replay(&self, journal: &Path, arguments: &[&str]) -> anyhow::Result<Run> {
        let journal = journal.to_str().context("the journal's path is text")?;
        self.run(&[&["--replay", journal], arguments].concat())
    }

    /// The journal of the only run so far.
    fn journal(&self) -> anyhow::Result<PathBuf> {
        let runs: Vec<_> =
            fs::read_dir(self.bench.directory().join("target/jubilant"))?.collect::<Result<_, _>>()?;
        assert_eq!(runs.len(), 1, "{runs:?}");
        Ok(runs[0].path().join("moments.jsonl"))
    }

    fn moments(&self) -> anyhow::Result<Vec<Value>> {
        let text = fs::read_to_string(self.journal()?)?;
        text.lines().map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
    }
}

/// The content of the events of this kind.
fn events<'m>(moments: &'m [Value], kind: &str) -> Vec<&'m Value> {
    moments.iter().filter_map(|moment| moment["event"].get(kind)).collect()
}

fn has_place(failure: &Value, line: u64) -> bool {
    failure["place"]["file"].as_str().is_some_and(|file| file.ends_with("tests/suites/recorded.rs"))
        && failure["place"]["line"] == line
}

/// The line of `recorded.rs` with this text.
fn line_of(text: &str) -> u64 {
    let source = include_str!("../suites/recorded.rs");
    let line = source.lines().position(|line| line.contains(text)).expect("the text is in it");
    line as u64 + 1
}

#[test]
fn the_journal_has_what_happened_with_its_structure() -> anyhow::Result<()> {
    let place = Place::new()?;
    place
        .run(&[&SHORT[..], &["--model", "rec"]].concat())?
        .ends_with(101)
        .shows(&["3 passed; 2 failed; 1 ignored"]);
    let text = fs::read_to_string(place.journal()?)?;
    assert!(!text.contains("hunter2"), "a secret is in the journal");
    let moments = place.moments()?;

    let plan = events(&moments, "run-began")[0];
    assert_eq!(plan["prefix"], "rec");
    assert_eq!(plan["modules"][0]["name"], "recorded");
    assert_eq!(plan["modules"][0]["tests"].as_array().map(Vec::len), Some(6));
    assert_eq!(moments.last().map(|last| &last["event"]), Some(&Value::from("run-ended")));
    assert!(moments.iter().all(|moment| moment["at"].as_u64().is_some_and(|at| at > 1_700_000_000_000_000)));

    let verdict = |test: &str| -> &Value {
        let ended = events(&moments, "test-ended");
        let mut ended = ended.into_iter().filter(|ended| ended["test"] == format!("recorded::{test}"));
        let verdict = &ended.next().expect("it ended")["verdict"];
        assert!(ended.next().is_none(), "{test} ended once");
        verdict
    };
    assert_eq!(events(&moments, "test-began").len(), 6);
    assert_eq!(verdict("passes"), "passed");
    assert_eq!(verdict("is_left_out")["ignored"], "for a reason");
    assert_eq!(verdict("panics")["failed"]["message"], "a panic\nof two lines");
    assert!(has_place(&verdict("panics")["failed"], line_of("panic!(\"a panic")), "{}", verdict("panics"));
    assert!(
        has_place(&verdict("times_out")["failed"], line_of("status(\"blocked\")")),
        "{}",
        verdict("times_out")
    );

    assert_eq!(events(&moments, "wait-began").len(), 2);
    assert!(events(&moments, "wait-met")[0]["elapsed"].is_f64());
    let timed_out = events(&moments, "wait-timed-out")[0];
    assert_eq!(timed_out["unmet"][0], "tiny is active: \"all is well\"");
    assert!(timed_out["elapsed"].as_f64().is_some_and(|elapsed| elapsed >= 1.0), "{timed_out}");
    let changed = events(&moments, "status-changed");
    assert!(
        changed.iter().any(|change| {
            // Of the unit or of its agent: which of them the first look was early enough for is chance.
            let entity = change["entity"].as_str().unwrap_or_default();
            entity.ends_with("tiny/0") && change["model"] == "rec-recorded"
        }),
        "{changed:?}"
    );

    let commands = events(&moments, "command");
    let command = |words: &str| {
        commands.iter().find(|command| command["command"].as_str().is_some_and(|it| it.contains(words)))
    };
    let deploy = command("deploy").context("the deploy is in it")?;
    assert!(
        deploy["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0) && deploy["exit"] == "exit code 0",
        "{deploy}"
    );
    let config = command("no-such-option").context("the refused command is in it")?;
    assert_eq!(config["exit"], "exit code 1");

    for kind in ["model-adding", "model-added", "model-destroyed"] {
        assert!(
            events(&moments, kind)[0]["model"].as_str().is_some_and(|model| model.ends_with("rec-recorded")),
            "{kind}"
        );
    }
    let printed: String = events(&moments, "printed")
        .iter()
        .filter(|printed| printed["test"] == "recorded::tells_a_secret")
        .filter_map(|printed| printed["text"].as_str())
        .collect();
    assert!(printed.contains("prínted to the output\nand to the error output\n"), "{printed}");
    Ok(())
}

#[test]
fn a_replay_prints_the_same_report_and_other_views_of_it() -> anyhow::Result<()> {
    let place = Place::new()?;
    let run = place.run(&SHORT)?;
    run.ends_with(101);
    let journal = place.journal()?;
    let again = place.replay(&journal, &[])?;
    assert_eq!((&again.text, again.code), (&run.text, run.code));

    let terse = place.replay(&journal, &["--format", "terse"])?;
    terse.ends_with(101).shows(&["..FFi.", "a panic\nof two lines", "3 passed; 2 failed; 1 ignored"]);
    let all = place.replay(&journal, &["--show-output", "--color", "always"])?;
    all.ends_with(101).shows(&[
        "---- recorded::tells_a_secret printed ----",
        "prínted to the output",
        "\x1b[32mok\x1b[0m",
    ]);
    assert!(!run.text.contains("prínted to the output"), "{}", run.text);
    assert_eq!(place.journal()?, journal, "a replay records nothing");
    Ok(())
}

#[test]
fn a_replay_of_a_good_run_is_good() -> anyhow::Result<()> {
    let place = Place::new()?;
    let run = place.run(&["order"])?;
    let again = place.replay(&place.journal()?, &[])?;
    assert_eq!((again.text, again.code), (run.text, Some(0)));
    Ok(())
}

#[test]
fn a_journal_that_was_cut_off_is_a_failed_run() -> anyhow::Result<()> {
    let place = Place::new()?;
    place.run(&["order"])?.ends_with(0);
    let whole = fs::read(place.journal()?)?;
    let cut = place.bench.directory().join("cut.jsonl");
    let ends: Vec<usize> =
        whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
    let (first, last) = (ends[0], ends[ends.len() - 1]);
    for end in ends {
        for at in [end - 5, end + 1] {
            if at <= first || at > last {
                continue;
            }
            fs::write(&cut, &whole[..at])?;
            let run = place.replay(&cut, &[])?;
            assert_eq!(run.code, Some(101), "cut at {at}: {}", run.text);
            assert!(run.text.contains("test result: FAILED"), "cut at {at}: {}", run.text);
            let told = run.text.lines().filter(|line| line.starts_with("test order::")).count();
            assert_eq!(told, 5, "every planned test has its line: {}", run.text);
        }
    }
    let text = String::from_utf8(whole)?;
    let at = text.find("test-began\":{\"test\":\"order::middle").context("it began")?;
    fs::write(&cut, &text[..at + text[at..].find('\n').context("its line ends")? + 10])?;
    place.replay(&cut, &[])?.ends_with(101).shows(&[
        "the record of this run is not right: it ends before the run did",
        "test order::zebra ... ok",
        "test order::middle::case_1_second ... FAILED: nothing more was heard of it",
        "test order::middle::case_2_first ... FAILED: its module ended without a word about this test",
        "1 passed; 4 failed",
    ]);
    Ok(())
}

#[test]
fn what_is_no_journal_is_said_in_one_sentence() -> anyhow::Result<()> {
    let place = Place::new()?;
    let file = |name: &str| place.bench.directory().join(name);
    fs::write(file("text"), "a text\nof two lines\n")?;
    fs::write(file("json"), "{\"name\": \"something else\"}\n")?;
    fs::write(file("bytes"), b"\xff\xfe\n\x00")?;
    fs::write(file("empty"), "")?;
    for (name, words) in [
        ("text", "is not the record of a run: line 1"),
        ("json", "is not the record of a run: line 1"),
        ("bytes", "is not the record of a run: line 1"),
        ("empty", "is not the record of a run: it is empty"),
        ("missing", "cannot read"),
        (".", "the record of a run"),
    ] {
        is_one_sentence(&place.replay(&file(name), &[])?, 1, &[name, words]);
    }
    is_one_sentence(&place.run(&["--replay"])?, 2, &["--replay"]);
    Ok(())
}

#[test]
fn a_run_that_cannot_be_recorded_is_a_run() -> anyhow::Result<()> {
    let place = Place::new()?;
    // Nobody can make a directory in a file, not even root.
    File::create(place.bench.directory().join("target"))?;
    let run = place.run(&SHORT)?;
    run.ends_with(101).shows(&[
        "note: the record of this run cannot be written: target/jubilant/",
        "3 passed; 2 failed; 1 ignored",
        "a panic\nof two lines",
        "juju status of model",
        "debug-log lines:",
        "not saved: target/jubilant/",
    ]);
    assert_eq!(run.text.matches("the record of this run").count(), 1, "{}", run.text);
    place.run(&["order"])?.ends_with(0).shows(&["5 passed"]);
    Ok(())
}

/// The most memory that a process has had, in kB.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn a_loud_test_is_shown_in_part_and_recorded_whole_in_bounded_memory() -> anyhow::Result<()> {
    let place = Place::new()?;
    let report = place.bench.directory().join("report");
    let mut command = place.bench.command(&place.suites);
    command.args(["recorded::", "-k", "loud or look", "--no-deploy", "--model", "none"]);
    let mut child = command.stdout(File::create(&report)?).spawn()?;
    place.bench.wait_for_trace("look")?;
    let mut most = peak(child.id());
    fs::write(place.bench.directory().join("trace.go"), "")?;
    let ended = wait_for(Duration::from_secs(60), || {
        most = most.max(peak(child.id()));
        child.try_wait().ok().flatten()
    });
    let status = ended.context("the run has ended")?;

    let report = fs::read_to_string(report)?;
    assert_eq!(status.code(), Some(101), "{}", &report[..report.len().min(2000)]);
    for part in
        ["        0 xxx", "    29999 xxx", "bytes are left out here", "a loud failure", "1 passed; 1 failed"]
    {
        assert!(report.contains(part), "{part}");
    }
    assert!(report.len() < 600_000, "the report has {} bytes", report.len());
    let most = most.context("its memory can be read")?;
    assert!(most < 100_000, "the run took {most} kB");

    let moments = place.moments()?;
    let printed: String = events(&moments, "printed")
        .iter()
        .filter(|printed| printed["test"] == "recorded::is_loud")
        .filter_map(|printed| printed["text"].as_str())
        .collect();
    let numbers = printed.lines().filter_map(|line| line.trim_start().split(' ').next()?.parse::<u32>().ok());
    assert!(numbers.take(30_000).eq(0..30_000), "a line is missing in the journal");
    Ok(())
}
