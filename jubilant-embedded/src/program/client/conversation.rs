//! One request, and the reply printed as it comes.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;

use crate::ground::protocol::{Frame, Request};
use crate::ground::socket;

/// How a conversation ended.
pub(super) enum Outcome {
    Code(i32),
    Superseded,
    /// The controller went away before it had answered anything.
    NoAnswer,
}

/// Sends the request and prints the reply as it comes.
pub(super) fn converse(stream: UnixStream, request: &Request) -> io::Result<Outcome> {
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    if socket::send(&stream, &line).is_err() {
        return Ok(Outcome::NoAnswer);
    }
    let mut answered = false;
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { break };
        match serde_json::from_str(&line)? {
            Frame::Out(text) => print(&mut io::stdout(), &text)?,
            Frame::Err(text) => print(&mut io::stderr(), &text)?,
            Frame::Alive => {}
            Frame::Superseded => return Ok(Outcome::Superseded),
            Frame::Code(code) => return Ok(Outcome::Code(code)),
        }
        answered = true;
    }
    if answered {
        eprintln!("ERROR connection is shut down");
        return Ok(Outcome::Code(1));
    }
    Ok(Outcome::NoAnswer)
}

pub(super) fn print(to: &mut impl Write, text: &str) -> io::Result<()> {
    to.write_all(text.as_bytes())?;
    to.flush()
}

/// The arguments as text; what is not text is no Juju argument.
pub(super) fn texts(args: &[OsString]) -> Result<Vec<String>, String> {
    args.iter()
        .map(|arg| arg.to_str().map(str::to_owned).ok_or_else(|| format!("argument {arg:?} is not UTF-8")))
        .collect()
}

/// Reads standard input if an option asks for it (`--file -`), never otherwise: it may be a terminal.
pub(super) fn stdin_for(args: &[String], options: &[&str]) -> io::Result<Option<String>> {
    let wanted = options.iter().any(|option| {
        let joined = format!("{option}=-");
        args.contains(&joined) || args.windows(2).any(|pair| pair[0] == **option && pair[1] == "-")
    });
    if !wanted {
        return Ok(None);
    }
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    Ok(Some(text))
}
