//! The harness's options: flags, each also as an environment variable.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use super::backend::Choice;
use super::expression::Expression;
use super::keep::Keep;

/// What the command line and the environment ask for. Flags beat variables.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) filters: Vec<String>,
    pub(crate) skip: Vec<String>,
    pub(crate) exact: bool,
    pub(crate) ignored: Ignored,
    pub(crate) expression: Option<Expression>,
    /// As it was given.
    pub(crate) expression_text: Option<String>,
    pub(crate) list: bool,
    pub(crate) help: bool,
    pub(crate) format: Format,
    pub(crate) color: Color,
    pub(crate) jobs: usize,
    pub(crate) in_process: bool,
    pub(crate) show_output: bool,
    pub(crate) backend: Choice,
    pub(crate) model: Option<String>,
    pub(crate) keep: Keep,
    pub(crate) no_deploy: bool,
    pub(crate) controller: Option<String>,
    pub(crate) cloud: Option<String>,
    pub(crate) teardown: Duration,
    pub(crate) sweep: bool,
    pub(crate) replay: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum Ignored {
    #[default]
    Skip,
    Only,
    Include,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum Format {
    #[default]
    Pretty,
    Terse,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// A command line that cannot be obeyed: one sentence with its remedy; exit code 2.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

/// On a real controller a model takes 5 to 13 s to go.
const TEARDOWN: Duration = Duration::from_secs(300);

/// The variable of each option that has one, with the flag whose value it holds.
const VARIABLES: [(&str, &str); 10] = [
    ("JUBILANT_BACKEND", "backend"),
    ("JUBILANT_MODEL", "model"),
    ("JUBILANT_KEEP_MODELS", "keep-models"),
    ("JUBILANT_NO_DEPLOY", "no-deploy"),
    ("JUBILANT_CONTROLLER", "controller"),
    ("JUBILANT_CLOUD", "cloud"),
    ("JUBILANT_TEARDOWN_LIMIT", "teardown-limit"),
    ("JUBILANT_K", "k"),
    ("JUBILANT_JOBS", "jobs"),
    ("JUBILANT_SHOW_OUTPUT", "show-output"),
];

pub(crate) const HELP: &str = "\
Usage: cargo test --test <suite> -- [FILTER...] [OPTIONS]

Models:
      --model PREFIX          Name the models PREFIX-<module> instead of jubilant-<random>-<module>
      --keep-models[=WHEN]    Keep the models afterwards: always (default) or on-failure
      --no-deploy             Run on the kept models of --model, without the setup tests
      --controller NAME       The controller to use instead of the current one
      --cloud NAME            The cloud to add models to
      --backend WHICH         auto, juju or embedded (auto: juju if it has a controller)
      --teardown-limit SECS   How long the run's end waits for a model to go (300); a process in the background
                              then goes on trying
      --sweep                 Run no test: remove the models that killed runs have left behind, list what is kept

Selection:
  FILTER                      Tests whose path contains it
      --exact                 Filters name a test, a function with cases, or a module exactly
      --skip FILTER           Leave out tests whose path contains it
  -k EXPRESSION               and, or, not and parentheses over parts of a path: \"charm and not slow\"
      --ignored               Only the tests marked #[ignore]
      --include-ignored       Also the tests marked #[ignore]
                              Setup tests run whenever another test of their module does

Running:
  -j, --jobs N                Modules side by side (1)
      --nocapture             Do not capture output: run in this process, one module at a time
      --test-threads N        1 means --nocapture's single process; other numbers are left to -j
      --list                  List the tests
      --format pretty|terse   How results are printed
      --show-output           Also show the output of tests that passed
      --replay FILE           Run no test: report an earlier run from its target/jubilant/<run>/moments.jsonl
      --color auto|always|never
  -h, --help

Each option of the first group is also a variable: JUBILANT_MODEL, JUBILANT_KEEP_MODELS, JUBILANT_NO_DEPLOY,
JUBILANT_CONTROLLER, JUBILANT_CLOUD, JUBILANT_BACKEND, JUBILANT_TEARDOWN_LIMIT; so are JUBILANT_K, JUBILANT_JOBS,
JUBILANT_SHOW_OUTPUT.

Exit codes: 0 all selected tests passed; 101 one failed; 1 the run could not begin; 2 a wrong command line; 4 a filter
matches no test; 5 no test ran; 130 interrupted.
pytest-jubilant's names --juju-model, --juju-controller, --juju-cloud, --no-juju-setup and --no-juju-teardown work too.
";

impl Options {
    /// Reads the process's own arguments and environment.
    pub(crate) fn read() -> Result<Options, Usage> {
        Options::parse(std::env::args_os().skip(1), |name| std::env::var(name).ok())
    }

    fn parse(
        arguments: impl IntoIterator<Item = OsString>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Options, Usage> {
        let mut options = Options { jobs: 1, teardown: TEARDOWN, ..Options::default() };
        for (name, flag) in VARIABLES {
            if let Some(value) = variable(name).filter(|value| !value.is_empty()) {
                options.set_from_variable(name, flag, value)?;
            }
        }
        options.set_from_arguments(lexopt::Parser::from_args(arguments))?;
        options.check()?;
        Ok(options)
    }

    /// A switch's variable takes a truth value, any other the value of its flag.
    fn set_from_variable(&mut self, name: &str, flag: &str, value: String) -> Result<(), Usage> {
        let switch = match value.to_lowercase().as_str() {
            "1" | "true" | "yes" => Some(true),
            "0" | "false" | "no" => Some(false),
            _ => None,
        };
        match (flag, switch) {
            ("keep-models" | "no-deploy" | "show-output", Some(true)) => self.set(flag, None),
            ("keep-models" | "no-deploy" | "show-output", Some(false)) => Ok(()),
            ("no-deploy" | "show-output", None) => {
                Err(Usage(format!("{name} is `{value}`: set it to 1 or 0")))
            }
            _ => self.set(flag, Some(value)).map_err(|Usage(text)| Usage(format!("{text} (from {name})"))),
        }
    }

    fn set_from_arguments(&mut self, mut parser: lexopt::Parser) -> Result<(), Usage> {
        use lexopt::prelude::*;
        let text = |value: OsString| value.to_string_lossy().into_owned();
        while let Some(argument) = parser.next().map_err(plain)? {
            let name = match argument {
                Value(filter) => {
                    self.filters.push(text(filter));
                    continue;
                }
                Short('j') => "jobs".to_owned(),
                Short('q') => "quiet".to_owned(),
                Short('h') => "help".to_owned(),
                Short(letter) => letter.to_string(),
                Long(name) => name.to_owned(),
            };
            let value = if takes_value(&name) {
                Some(text(parser.value().map_err(plain)?))
            } else if name == "keep-models" {
                parser.optional_value().map(text)
            } else {
                None
            };
            self.set(&name, value)?;
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: Option<String>) -> Result<(), Usage> {
        let given = value.clone().unwrap_or_default();
        match name {
            "model" | "juju-model" => self.model = Some(model_prefix(given)?),
            "controller" | "juju-controller" => self.controller = value,
            "cloud" | "juju-cloud" => self.cloud = value,
            "keep-models" | "no-juju-teardown" => self.keep = keep(value.as_deref())?,
            "no-deploy" | "no-juju-setup" => self.no_deploy = true,
            "backend" => self.backend = Choice::parse(&given).map_err(Usage)?,
            "k" => {
                let expression = Expression::parse(&given).map_err(|problem| {
                    Usage(format!(
                        "the -k expression `{given}` {problem}; write for example -k \"charm and not slow\""
                    ))
                })?;
                self.expression = Some(expression);
                self.expression_text = value;
            }
            "skip" => self.skip.push(given),
            "exact" => self.exact = true,
            "ignored" => self.ignored = Ignored::Only,
            "include-ignored" => self.ignored = Ignored::Include,
            "list" => self.list = true,
            "sweep" => self.sweep = true,
            "replay" => self.replay = Some(given.into()),
            "teardown-limit" => self.teardown = Duration::from_secs(count(name, &given)? as u64),
            "help" => self.help = true,
            "jobs" => self.jobs = count(name, &given)?,
            "test-threads" => self.in_process |= count(name, &given)? == 1,
            "nocapture" | "no-capture" => self.in_process = true,
            "show-output" => self.show_output = true,
            "quiet" => self.format = Format::Terse,
            "format" => {
                self.format = one_of(name, &given, &[("pretty", Format::Pretty), ("terse", Format::Terse)])?
            }
            "color" => {
                let colors = [("auto", Color::Auto), ("always", Color::Always), ("never", Color::Never)];
                self.color = one_of(name, &given, &colors)?;
            }
            _ => {
                let dashes = if name.chars().count() == 1 { "-" } else { "--" };
                return Err(Usage(format!("unknown option `{dashes}{name}`: `--help` lists the options")));
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Usage> {
        if self.no_deploy && self.model.is_none() {
            return Err(Usage(
                "--no-deploy runs on models that an earlier run kept: name them with --model PREFIX"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

fn takes_value(name: &str) -> bool {
    const WITH_VALUE: [&str; 15] = [
        "model",
        "juju-model",
        "controller",
        "juju-controller",
        "cloud",
        "juju-cloud",
        "backend",
        "k",
        "skip",
        "jobs",
        "test-threads",
        "format",
        "color",
        "teardown-limit",
        "replay",
    ];
    WITH_VALUE.contains(&name)
}

/// lexopt's messages are sentences already; they lack only the way out.
fn plain(error: lexopt::Error) -> Usage {
    Usage(format!("{error}: `--help` lists the options"))
}

/// A model's name must have room for its module, too.
const LONGEST_PREFIX: usize = 40;

/// Juju's rule for model names, applied before anything has been built or packed.
fn model_prefix(prefix: String) -> Result<String, Usage> {
    let good =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !prefix.split('-').all(good) {
        return Err(Usage(format!(
            "--model `{prefix}` cannot begin a model's name: use lowercase letters and digits, with single hyphens between them"
        )));
    }
    if prefix.len() > LONGEST_PREFIX {
        return Err(Usage(format!(
            "--model `{prefix}` leaves no room for the modules' names: use {LONGEST_PREFIX} characters at most"
        )));
    }
    Ok(prefix)
}

fn keep(when: Option<&str>) -> Result<Keep, Usage> {
    one_of(
        "keep-models",
        when.unwrap_or("always"),
        &[("always", Keep::Always), ("on-failure", Keep::OnFailure), ("never", Keep::Never)],
    )
}

fn count(name: &str, value: &str) -> Result<usize, Usage> {
    match value.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(Usage(format!("--{name} takes a number from 1 up, not `{value}`"))),
    }
}

fn one_of<T: Copy>(name: &str, value: &str, choices: &[(&str, T)]) -> Result<T, Usage> {
    choices.iter().find(|(choice, _)| *choice == value).map(|(_, meaning)| *meaning).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
        Usage(format!("--{name} is one of {}, not `{value}`", names.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Options, Usage> {
        Options::parse(arguments.iter().map(OsString::from), |name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn flags_beat_variables() {
        let variables = [("JUBILANT_MODEL", "env"), ("JUBILANT_CLOUD", "lxd"), ("JUBILANT_KEEP_MODELS", "1")];
        let options = parse(&["--model", "flag", "--keep-models=on-failure", "web"], &variables).unwrap();
        assert_eq!(options.model.as_deref(), Some("flag"));
        assert_eq!(options.cloud.as_deref(), Some("lxd"));
        assert_eq!(options.keep, Keep::OnFailure);
        assert_eq!(options.filters, ["web"]);
    }

    #[test]
    fn keep_models_does_not_swallow_a_filter() {
        let options = parse(&["--keep-models", "web"], &[]).unwrap();
        assert_eq!((options.keep, options.filters), (Keep::Always, vec!["web".to_owned()]));
    }

    #[test]
    fn pytest_jubilants_names_are_aliases() {
        let options = parse(
            &[
                "--juju-model",
                "m",
                "--juju-controller=c",
                "--juju-cloud",
                "k8s",
                "--no-juju-setup",
                "--no-juju-teardown",
            ],
            &[],
        )
        .unwrap();
        assert_eq!(options.model.as_deref(), Some("m"));
        assert_eq!(options.controller.as_deref(), Some("c"));
        assert_eq!(options.cloud.as_deref(), Some("k8s"));
        assert!(options.no_deploy);
        assert_eq!(options.keep, Keep::Always);
    }

    #[test]
    fn bad_input_is_one_sentence_with_a_remedy() {
        for (arguments, cause, remedy) in [
            (&["--modle", "x"][..], "--modle", "--help"),
            (&["--no-deploy"], "--no-deploy", "--model PREFIX"),
            (&["-k", "web and"], "`web and` ends", "write for example"),
            (&["--model", "Web_1"], "`Web_1`", "lowercase"),
            (&["--model"], "--model", "--help"),
            (&["--jobs", "0"], "`0`", "from 1 up"),
            (&["--format", "json"], "`json`", "pretty, terse"),
            (&["--backend", "lxd"], "`lxd`", "embedded"),
        ] {
            let Usage(text) = parse(arguments, &[]).unwrap_err();
            assert!(text.contains(cause) && text.contains(remedy), "{arguments:?}: {text}");
            assert!(!text.contains('\n'), "{text}");
        }
    }

    #[test]
    fn a_bad_variable_is_named() {
        let Usage(text) = parse(&[], &[("JUBILANT_NO_DEPLOY", "maybe")]).unwrap_err();
        assert!(text.contains("JUBILANT_NO_DEPLOY is `maybe`"), "{text}");
        let Usage(text) = parse(&[], &[("JUBILANT_K", "and")]).unwrap_err();
        assert!(text.contains("JUBILANT_K"), "{text}");
    }
}
