//! The client's own log, which `--debug` and `--show-log` print: that it was called, and how.

use crate::ground::args::Args;
use crate::ground::failure::{Failure, fail};
use crate::ground::flavour::Flavour;
use crate::ground::time::Timestamp;
use crate::model::log::{Level, is_logged};

const MODULE: &str = "juju.cmd";

/// What is logged of a command line; `--logging-config` says how much.
pub(super) fn log(args: &Args, line: &[String]) -> Result<String, Failure> {
    if args.has("verbose") && args.has("quiet") {
        fail!("\"verbose\" and \"quiet\" flags clash, please use one or the other, not both");
    }
    let config = args.get("logging-config").unwrap_or_default();
    check(config)?;
    let debug = args.has("debug");
    if !debug && !args.has("show-log") {
        return Ok(String::new());
    }
    let config = if debug { format!("<root>=DEBUG;{config}") } else { format!("<root>=INFO;{config}") };
    let version = Flavour::default().version();
    let entries =
        [(Level::Info, format!("running juju [{version}]")), (Level::Debug, format!("  args: {line:?}"))];
    let now = Timestamp::now().clock();
    let wanted = entries.into_iter().filter(|(level, _)| is_logged(&config, MODULE, *level));
    Ok(wanted.map(|(level, text)| format!("{now} {:<5} {MODULE} {text}\n", level.name())).collect())
}

/// Refuses what says no level for a module: `<root>=INFO;unit=DEBUG`.
pub(super) fn check(config: &str) -> Result<(), Failure> {
    for part in config.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            None => fail!("logger specification expected '=', found \"{part}\""),
            Some((_, level)) if Level::parse(level.trim()).is_none() => {
                fail!("unknown severity level \"{}\"", level.trim())
            }
            Some(_) => {}
        }
    }
    Ok(())
}
