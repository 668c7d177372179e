//! A selection that selects nothing is no success: what is wrong with it, and which names were meant.

use std::path::Path;

use super::codes::{NAMES_NOTHING, NOTHING_RAN};
use super::options::{Ignored, Options};
use super::plan::{self, Plan};
use super::record::{Counts, Run};
use super::registry::Test;

/// Why a run is no success although no test failed.
#[derive(Debug)]
pub(crate) struct Empty {
    pub(crate) code: u8,
    pub(crate) sentence: String,
}

/// What is wrong with the selection before anything has run.
///
/// Where cargo runs the tests of several targets, a filter is meant for any of them: there it is said, with code 0.
pub(crate) fn check(options: &Options, plan: &Plan, all: &[&Test]) -> Option<Empty> {
    if all.is_empty() {
        let sentence = "this suite has no tests: is a `mod` line missing in its main.rs?".to_owned();
        return Some(Empty { code: NOTHING_RAN, sentence });
    }
    let lenient = |empty: Empty| if cargo_runs_several() { Empty { code: 0, ..empty } } else { empty };
    let unmatched = options
        .filters
        .iter()
        .find(|filter| !all.iter().any(|test| plan::names(filter, options.exact, test)));
    if let Some(filter) = unmatched {
        return Some(lenient(Empty { code: NAMES_NOTHING, sentence: no_match(filter, options.exact, all) }));
    }
    plan.modules.is_empty().then(|| {
        lenient(Empty {
            code: NOTHING_RAN,
            sentence: format!("none of the {} tests is selected: {}", all.len(), reasons(options)),
        })
    })
}

/// What is wrong with a run in which no test has had its turn.
pub(crate) fn check_run(run: &Run) -> Option<Empty> {
    let Counts { passed: 0, failed: 0, ignored, skipped } = run.counts() else { return None };
    if cargo_runs_several() {
        return None;
    }
    let hint = if ignored > 0 { " (`--include-ignored` runs those)" } else { "" };
    let sentence = format!("no test ran: {ignored} ignored{hint}, {skipped} skipped");
    Some(Empty { code: NOTHING_RAN, sentence })
}

fn no_match(filter: &str, exact: bool, all: &[&Test]) -> String {
    let kind = if exact { "is named" } else { "has a name that contains" };
    let mut sentence = format!("no test {kind} `{filter}`");
    let nearest = nearest(filter, exact, all);
    if !nearest.is_empty() {
        sentence.push_str(&format!("; the nearest names are {}", nearest.join(", ")));
    }
    sentence + "; `--list` lists all"
}

/// How many names are shown.
const SHOWN: usize = 3;
/// How alike they must be to it.
const ALIKE: f64 = 0.8;

/// The names most like `filter` that can be filters: paths and modules, and parts of them unless it is to be `exact`.
fn nearest(filter: &str, exact: bool, all: &[&Test]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for test in all {
        let path = test.path();
        if !exact {
            names.extend(path.split("::").map(str::to_owned));
        }
        names.extend([path.to_owned(), test.module().to_owned()]);
    }
    names.sort();
    names.dedup();
    // Also by its last part: a function's bare name is no name of a test, but the test is meant.
    let likeness = |name: &str| {
        let last = name.rsplit("::").next().unwrap_or(name);
        strsim::jaro_winkler(filter, name).max(strsim::jaro_winkler(filter, last))
    };
    let mut alike: Vec<(f64, String)> = names.into_iter().map(|name| (likeness(&name), name)).collect();
    alike.retain(|(likeness, _)| *likeness >= ALIKE);
    alike.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    alike.into_iter().take(SHOWN).map(|(_, name)| format!("`{name}`")).collect()
}

/// The options that left nothing.
fn reasons(options: &Options) -> String {
    let mut reasons = Vec::new();
    if !options.filters.is_empty() {
        reasons.push(format!("filter {}", options.filters.join(" ")));
    }
    if let Some(expression) = &options.expression_text {
        reasons.push(format!("-k \"{expression}\""));
    }
    if !options.skip.is_empty() {
        reasons.push(format!("--skip {}", options.skip.join(" --skip ")));
    }
    if options.ignored == Ignored::Only {
        reasons.push("--ignored".to_owned());
    }
    reasons.join(", ") + "; `--list` lists all"
}

/// Whether cargo was asked for the tests of more than one target: `cargo test FILTER`.
fn cargo_runs_several() -> bool {
    const ONE: [&str; 7] = ["--test", "--lib", "--bin", "--bench", "--example", "--doc", "nextest"];
    let Some(words) = std::env::var_os("CARGO").and_then(|_| parents_words()) else { return false };
    // What is behind the dashes is ours.
    let words = words.iter().map(String::as_str).take_while(|word| *word != "--");
    let words: Vec<&str> = words.collect();
    let cargo = words.first().is_some_and(|program| Path::new(program).file_name() == Some("cargo".as_ref()));
    let subcommand = words.iter().any(|word| ["test", "t"].contains(word));
    let names_target = |word: &&&str| ONE.contains(&word.split('=').next().unwrap_or_default());
    cargo && subcommand && words.iter().filter(names_target).count() != 1
}

/// The command line of whoever started this process.
#[cfg(target_os = "linux")]
fn parents_words() -> Option<Vec<String>> {
    let line = std::fs::read(format!("/proc/{}/cmdline", std::os::unix::process::parent_id())).ok()?;
    Some(line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect())
}

#[cfg(not(target_os = "linux"))]
fn parents_words() -> Option<Vec<String>> {
    let parent = std::os::unix::process::parent_id().to_string();
    let output = std::process::Command::new("ps").args(["-o", "args=", "-p", &parent]).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned).collect())
}
