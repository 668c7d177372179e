//! Command lines in Juju's manner: options may stand anywhere, `--` ends them.

use lexopt::Arg;

use crate::commands::failure::{Failure, misuse, unsupported};

/// An option that a command knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flag {
    pub(crate) long: &'static str,
    short: Option<char>,
    kind: Kind,
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
    Flag { long, short: None, kind: Kind::Switch }
}

/// `--name VALUE`
pub(crate) const fn value(long: &'static str) -> Flag {
    Flag { long, short: None, kind: Kind::Value }
}

/// An option of the real Juju that the embedded one does not support.
pub(crate) const fn refused(long: &'static str) -> Flag {
    Flag { long, short: None, kind: Kind::Refused }
}

impl Flag {
    /// With a one-letter form.
    pub(crate) const fn short(self, short: char) -> Self {
        Self { short: Some(short), ..self }
    }
}

/// A parsed command line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Args {
    pub(crate) positionals: Vec<String>,
    values: Vec<(&'static str, String)>,
}

impl Args {
    /// The last value of an option.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// All values of an option that may be repeated.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Whether a switch is on.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// The only positional argument.
    pub(crate) fn one(&self, what: &str) -> Result<&str, Failure> {
        self.at_most(1)?;
        self.first(what)
    }

    /// The first positional argument.
    pub(crate) fn first(&self, what: &str) -> Result<&str, Failure> {
        match self.positionals.first() {
            Some(value) => Ok(value),
            None => misuse!("no {what} specified"),
        }
    }

    /// Refuses further positional arguments.
    pub(crate) fn at_most(&self, count: usize) -> Result<(), Failure> {
        if self.positionals.len() > count {
            let extra: Vec<String> = self.positionals[count..].iter().map(|arg| format!("{arg:?}")).collect();
            misuse!("unrecognized args: [{}]", extra.join(" "));
        }
        Ok(())
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
        parsed.values.push((flag.long, text));
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
