//! Command lines in Juju's manner: options may stand anywhere, `--` ends them.

use std::cell::Cell;
use std::time::Duration;

use lexopt::Arg;

use super::duration;
use super::failure::{Failure, misuse, unsupported};

/// An option that a command knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flag {
    pub(crate) long: &'static str,
    short: Option<char>,
    kind: Kind,
    /// Why nobody has to look at it.
    moot: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Switch,
    Value,
    /// Real Juju has it; here it is refused in words.
    Refused,
}

/// `--name`, or `--name=false`.
pub(crate) const fn switch(long: &'static str) -> Flag {
    Flag { long, short: None, kind: Kind::Switch, moot: None }
}

/// `--name` that asks for what is so anyway; `why` says why it is.
pub(crate) const fn moot(long: &'static str, why: &'static str) -> Flag {
    Flag { moot: Some(why), ..switch(long) }
}

/// `--name VALUE`
pub(crate) const fn value(long: &'static str) -> Flag {
    Flag { long, short: None, kind: Kind::Value, moot: None }
}

/// An option of the real Juju that the embedded one does not support.
pub(crate) const fn refused(long: &'static str) -> Flag {
    Flag { long, short: None, kind: Kind::Refused, moot: None }
}

impl Flag {
    /// With a one-letter form.
    pub(crate) const fn short(self, short: char) -> Self {
        Self { short: Some(short), ..self }
    }

    /// The line of the help that tells of it. `formats` are what `--format` takes.
    pub(crate) fn help(&self, formats: &[&str]) -> String {
        let about = match (self.kind, self.moot) {
            (Kind::Refused, _) => "  (not supported by the embedded Juju)".to_owned(),
            (_, Some(why)) => format!("  ({why})"),
            (Kind::Value, _) if self.long == "format" => format!(" {}", formats.join("|")),
            (Kind::Value, _) => " VALUE".to_owned(),
            (Kind::Switch, _) => String::new(),
        };
        let short = self.short.map(|short| format!("-{short}, ")).unwrap_or_default();
        format!("    {short}--{}{about}\n", self.long)
    }
}

/// How many positional arguments a usage allows: `<application> [<name>]`, `<unit>...`.
fn most(takes: &str) -> usize {
    if takes.ends_with("...") { usize::MAX } else { takes.split_whitespace().count() }
}

/// A parsed command line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Args {
    pub(crate) positionals: Vec<String>,
    values: Vec<Given>,
}

/// One option that was given.
#[derive(Debug, Clone)]
struct Given {
    name: &'static str,
    value: String,
    /// Whether anybody has looked at it.
    seen: Cell<bool>,
}

impl Args {
    /// The last value of an option.
    pub(crate) fn get<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).last()
    }

    /// All values of an option that may be repeated.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |given| given.name == name).map(|given| {
            given.seen.set(true);
            given.value.as_str()
        })
    }

    /// What to tell the user of an option that nobody has looked at: none is taken and ignored in silence.
    pub(crate) fn ignored(&self) -> Option<String> {
        let given = self.values.iter().find(|given| !given.seen.get())?;
        Some(format!("WARNING option --{} had no effect\n", given.name))
    }

    /// Whether a switch is on.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// The first positional argument.
    pub(crate) fn first(&self, what: &str) -> Result<&str, Failure> {
        match self.positionals.first() {
            Some(value) => Ok(value),
            None => misuse!("no {what} specified"),
        }
    }

    /// Refuses what a command or tool does not take: further positional arguments, and other formats. Juju says so
    /// before it looks at anything else.
    pub(crate) fn check(&self, takes: &str, formats: &[&str]) -> Result<(), Failure> {
        if let Some(other) = self.all("format").find(|format| !formats.contains(format)) {
            misuse!("invalid value \"{other}\" for option --format: unknown format \"{other}\"");
        }
        self.at_most(most(takes))
    }

    /// Refuses further positional arguments.
    fn at_most(&self, count: usize) -> Result<(), Failure> {
        if self.positionals.len() > count {
            let extra: Vec<String> = self.positionals[count..].iter().map(|arg| format!("{arg:?}")).collect();
            misuse!("unrecognized args: [{}]", extra.join(" "));
        }
        Ok(())
    }

    /// A duration, as `1m30s`.
    pub(crate) fn duration(&self, name: &str) -> Result<Option<Duration>, Failure> {
        let Some(text) = self.get(name) else { return Ok(None) };
        match duration::parse(text) {
            Some(duration) => Ok(Some(duration)),
            None => {
                misuse!("invalid value \"{text}\" for option --{name}: time: invalid duration \"{text}\"")
            }
        }
    }

    /// A number.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Failure> {
        match self.get(name).map(str::parse) {
            None => Ok(None),
            Some(Ok(number)) => Ok(Some(number)),
            Some(Err(_)) => {
                misuse!(
                    "invalid value \"{}\" for option --{name}: not a number",
                    self.get(name).unwrap_or_default()
                )
            }
        }
    }
}

/// Reads arguments. With `first_ends`, everything from the first positional on belongs to another command.
pub(crate) fn parse(
    command: &str,
    args: &[String],
    flags: &[&[Flag]],
    first_ends: bool,
) -> Result<Args, Failure> {
    let mut parsed = Args::default();
    let mut parser = lexopt::Parser::from_args(args);
    loop {
        let (shown, flag) = match parser.next().map_err(said)? {
            None => return Ok(parsed),
            Some(Arg::Value(text)) => {
                parsed.positionals.push(text.string().map_err(said)?);
                if first_ends {
                    let rest = parser.raw_args().map_err(said)?;
                    let rest = rest.map(|arg| arg.string().map_err(said)).collect::<Result<Vec<_>, _>>()?;
                    parsed.positionals.extend(rest);
                    return Ok(parsed);
                }
                continue;
            }
            Some(Arg::Long(name)) => {
                let find = |flag: &&Flag| flag.long == name;
                (format!("--{name}"), flags.iter().copied().flatten().find(find))
            }
            Some(Arg::Short(name)) => {
                let find = |flag: &&Flag| flag.short == Some(name);
                (format!("-{name}"), flags.iter().copied().flatten().find(find))
            }
        };
        let Some(flag) = flag else { misuse!("option provided but not defined: {shown}") };
        let text = match flag.kind {
            Kind::Refused => return Err(unsupported(&format!("\"{command} {shown}\""))),
            Kind::Value => match parser.value() {
                Ok(text) => text.string().map_err(said)?,
                Err(_) => misuse!("option needs an argument: {shown}"),
            },
            Kind::Switch => match parser.optional_value() {
                None => "true".to_owned(),
                Some(text) => boolean(&shown, &text.string().map_err(said)?)?.to_string(),
            },
        };
        let seen = Cell::new(flag.moot.is_some());
        parsed.values.push(Given { name: flag.long, value: text, seen });
    }
}

use lexopt::ValueExt;

fn said(error: lexopt::Error) -> Failure {
    Failure::usage(error.to_string())
}

fn boolean(shown: &str, text: &str) -> Result<bool, Failure> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => misuse!("invalid value \"{text}\" for option {shown}: not true or false"),
    }
}
