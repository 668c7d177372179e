//! A hook tool: it hands its arguments to the controller that runs the hook.

use std::env;
use std::ffi::OsString;
use std::path::Path;

use super::conversation::{Outcome, converse, stdin_for, texts};
use crate::ground::protocol::{Kind, Request};
use crate::ground::socket;

/// Runs the tool and returns its exit code.
pub(crate) fn main(name: &str, args: &[OsString]) -> i32 {
    match run(name, args) {
        Ok(code) => code,
        Err(text) => {
            eprintln!("ERROR {text}");
            1
        }
    }
}

fn run(name: &str, args: &[OsString]) -> Result<i32, String> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let (Some(context), Some(address)) = (variable("JUJU_CONTEXT_ID"), variable("JUJU_AGENT_SOCKET_ADDRESS"))
    else {
        return Err(format!("{name} works only inside a hook: JUJU_CONTEXT_ID is not set"));
    };
    let args = texts(args)?;
    let stdin =
        stdin_for(&args, &["--file"]).map_err(|error| format!("cannot read standard input: {error}"))?;
    let request = Request {
        kind: Kind::Tool { name: name.into(), context },
        args,
        cwd: env::current_dir().unwrap_or_default(),
        stdin,
        identity: String::new(),
        terminal: false,
        env: Default::default(),
    };
    let stream = socket::connect(Path::new(&address))
        .map_err(|_| format!("the hook that called {name} has ended: tools work only while it runs"))?;
    match converse(stream, &request).map_err(|error| error.to_string())? {
        Outcome::Code(code) => Ok(code),
        Outcome::Superseded | Outcome::NoAnswer => Err("the controller ended while it was asked".into()),
    }
}
