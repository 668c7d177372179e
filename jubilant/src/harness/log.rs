//! The client's log.

use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

/// What the client did goes to standard error: with the test's output to a captured pipe, or to the terminal.
pub(crate) fn init() {
    let directives = std::env::var("RUST_LOG").unwrap_or_default();
    let filter: Targets = directives
        .parse()
        .ok()
        .filter(|_| !directives.is_empty())
        .unwrap_or_else(|| Targets::new().with_target("jubilant", tracing::Level::INFO));
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(false)
        // It would say so on standard error, and panic if that is the pipe that is closed.
        .log_internal_errors(false)
        .with_timer(tracing_subscriber::fmt::time::uptime())
        .with_filter(filter);
    // Somebody who set up their own subscriber keeps it.
    let _ = tracing_subscriber::registry().with(layer).try_init();
}
