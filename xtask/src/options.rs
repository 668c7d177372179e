//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Result, anyhow, bail};
use lexopt::{Arg, Parser, ValueExt};

pub(crate) const HELP: &str = "\
Packs charms and runs their integration suite.

Usage: cargo xtask pack [OPTIONS] [DIR…]
       cargo xtask integration [OPTIONS] [-- ARGS…]
       cargo xtask sweep [-- ARGS…]
       cargo xtask report [FILE] [-- ARGS…]
       cargo xtask help

  pack           packs the charms, or those in the given directories, into their own directories, and prints
                 the paths; does nothing when they are up to date
  integration    packs, unless CHARM_PATH or CHARM_PATH_<NAME> names the file; then runs
                 cargo test --test integration -- ARGS…
  sweep          removes the models that killed runs left behind
  report         prints the report of an earlier run again: of the last one, or of that whose moments.jsonl is
                 FILE

Options:
  --packer auto|charmcraft|local
                 auto (default): charmcraft where it is installed and can build, else the local packer, which
                 knows parts of plugin uv, charm, poetry, python, dump, nil and rust
  --python PYTHON
                 the interpreter that runs the charms' hooks: its packages are packed, and the suite is told it;
                 a path, a program or a version; without it JUBILANT_PYTHON, else python3 of the PATH
  --charmcraft-args \"ARGS\"
                 arguments for charmcraft pack, separated by spaces, such as --destructive-mode
  --run-override-build
                 the local packer runs each part's override-build as it is, on this machine; without it, only a
                 script that is seen to write in its part's directories alone, and refuses any other
  --force        packs anew, and keeps nothing of what earlier packs left to be quick with
  --backend auto|juju|embedded
                 integration: what the suite runs on; sets JUBILANT_BACKEND

ARGS go to the suite: cargo xtask integration -- --help
";

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub(crate) enum Task {
    Help,
    Pack { dirs: Vec<PathBuf>, options: PackOptions },
    Integration { backend: Option<String>, options: PackOptions, args: Vec<OsString> },
    Sweep { args: Vec<OsString> },
    Report { file: Option<PathBuf>, args: Vec<OsString> },
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct PackOptions {
    pub(crate) packer: Packer,
    pub(crate) charmcraft_args: Vec<String>,
    /// Runs scripts that may act on this machine.
    pub(crate) run_override_build: bool,
    pub(crate) python: Option<PathBuf>,
    /// Packs anew, whatever is there.
    pub(crate) force: bool,
}

impl PackOptions {
    const NAMES: [&str; 5] = ["packer", "charmcraft-args", "python", "run-override-build", "force"];

    /// Takes the value of the option with one of these names.
    fn take(&mut self, name: &str, parser: &mut Parser) -> Result<()> {
        match name {
            "packer" => self.packer = parser.value()?.string()?.parse()?,
            "charmcraft-args" => self.charmcraft_args.extend(words(parser.value()?)?),
            "python" => match parser.value()? {
                name if name.is_empty() => {
                    bail!("--python names no interpreter: give a path, a program or a version")
                }
                name => self.python = Some(name.into()),
            },
            "run-override-build" => self.run_override_build = true,
            _ => self.force = true,
        }
        Ok(())
    }
}

fn is_of_integration(option: &str) -> bool {
    option == "backend" || PackOptions::NAMES.contains(&option)
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) enum Packer {
    #[default]
    Auto,
    Charmcraft,
    Local,
}

impl FromStr for Packer {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Packer> {
        match name {
            "auto" => Ok(Packer::Auto),
            "charmcraft" => Ok(Packer::Charmcraft),
            "local" => Ok(Packer::Local),
            _ => bail!("no packer {name:?}: it is one of auto, charmcraft and local"),
        }
    }
}

/// Reads the arguments; an error is a usage error.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Task> {
    let mut args = args.into_iter();
    let task = args.next().ok_or_else(|| anyhow!("no command: see cargo xtask help"))?;
    match task.to_str() {
        Some("help" | "--help" | "-h") => Ok(Task::Help),
        Some("pack") => parse_pack(Parser::from_args(args)),
        Some(command @ ("integration" | "sweep" | "report")) => {
            // What is after the first `--` is not ours to understand.
            let mut ours: Vec<OsString> = args.collect();
            let suite = match ours.iter().position(|arg| arg == "--") {
                Some(end) => ours.split_off(end).split_off(1),
                None => Vec::new(),
            };
            let parser = Parser::from_args(ours);
            match command {
                "sweep" => parse_sweep(parser, suite),
                "report" => parse_report(parser, suite),
                _ => parse_integration(parser, suite),
            }
        }
        _ => bail!("no command {:?}: see cargo xtask help", task.to_string_lossy()),
    }
}

fn parse_pack(mut parser: Parser) -> Result<Task> {
    let (mut dirs, mut options) = (Vec::new(), PackOptions::default());
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(Task::Help),
            Arg::Value(dir) => dirs.push(dir.into()),
            Arg::Long(name) if PackOptions::NAMES.contains(&name) => {
                let name = name.to_owned();
                options.take(&name, &mut parser)?;
            }
            Arg::Long("backend") => bail!("--backend is an option of integration, not of pack"),
            Arg::Short(_) | Arg::Long(_) => bail!("unknown option {}: see cargo xtask help", name(&arg)),
        }
    }
    Ok(Task::Pack { dirs, options })
}

