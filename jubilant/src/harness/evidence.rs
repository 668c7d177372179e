//! What is saved about a failure before its model goes away: whole in files, in short for the terminal.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::{Cli, Juju};

/// Lines of the debug-log that are saved; the terminal shows the last [`SHOWN_LINES`] of them.
const SAVED_LINES: &str = "1000";
const SHOWN_LINES: usize = 60;

/// Evidence must not hang where the test hung already.
const LIMIT: Duration = Duration::from_secs(30);

/// Saves status, debug-log and each unit's history into `directory`; returns the terminal's share.
pub(crate) fn collect(juju: &Juju, directory: &Path) -> String {
    let model = juju.model().unwrap_or("model").replace([':', '/'], "-");
    let directory = directory.join(model);
    if let Err(error) = fs::create_dir_all(&directory) {
        return format!("no evidence was saved: {} cannot be made ({error})\n", directory.display());
    }
    let save = |name: &str, arguments: &[&str]| {
        let answer = ask(juju, arguments);
        let text = answer.as_deref().unwrap_or_else(|problem| problem);
        let written = fs::write(directory.join(name), text);
        match (answer.is_ok(), written) {
            (_, Err(error)) => format!("{name} cannot be written: {error}\n"),
            (_, Ok(())) => text.to_owned(),
        }
    };

    save("status.json", &["status", "--format", "json"]);
    let table = save("status.txt", &["status", "--relations"]);
    let log = save("debug-log.txt", &["debug-log", "--limit", SAVED_LINES, "--no-tail"]);
    if let Ok(status) = juju.status() {
        for unit in status.units().map(|(name, _)| name) {
            let file = unit.replace('/', "-");
            save(&format!("{file}-history.txt"), &["show-status-log", "-n", "100", unit]);
            save(&format!("{file}.yaml"), &["show-unit", unit]);
        }
    }
    summary(juju, &table, &log, &directory)
}

fn ask(juju: &Juju, arguments: &[&str]) -> Result<String, String> {
    juju.cli(Cli::new(arguments).read_only().timeout(LIMIT)).map_err(|error| error.to_string())
}

fn summary(juju: &Juju, table: &str, log: &str, directory: &Path) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let shown = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "juju status of model {}:\n{}", juju.model().unwrap_or_default(), table.trim_end());
    let _ = writeln!(text, "\nthe last {} of {} debug-log lines:", shown.len(), lines.len());
    for line in shown {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "\nsaved in {}", directory.display());
    text
}
