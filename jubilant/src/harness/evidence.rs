//! What is saved about a failure before its model goes away: whole in files, in short for the terminal.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::juju::{DebugLog, Juju};
use crate::types::Status;

/// Lines of the debug-log that are saved; the terminal shows the last [`SHOWN_LINES`] of them.
const SAVED_LINES: u32 = 1000;
const SHOWN_LINES: usize = 60;

/// Evidence must not hang where the test hung already: what each command may take, and all of them together after a
/// failed test, and after the death of a worker, when the models are to go.
const LIMIT: Duration = Duration::from_secs(30);
pub(crate) const AFTER_A_FAILURE: Duration = Duration::from_secs(60);
pub(crate) const AFTER_A_DEATH: Duration = Duration::from_secs(10);

/// Where evidence about a test goes.
pub(crate) fn directory(run: &Path, module: &str, test: &str) -> PathBuf {
    let plain = |text: &str| text.replace("::", "-");
    run.join(plain(module)).join(plain(test))
}

/// Saves status, debug-log and each unit's history into `directory`; returns the terminal's share. What could not be
/// asked `within` this time is left out.
pub(crate) fn collect(juju: &Juju, directory: &Path, within: Duration) -> String {
    let started = Instant::now();
    let left = || within.saturating_sub(started.elapsed());
    let directory = directory.join(juju.model().unwrap_or("model").replace([':', '/'], "-"));
    let made = fs::create_dir_all(&directory);
    // An answer that cannot be had is evidence too: its error takes the file's place.
    let save = |name: &str, question: &dyn Fn(&Juju) -> Result<String>| {
        if left().is_zero() {
            return "not asked: the time for evidence was over".to_owned();
        }
        let answer = question(&juju.clone().command_timeout(LIMIT.min(left())));
        let text = answer.unwrap_or_else(|error| error.to_string());
        let written = if made.is_ok() { fs::write(directory.join(name), &text) } else { Ok(()) };
        match written {
            Ok(()) => text,
            Err(error) => format!("{name} cannot be written: {error}\n{text}"),
        }
    };
    let table = save("status.txt", &Juju::status_table);
    let log = save("debug-log.txt", &|juju| juju.debug_log(DebugLog::last(SAVED_LINES)));
    // As Juju printed it: the typed status leaves out what it does not know.
    let status = save("status.json", &|juju| juju.cli(["status", "--format", "json"]));
    let status: Status = serde_json::from_str(&status).unwrap_or_default();
    for (unit, _) in status.units().filter(|_| made.is_ok()) {
        let file = unit.replace('/', "-");
        save(&format!("{file}-history.txt"), &|juju| juju.show_status_log(unit));
        save(&format!("{file}.yaml"), &|juju| juju.cli(["show-unit", unit]));
    }
    let mut text = summary(juju, &table, &log);
    // Writing to a String cannot fail.
    let _ = match made {
        Ok(()) => writeln!(text, "\nsaved in {}", directory.display()),
        Err(error) => writeln!(text, "\nnot saved: {} cannot be made ({error})", directory.display()),
    };
    text
}

fn summary(juju: &Juju, table: &str, log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let shown = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ =
        writeln!(text, "juju status of model {}:\n{}", juju.model().unwrap_or_default(), table.trim_end());
    let _ = writeln!(text, "\nthe last {} of {} debug-log lines:", shown.len(), lines.len());
    for line in shown {
        let _ = writeln!(text, "{line}");
    }
    text
}
