//! The command line of one `juju` process: its arguments, whether it may run again, and what must not be shown.

use std::time::Duration;

use crate::types::ConfigValue;

/// A `juju` command line, for [`Juju::cli`](crate::Juju::cli).
///
/// An array or a vector of arguments is one by itself; the options are for the rest:
///
/// ```no_run
/// use jubilant::{Cli, Juju, seconds};
///
/// let juju = Juju::new();
/// juju.cli(["resolved", "web/0"])?;
/// let plan = juju.cli(Cli::new(["export-bundle"]).read_only())?;
/// juju.cli(Cli::new(["add-secret", "token"]).secret("value=s3cret").timeout(seconds(20)))?;
/// # Ok::<(), jubilant::Error>(())
/// ```
#[derive(Clone)]
pub struct Cli {
    args: Vec<Arg>,
    hidden: Vec<String>,
    pub(crate) with_model: bool,
    pub(crate) stdin: Option<Vec<u8>>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) class: Class,
    pub(crate) quiet: bool,
}

#[derive(Clone)]
struct Arg {
    text: String,
    secret: bool,
}

impl std::fmt::Debug for Cli {
    /// Without secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cli(`{}`)", self.display(None))
    }
}

/// What may be done when the connection to the controller breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Changes nothing: any transient error is retried.
    Read,
    /// Changes something: retried only if the request certainly was not sent.
    Change,
    /// Starts something that must not run twice: never retried.
    Once,
}

/// Commands that change nothing, whatever their arguments are.
const READS: &[&str] = &[
    "status",
    "models",
    "version",
    "debug-log",
    "machines",
    "spaces",
    "subnets",
    "secrets",
    "offers",
    "find-offers",
    "storage",
    "storage-pools",
    "resources",
    "actions",
    "operations",
    "controllers",
    "clouds",
    "regions",
    "credentials",
    "users",
    "whoami",
    "find",
    "info",
    "constraints",
    "model-constraints",
    "firewall-rules",
    "ssh-keys",
];

/// Commands that refuse `--model`: they are about the client, a controller, or name their model otherwise.
const WITHOUT_MODEL: &[&str] = &[
    "add-cloud",
    "add-credential",
    "add-k8s",
    "add-model",
    "add-user",
    "bootstrap",
    "change-user-password",
    "clouds",
    "controller-config",
    "controllers",
    "credentials",
    "default-credential",
    "default-region",
    "destroy-controller",
    "destroy-model",
    "disable-user",
    "enable-user",
    "find",
    "find-offers",
    "grant",
    "info",
    "kill-controller",
    "login",
    "logout",
    "model-defaults",
    "models",
    "offer",
    "regions",
    "register",
    "remove-cloud",
    "remove-credential",
    "remove-k8s",
    "remove-offer",
    "remove-user",
    "revoke",
    "show-cloud",
    "show-controller",
    "show-credential",
    "show-model",
    "show-offer",
    "show-user",
    "switch",
    "unregister",
    "update-cloud",
    "update-credential",
    "users",
    "version",
    "whoami",
];

impl Cli {
    /// The command and its arguments, without `juju` and without `--model`.
    ///
    /// `key=value` arguments of commands that set something (`config`, `run`, `add-secret`, …) are hidden in logs
    /// and errors, as if given to [`secret`](Self::secret).
    pub fn new<S: Into<String>>(args: impl IntoIterator<Item = S>) -> Self {
        let args: Vec<String> = args.into_iter().map(Into::into).collect();
        let command = args.first().cloned().unwrap_or_default();
        let class = if READS.contains(&command.as_str()) || command.starts_with("show-") {
            Class::Read
        } else if ["run", "exec", "ssh"].contains(&command.as_str()) {
            Class::Once
        } else {
            Class::Change
        };
        let secret = secrets(&command, &args);
        let with_model = !WITHOUT_MODEL.contains(&command.as_str());
        let args = args.into_iter().zip(secret).map(|(text, secret)| Arg { text, secret }).collect();
        Cli { args, hidden: Vec::new(), with_model, stdin: None, timeout: None, class, quiet: false }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(Arg { text: arg.into(), secret: false });
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: Into<String>>(self, args: impl IntoIterator<Item = S>) -> Self {
        args.into_iter().fold(self, Cli::arg)
    }

    /// Adds an argument that no log and no error may show; of `key=value` only the value is hidden.
    #[must_use]
    pub fn secret(mut self, arg: impl Into<String>) -> Self {
        self.args.push(Arg { text: arg.into(), secret: true });
        self
    }

    /// Hides a value in logs and errors, for secrets that are not arguments.
    #[must_use]
    pub fn hide(mut self, value: impl Into<String>) -> Self {
        self.hidden.push(value.into());
        self
    }

    /// Leaves out `--model`. Commands known to take none, such as `version`, are run without it anyway.
    #[must_use]
    pub fn without_model(mut self) -> Self {
        self.with_model = false;
        self
    }

    /// Gives the process this input; without it, its input is empty.
    #[must_use]
    pub fn stdin(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(input.into());
        self
    }

    /// Ends the process after this time instead of the [`Juju`](crate::Juju)'s own limit.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// States that the command changes nothing, so that it may be retried.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.class = Class::Read;
        self
    }

