//! `craftctl`: how a script asks the packer for its plugin's work, and tells it the version.
//!
//! The program of that name calls this executable in a private role, which hands the arguments to the packer over a
//! socket and prints the answer.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use serde::{Deserialize, Serialize};

use super::copy::remove_outward_links;

/// The first argument of the private role: `xtask __craftctl SOCKET ARGS…`.
pub(super) const CRAFTCTL: &str = "__craftctl";

/// What the stand-in for `cp` tells: there may be links that lead out.
pub(super) const COPIED: &str = "copied";

#[derive(Serialize, Deserialize)]
struct Answer {
    /// What is printed, or what is wrong.
    result: Result<String, String>,
}

/// The private role, if this process was started for it.
pub(crate) fn craftctl() -> Option<ExitCode> {
    let mut args = env::args_os().skip(1);
    if args.next()? != CRAFTCTL {
        return None;
    }
    let args: Vec<String> = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
    Some(match args.split_first().map(|(socket, args)| ask(socket, args)) {
        Some(Ok(text)) => {
            if !text.is_empty() {
                println!("{text}");
            }
            ExitCode::SUCCESS
        }
        Some(Err(error)) => {
            eprintln!("craftctl: {error:#}");
            ExitCode::FAILURE
        }
        None => ExitCode::FAILURE,
    })
}

fn ask(socket: &str, args: &[String]) -> Result<String> {
    let mut stream = UnixStream::connect(socket).context("the packer has ended")?;
    let mut line = serde_json::to_vec(args)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    let answer: Answer = serde_json::from_str(&answer).context("the packer has ended")?;
    answer.result.map_err(|why| anyhow!(why))
}

/// What the packer knows of one script's calls.
pub(super) struct Control<'a> {
    pub(super) part: &'a str,
    /// What a contained script has of its own.
    pub(super) dir: &'a Path,
    /// The part that may set the version, by `adopt-info`.
    pub(super) adopts: Option<&'a str>,
    pub(super) version: Option<String>,
    /// Why the plugin failed, which fails the script whatever it makes of it.
    pub(super) failure: Option<anyhow::Error>,
}

impl Control<'_> {
    /// Answers one call; a connection without one is nobody's.
    pub(super) fn serve(&mut self, stream: UnixStream, default: &mut dyn FnMut() -> Result<()>) {
        let mut line = String::new();
        let mut reader = BufReader::new(&stream);
        if reader.read_line(&mut line).is_err() || line.is_empty() {
            return;
        }
        let answered = serde_json::from_str(&line).map_err(anyhow::Error::from);
        let answered = answered.and_then(|args: Vec<String>| self.answer(&args, default));
        let answer = Answer { result: answered.map_err(|error| format!("{error:#}")) };
        // Whoever asked may be gone.
        let text = serde_json::to_string(&answer).unwrap_or_default();
        let _ = (&stream).write_all(format!("{text}\n").as_bytes());
    }

    fn answer(&mut self, args: &[String], default: &mut dyn FnMut() -> Result<()>) -> Result<String> {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        match &args[..] {
            ["default"] => {
                if let Err(error) = default() {
                    let text = format!("{error:#}");
                    self.failure.get_or_insert(error);
                    bail!(text);
                }
                Ok(String::new())
            }
            ["get", name] => {
                check_name(name)?;
                Ok(self.version.clone().unwrap_or_default())
            }
            ["set", assignment] => {
                let (name, value) = assignment.split_once('=').ok_or_else(|| {
                    anyhow!("`set {assignment}` is not understood: it is `set version=VALUE`")
                })?;
                check_name(name)?;
                self.set(value)
            }
            [COPIED] => {
                for link in remove_outward_links(self.dir)? {
                    eprintln!("part `{}`: the link {link} is left out: it leads out of the part", self.part);
                }
                Ok(String::new())
            }
            [command @ ("default" | "get" | "set"), ..] => bail!("wrong number of arguments for `{command}`"),
            _ => bail!("it has the commands default, get and set"),
        }
    }

    /// As with charmcraft, the version is for the scripts alone: no file of the charm has it.
    fn set(&mut self, value: &str) -> Result<String> {
        match self.adopts {
            Some(part) if part == self.part => {}
            Some(part) => bail!("the version can only be set in part `{part}`, which `adopt-info` names"),
            None => bail!(
                "the version can only be set in a part that `adopt-info` names, and charmcraft.yaml has none"
            ),
        }
        if self.version.is_some() {
            bail!("the version can be set only once");
        }
        self.version = Some(value.into());
        Ok(String::new())
    }
}

fn check_name(name: &str) -> Result<()> {
    if name != "version" {
        bail!("charmcraft has no variable `{name}`: it has `version`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_set_once_by_the_part_that_may() {
        let control =
            |adopts| Control { part: "one", dir: Path::new("/"), adopts, version: None, failure: None };
        let say = |control: &mut Control<'_>, words: &str| {
            let args: Vec<String> = words.split(' ').map(String::from).collect();
            control.answer(&args, &mut || Ok(())).map_err(|error| error.to_string())
        };
        let mut own = control(Some("one"));
        assert_eq!(say(&mut own, "get version"), Ok(String::new()));
        assert_eq!(say(&mut own, "set version=1=2"), Ok(String::new()));
        assert_eq!(say(&mut own, "get version"), Ok("1=2".into()));
        for (adopts, words, text) in [
            (None, "set version=1", "charmcraft.yaml has none"),
            (Some("two"), "set version=1", "part `two`"),
            (Some("one"), "set version", "`set version=VALUE`"),
            (Some("one"), "set grade=devel", "no variable `grade`"),
            (Some("one"), "get grade", "no variable `grade`"),
            (Some("one"), "default now", "wrong number"),
            (Some("one"), "build", "default, get and set"),
        ] {
            let error = say(&mut control(adopts), words).unwrap_err();
            assert!(error.contains(text), "{words}: {error}");
        }
        assert!(say(&mut own, "set version=2").unwrap_err().contains("only once"));
    }
}
