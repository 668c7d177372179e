//! Running a command under one deadline, and again after a transient error where that is safe.

use std::time::{Duration, Instant};

use super::command_line::{Class, Cli};
use super::output::Output;
use super::process::{self, Exit};
use super::program::{Program, StartError};

/// The time limits of a [`Juju`](crate::Juju) for commands that set none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) read: Duration,
    pub(crate) change: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { read: Duration::from_secs(120), change: Duration::from_secs(300) }
    }
}

impl Limits {
    pub(crate) fn of(self, cli: &Cli) -> Duration {
        cli.timeout.unwrap_or(if cli.class == Class::Read { self.read } else { self.change })
    }
}

/// Seen from controllers under load (juju#21664, #22112, #21324); the request may or may not have been carried out.
const TRANSIENT: &[&str] = &["connection is shut down", "etcdserver: leader changed"];
/// Seen likewise, but says that the request never left.
const NOT_SENT: &str = "connection is shut down before send";

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Runs a command to its end. A command that fails is an [`Output`], not an error.
pub(crate) fn run(
    program: &Program,
    model: Option<&str>,
    limits: Limits,
    mut cli: Cli,
) -> Result<Output, StartError> {
    let limit = limits.of(&cli);
    let started = Instant::now();
    let shown = cli.display(model);
    if cli.quiet {
        tracing::debug!(target: "jubilant", "{shown}");
    } else {
        tracing::info!(target: "jubilant", "{shown}");
    }
    let mut pause = FIRST_PAUSE;
    loop {
        let mut command = program.command()?;
        command.args(cli.argv(model));
        let left = limit.saturating_sub(started.elapsed());
        let stdin = cli.stdin.clone();
        let finished = process::run(command, stdin, left)
            .map_err(|error| program.start_error(&error.to_string(), false))?;
        let took = started.elapsed();
        // The limit is named as it was set, not as what a retry had left of it.
        let exit = if let Exit::NoAnswer(_) = finished.exit { Exit::NoAnswer(limit) } else { finished.exit };
        tracing::debug!(target: "jubilant", ?exit, ?took, "ended: {shown}");

        let transient = exit != Exit::Code(0) && may_retry(cli.class, &finished.stdout, &finished.stderr);
        if transient && took + pause < limit {
            let error = cli.redact(finished.stderr.trim());
            tracing::warn!(target: "jubilant", "{shown}: {error}; trying again in {} ms", pause.as_millis());
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
            continue;
        }
        cli.stdin = None;
        let (stdout, stderr) = (finished.stdout, finished.stderr);
        return Ok(Output { command: shown, cli, exit, stdout, stderr });
    }
}

/// Whether a failed command may run again.
fn may_retry(class: Class, stdout: &str, stderr: &str) -> bool {
    match class {
        Class::Read => TRANSIENT.iter().any(|text| stderr.contains(text)),
        // A command may send several requests; one that has already told of progress did send some.
        Class::Change => stdout.is_empty() && stderr.trim().lines().count() == 1 && stderr.contains(NOT_SENT),
        Class::Once => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_commands_run_again() {
        let (lost, unsent) =
            ("ERROR connection is shut down\n", "ERROR connection is shut down before send\n");
        for (class, stderr, again) in [
            (Class::Read, lost, true),
            (Class::Read, unsent, true),
            (Class::Read, "ERROR etcdserver: leader changed", true),
            (Class::Read, "ERROR model \"x\" not found", false),
            (Class::Change, lost, false),
            (Class::Change, unsent, true),
            (Class::Change, "Located charm\nERROR connection is shut down before send", false),
            (Class::Change, "ERROR etcdserver: leader changed", false),
            (Class::Once, unsent, false),
        ] {
            assert_eq!(may_retry(class, "", stderr), again, "{class:?} {stderr}");
        }
        assert!(!may_retry(Class::Change, "done: 1\n", unsent), "something was done");
    }
}