fn parse_integration(mut parser: Parser, args: Vec<OsString>) -> Result<Task> {
    let (mut backend, mut options) = (None, PackOptions::default());
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(Task::Help),
            Arg::Long(name) if PackOptions::NAMES.contains(&name) => {
                let name = name.to_owned();
                options.take(&name, &mut parser)?;
            }
            Arg::Long("backend") => backend = Some(backend_name(parser.value()?.string()?)?),
            Arg::Value(_) | Arg::Short(_) | Arg::Long(_) => return Err(unknown("integration", &arg)),
        }
    }
    Ok(Task::Integration { backend, options, args })
}

fn parse_sweep(mut parser: Parser, args: Vec<OsString>) -> Result<Task> {
    match parser.next()? {
        None => Ok(Task::Sweep { args }),
        Some(Arg::Short('h') | Arg::Long("help")) => Ok(Task::Help),
        Some(Arg::Long(option)) if is_of_integration(option) => {
            bail!("--{option} is an option of integration, and sweep looks for what any run has left")
        }
        Some(arg) => Err(unknown("sweep", &arg)),
    }
}

fn parse_report(mut parser: Parser, args: Vec<OsString>) -> Result<Task> {
    let mut file = None;
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(Task::Help),
            Arg::Value(name) if file.is_none() => file = Some(name.into()),
            Arg::Long(option) if is_of_integration(option) => {
                bail!("--{option} is an option of integration, and report only prints what was")
            }
            Arg::Value(_) | Arg::Short(_) | Arg::Long(_) => return Err(unknown("report", &arg)),
        }
    }
    Ok(Task::Report { file, args })
}

/// What a command that runs the suite does not know may be the suite's.
fn unknown(command: &str, arg: &Arg<'_>) -> anyhow::Error {
    let kind = if matches!(arg, Arg::Value(_)) { "argument" } else { "option" };
    let name = name(arg);
    anyhow!("unknown {kind} {name}; {kind}s of the suite go after `--`: cargo xtask {command} -- {name}")
}

fn name(arg: &Arg<'_>) -> String {
    match arg {
        Arg::Long(name) => format!("--{name}"),
        Arg::Short(name) => format!("-{name}"),
        Arg::Value(value) => value.to_string_lossy().into_owned(),
    }
}

fn words(value: OsString) -> Result<Vec<String>> {
    Ok(value.string()?.split_whitespace().map(String::from).collect())
}

fn backend_name(name: String) -> Result<String> {
    match name.as_str() {
        "auto" | "juju" | "embedded" => Ok(name),
        _ => bail!("no backend {name:?}: it is one of auto, juju and embedded"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(words: &str) -> std::result::Result<Task, String> {
        parse(words.split_whitespace().map(OsString::from)).map_err(|error| error.to_string())
    }

    #[test]
    fn everything_after_the_dashes_is_the_suites() {
        let task =
            parse_words("integration --backend juju --packer local -- --model x -- --packer y").unwrap();
        let args = ["--model", "x", "--", "--packer", "y"].map(OsString::from).to_vec();
        let options = PackOptions { packer: Packer::Local, ..PackOptions::default() };
        assert_eq!(task, Task::Integration { backend: Some("juju".into()), options, args });
    }

    #[test]
    fn sweep_and_report_have_arguments_of_the_suite_too() {
        let args = || ["--controller", "x"].map(OsString::from).to_vec();
        let sweep = parse_words("sweep -- --controller x").unwrap();
        assert_eq!(sweep, Task::Sweep { args: args() });
        let report = parse_words("report a/moments.jsonl -- --controller x").unwrap();
        assert_eq!(report, Task::Report { file: Some("a/moments.jsonl".into()), args: args() });
        assert_eq!(parse_words("report").unwrap(), Task::Report { file: None, args: Vec::new() });
    }

    #[test]
    fn an_option_of_the_suite_is_shown_its_place() {
        assert_eq!(
            parse_words("integration --modle x").unwrap_err(),
            "unknown option --modle; options of the suite go after `--`: cargo xtask integration -- --modle"
        );
        assert!(parse_words("integration charm").unwrap_err().contains("cargo xtask integration -- charm"));
    }

    #[test]
    fn wrong_words_are_named() {
        for (words, part) in [
            ("", "no command"),
            ("pakc", "\"pakc\""),
            ("pack --packer lcoal", "\"lcoal\""),
            ("pack --backend juju", "--backend"),
            ("pack --packer", "--packer"),
            ("pack --python=", "--python names no interpreter"),
            ("integration --backend k8s", "\"k8s\""),
            ("sweep --backend juju", "what any run has left"),
            ("sweep --packer local", "what any run has left"),
            ("sweep everything", "cargo xtask sweep -- everything"),
            ("report --backend juju", "report only prints"),
            ("report one two", "cargo xtask report -- two"),
        ] {
            let error = parse_words(words).unwrap_err();
            assert!(error.contains(part), "{words}: {error}");
        }
    }

    #[test]
    fn charmcraft_arguments_are_split() {
        let args = ["pack", "--charmcraft-args", "--destructive-mode -v", "dir"].map(OsString::from);
        let charmcraft_args = vec!["--destructive-mode".to_owned(), "-v".to_owned()];
        let options = PackOptions { charmcraft_args, ..PackOptions::default() };
        assert_eq!(parse(args).unwrap(), Task::Pack { dirs: vec!["dir".into()], options });
    }
}
