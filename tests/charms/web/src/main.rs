//! The test charm "web": one program that is the charm's hooks, its actions and its workload.
//!
//! The `dispatch` script runs it without arguments, and `JUJU_DISPATCH_PATH` says what for:
//! `hooks/<name>` or `actions/<name>`. The `start` hook runs it again as `web serve …`, the server.

mod actions;
mod config;
mod hooks;
mod server;
mod state;
mod tools;
mod workload;

use std::process::ExitCode;

/// What everything here fails with: a text for the log.
type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Error>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("serve", options)) = args.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return server::serve(options);
    }
    let path = std::env::var("JUJU_DISPATCH_PATH")
        .map_err(|_| "JUJU_DISPATCH_PATH is not set: this program is run by a Juju unit agent")?;
    match path.split_once('/') {
        Some(("hooks", hook)) => hooks::run(hook),
        Some(("actions", action)) => actions::run(action),
        _ => Err(format!("JUJU_DISPATCH_PATH is neither a hook nor an action: {path:?}").into()),
    }
}