    /// Logs the command at debug level only.
    pub(crate) fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Adds `flag value` if there is a value.
    pub(crate) fn option(self, flag: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.arg(flag).arg(value.to_string()),
            None => self,
        }
    }

    /// Adds `flag` if it is set.
    pub(crate) fn flag(self, flag: &str, set: bool) -> Self {
        if set { self.arg(flag) } else { self }
    }

    /// Adds `key=value`; a text may be a password, so it is not shown.
    pub(crate) fn setting(self, key: &str, value: &ConfigValue) -> Self {
        let arg = format!("{key}={value}");
        if matches!(value, ConfigValue::String(_)) { self.secret(arg) } else { self.arg(arg) }
    }

    /// The arguments for the process: `--model` stands right behind the command.
    pub(crate) fn argv<'a>(&'a self, model: Option<&'a str>) -> Vec<&'a str> {
        let mut argv: Vec<&str> = self.args.iter().map(|arg| arg.text.as_str()).collect();
        if let Some(model) = self.model(model) {
            argv.splice(1..1, ["--model", model]);
        }
        argv
    }

    /// The command line for reading, without secrets.
    pub(crate) fn display(&self, model: Option<&str>) -> String {
        let mut words: Vec<String> = self.args.iter().map(shown).collect();
        if let Some(model) = self.model(model) {
            words.splice(1..1, ["--model".into(), model.into()]);
        }
        format!("juju {}", words.join(" "))
    }

    fn model<'a>(&self, model: Option<&'a str>) -> Option<&'a str> {
        model.filter(|_| self.with_model && !self.args.is_empty())
    }

    /// Replaces the secret values in a text. Very short ones are left: they would riddle it with holes
    /// and can hardly be secrets.
    pub(crate) fn redact(&self, text: &str) -> String {
        let args = self.args.iter().filter(|arg| arg.secret).map(|arg| value_of(&arg.text));
        let mut values: Vec<&str> = args.chain(self.hidden.iter().map(String::as_str)).collect();
        values.retain(|value| value.len() > 3 && text.contains(value));
        // The longest first, in case one contains another.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.iter().fold(text.to_owned(), |text, value| text.replace(value, HIDDEN))
    }
}

const HIDDEN: &str = "…";

fn value_of(arg: &str) -> &str {
    arg.split_once('=').map_or(arg, |(_, value)| value)
}

/// An argument as a shell user would read it, secrets replaced.
fn shown(arg: &Arg) -> String {
    match (arg.secret, arg.text.split_once('=')) {
        (true, Some((key, _))) => format!("{key}={HIDDEN}"),
        (true, None) => HIDDEN.into(),
        (false, _) if arg.text.is_empty() || arg.text.contains(char::is_whitespace) => {
            format!("{:?}", arg.text)
        }
        (false, _) => arg.text.clone(),
    }
}

/// Which arguments of a raw command line hold values that may be secret.
fn secrets(command: &str, args: &[String]) -> Vec<bool> {
    const SETTERS: &[&str] = &[
        "config",
        "model-config",
        "model-defaults",
        "controller-config",
        "run",
        "add-secret",
        "update-secret",
    ];
    let setter = SETTERS.contains(&command);
    let is_config = |arg: &str| arg.starts_with("--config=") && arg.matches('=').count() > 1;
    (0..args.len())
        .map(|index| {
            let arg = &args[index];
            let positional = setter && arg.contains('=') && !arg.starts_with('-');
            let after_config = index > 0 && args[index - 1] == "--config" && arg.contains('=');
            positional || after_config || is_config(arg)
        })
        .collect()
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Cli {
    fn from(args: [S; N]) -> Self {
        Cli::new(args)
    }
}

impl<S: Into<String>> From<Vec<S>> for Cli {
    fn from(args: Vec<S>) -> Self {
        Cli::new(args)
    }
}

impl<S: AsRef<str>> From<&[S]> for Cli {
    fn from(args: &[S]) -> Self {
        Cli::new(args.iter().map(AsRef::as_ref))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_stands_behind_the_command() {
        assert_eq!(Cli::from(["status", "web"]).argv(Some("c:m")), ["status", "--model", "c:m", "web"]);
        assert_eq!(Cli::from(["version"]).argv(Some("c:m")), ["version"]);
        assert_eq!(Cli::from(["wait-for"]).without_model().argv(Some("c:m")), ["wait-for"]);
        assert_eq!(Cli::from(["status"]).argv(None), ["status"]);
    }

    #[test]
    fn values_that_may_be_secret_are_not_shown() {
        for (args, shown) in [
            (vec!["config", "web", "password=hunter2"], "juju config web password=…"),
            (
                vec!["deploy", "web", "--config", "password=hunter2", "--to", "zone=a"],
                "juju deploy web --config password=… --to zone=a",
            ),
            (vec!["deploy", "web", "--config=password=hunter2"], "juju deploy web --config=…"),
            (vec!["run", "web/0", "login", "password=hunter2"], "juju run web/0 login password=…"),
            (vec!["add-secret", "s", "password=hunter2"], "juju add-secret s password=…"),
            (vec!["exec", "--unit", "web/0", "a b"], "juju exec --unit web/0 \"a b\""),
        ] {
            let cli = Cli::new(args);
            assert_eq!(cli.display(None), shown);
            assert!(!format!("{cli:?}").contains("hunter2"), "{cli:?}");
        }
    }

    #[test]
    fn secrets_are_hidden_in_output_the_longest_first() {
        let cli = Cli::new(["login"]).secret("hunter2").hide("hunter2-extended").hide("no");
        assert_eq!(cli.redact("bad hunter2, hunter2-extended; no"), "bad …, …; no");
    }

    #[test]
    fn only_what_changes_nothing_is_a_read() {
        for (command, class) in [
            ("status", Class::Read),
            ("show-unit", Class::Read),
            ("config", Class::Change),
            ("deploy", Class::Change),
            ("run", Class::Once),
            ("exec", Class::Once),
        ] {
            assert_eq!(Cli::from([command]).class, class, "{command}");
        }
    }
}
