//! The `juju` commands. One file per family; [`COMMANDS`] says where each is.

mod actions;
mod bundle;
mod config;
mod deploy;
pub(crate) mod failure;
mod inspect;
mod logs;
mod model_config;
mod models;
mod relations;
mod resources;
mod status;
mod units;

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::args::{self, Args, Flag, refused, switch, value};
use crate::controller::{Controller, Reply};
use crate::model::Model;
use crate::protocol::Request;
use crate::yaml;
use failure::{Failure, fail, misuse, unsupported};

/// What `juju version` says. It stands in for Juju 3.6.
pub(crate) const VERSION: &str = "3.6.0-embedded";
/// The name of the controller, cloud and region.
pub(crate) const CONTROLLER: &str = "embedded";
pub(crate) const CLOUD: &str = "localhost";

/// One command being run.
pub(crate) struct Call<'a> {
    pub(crate) controller: &'a Arc<Controller>,
    pub(crate) request: &'a Request,
    pub(crate) reply: &'a mut Reply,
    pub(crate) args: Args,
}

/// A command: its options and what runs it.
struct Command {
    names: &'static [&'static str],
    flags: &'static [Flag],
    run: fn(&mut Call<'_>) -> Result<i32, Failure>,
    /// Everything after the first positional belongs to another program (`exec`).
    first_ends: bool,
}

const GLOBAL: &[Flag] = &[
    value("model").short('m'),
    value("controller").short('c'),
    value("format"),
    value("output").short('o'),
    value("logging-config"),
    switch("debug"),
    switch("verbose").short('v'),
    switch("quiet").short('q'),
    switch("show-log"),
    switch("no-color"),
    switch("color"),
    switch("no-browser-login").short('B'),
    switch("help").short('h'),
];

const fn command(
    names: &'static [&'static str],
    flags: &'static [Flag],
    run: fn(&mut Call<'_>) -> Result<i32, Failure>,
) -> Command {
    Command { names, flags, run, first_ends: false }
}

const REMOVAL: &[Flag] =
    &[switch("no-prompt"), switch("destroy-storage"), switch("force"), switch("no-wait"), refused("dry-run")];

const DEPLOY: &[Flag] = &[
    value("num-units").short('n'),
    value("config"),
    value("resource"),
    value("base"),
    value("series"),
    value("channel"),
    value("constraints"),
    value("overlay"),
    switch("trust"),
    switch("force"),
    refused("to"),
    refused("storage"),
    refused("attach-storage"),
    refused("bind"),
    refused("revision"),
    refused("device"),
    refused("map-machines"),
    refused("dry-run"),
    refused("profile"),
];

const RUN: &[Flag] = &[
    value("wait"),
    value("params"),
    switch("background"),
    switch("utc"),
    switch("string-args"),
    value("max-wait"),
    value("parallel"),
    value("execution-group"),
];

const EXEC: &[Flag] = &[
    value("unit").short('u'),
    value("application").short('a'),
    value("app"),
    value("machine"),
    switch("all"),
    value("wait"),
    switch("background"),
    switch("utc"),
    switch("operator"),
    value("parallel"),
    value("execution-group"),
];

const STATUS: &[Flag] = &[
    switch("utc"),
    switch("relations"),
    switch("integrations"),
    switch("storage"),
    refused("watch"),
    value("retry-count"),
    value("retry-delay"),
];

const DEBUG_LOG: &[Flag] = &[
    switch("replay"),
    switch("no-tail"),
    switch("tail"),
    switch("utc"),
    switch("date"),
    switch("ms"),
    switch("location"),
    switch("retry"),
    value("lines").short('n'),
    value("limit"),
    value("level").short('l'),
    value("include").short('i'),
    value("exclude").short('x'),
    value("include-module"),
    value("exclude-module"),
    value("include-label"),
    value("exclude-label"),
    value("retry-delay"),
];

#[rustfmt::skip]
const COMMANDS: &[Command] = &[
    command(&["add-model"], &[value("config"), refused("credential"), switch("no-switch"), refused("owner")], models::add),
    command(&["destroy-model"], &[switch("no-prompt"), switch("destroy-storage"), switch("release-storage"), switch("force"), switch("no-wait"), value("timeout").short('t')], models::destroy),
    command(&["models", "list-models"], &[switch("utc"), switch("all"), switch("uuid"), switch("exact-time"), value("user")], models::list),
    command(&["show-model"], &[], models::show),
    command(&["switch"], &[], models::switch_to),
    command(&["controllers", "list-controllers"], &[switch("refresh"), switch("managed")], models::controllers),
    command(&["show-controller"], &[switch("show-password")], models::show_controller),
    command(&["whoami"], &[], models::whoami),
    command(&["clouds", "list-clouds"], &[switch("client"), switch("all")], models::clouds),
    command(&["destroy-controller", "kill-controller"], &[switch("no-prompt"), switch("destroy-all-models"), switch("destroy-storage"), switch("release-storage"), switch("force"), switch("no-wait"), value("timeout").short('t')], models::destroy_controller),
    command(&["version"], &[switch("all")], models::version),
    command(&["model-config"], &[value("file"), value("reset")], model_config::run),
    command(&["deploy"], DEPLOY, deploy::deploy),
    command(&["refresh", "upgrade-charm"], &[value("path"), value("resource"), value("config"), value("base"), switch("force"), switch("force-units"), switch("force-base"), switch("force-series"), switch("trust"), refused("channel"), refused("revision"), refused("switch"), refused("bind"), refused("storage")], deploy::refresh),
    command(&["remove-application"], REMOVAL, units::remove_application),
    command(&["add-unit"], &[value("num-units").short('n'), refused("to"), refused("attach-storage")], units::add),
    command(&["remove-unit"], &[switch("no-prompt"), switch("destroy-storage"), switch("force"), switch("no-wait"), refused("num-units"), refused("dry-run")], units::remove),
    command(&["trust"], &[switch("remove"), value("scope")], config::trust),
    command(&["expose"], &[refused("endpoints"), refused("to-spaces"), refused("to-cidrs")], config::expose),
    command(&["unexpose"], &[refused("endpoints")], config::unexpose),
    command(&["config"], &[value("file"), value("reset")], config::config),
    command(&["integrate", "relate"], &[refused("via")], relations::integrate),
    command(&["remove-relation"], &[switch("force"), switch("no-prompt")], relations::remove),
    command(&["run"], RUN, actions::run),
    Command { names: &["exec"], flags: EXEC, run: actions::exec, first_ends: true },
    command(&["show-task"], &[value("wait"), switch("utc"), switch("watch")], actions::show_task),
    command(&["show-operation"], &[value("wait"), switch("utc"), switch("watch")], actions::show_operation),
    command(&["operations", "list-operations"], &[switch("utc")], actions::operations),
    command(&["actions", "list-actions"], &[switch("schema")], actions::list),
    command(&["show-action"], &[], actions::show),
    command(&["status"], STATUS, status::status),
    command(&["show-unit"], &[switch("app"), value("endpoint"), value("related-unit")], inspect::show_unit),
    command(&["show-application"], &[], inspect::show_application),
    command(&["machines", "list-machines"], &[switch("utc")], inspect::machines),
    command(&["debug-log"], DEBUG_LOG, logs::debug_log),
    command(&["show-status-log"], &[value("days"), value("lines").short('n'), value("type"), value("from-date"), switch("include-status-updates"), switch("utc")], logs::status_log),
    command(&["resolved", "resolve"], &[switch("no-retry"), switch("all")], units::resolved),
    command(&["resources", "list-resources"], &[switch("details")], resources::list),
    command(&["attach-resource"], &[], resources::attach),
];

/// Commands of the real Juju that have no counterpart here.
const REAL: &[&str] = &[
    "add-cloud",
    "add-credential",
    "add-k8s",
    "add-machine",
    "add-secret",
    "add-secret-backend",
    "add-space",
    "add-ssh-key",
    "add-storage",
    "add-unit",
    "add-user",
    "agree",
    "agreements",
    "attach-storage",
    "autoload-credentials",
    "bind",
    "bootstrap",
    "cancel-task",
    "change-user-password",
    "charm-resources",
    "consume",
    "constraints",
    "create-backup",
    "create-storage-pool",
    "credentials",
    "dashboard",
    "debug-code",
    "debug-hook",
    "debug-hooks",
    "default-credential",
    "default-region",
    "detach-storage",
    "diff-bundle",
    "disable-command",
    "disable-user",
    "disabled-commands",
    "documentation",
    "download",
    "download-backup",
    "enable-command",
    "enable-destroy-controller",
    "enable-ha",
    "enable-user",
    "export-bundle",
    "find",
    "find-offers",
    "firewall-rules",
    "grant",
    "grant-cloud",
    "grant-secret",
    "help-action-commands",
    "help-hook-commands",
    "import-filesystem",
    "import-ssh-key",
    "info",
    "list-credentials",
    "list-offers",
    "list-secrets",
    "list-spaces",
    "list-ssh-keys",
    "list-storage",
    "list-storage-pools",
    "list-subnets",
    "list-users",
    "login",
    "logout",
    "metrics",
    "migrate",
    "model-constraints",
    "model-default",
    "model-defaults",
    "model-secret-backend",
    "move-to-space",
    "offer",
    "offers",
    "payloads",
    "regions",
    "register",
    "reload-spaces",
    "remove-cloud",
    "remove-credential",
    "remove-k8s",
    "remove-machine",
    "remove-offer",
    "remove-saas",
    "remove-secret",
    "remove-secret-backend",
    "remove-space",
    "remove-ssh-key",
    "remove-storage",
    "remove-storage-pool",
    "remove-user",
    "rename-space",
    "resume-relation",
    "retry-provisioning",
    "revoke",
    "revoke-cloud",
    "revoke-secret",
    "scale-application",
    "scp",
    "secret-backends",
    "secrets",
    "set-application-base",
    "set-constraints",
    "set-credential",
    "set-default-credentials",
    "set-default-region",
    "set-firewall-rule",
    "set-model-constraints",
    "set-series",
    "show-cloud",
    "show-credential",
    "show-machine",
    "show-offer",
    "show-secret",
    "show-secret-backend",
    "show-space",
    "show-storage",
    "show-user",
    "spaces",
    "ssh",
    "ssh-keys",
    "storage",
    "storage-pools",
    "subnets",
    "suspend-relation",
    "sync-agent-binary",
    "unregister",
    "update-cloud",
    "update-credential",
    "update-k8s",
    "update-public-clouds",
    "update-secret",
    "update-secret-backend",
    "update-storage-pool",
    "upgrade-controller",
    "upgrade-machine",
    "upgrade-model",
    "users",
    "wait-for",
];

/// Runs the command that the request names.
pub(crate) fn run(
    controller: &Arc<Controller>,
    request: &Request,
    reply: &mut Reply,
) -> Result<i32, Failure> {
    let (global, name, rest) = split(&request.args)?;
    let Some(name) = name else {
        return Ok(match global.iter().any(|arg| arg == "--version") {
            true => models::print_version(reply),
            false => help(reply),
        });
    };
    if name == "help" {
        return Ok(help(reply));
    }
    let Some(command) = COMMANDS.iter().find(|command| command.names.contains(&name)) else {
        if REAL.contains(&name) {
            return Err(unsupported(&format!("\"{name}\"")));
        }
        misuse!("juju: \"{name}\" is not a juju command. See \"juju --help\".")
    };
    let args: Vec<String> = global.iter().chain(rest).cloned().collect();
    let args = args::parse(name, &args, &[command.flags, GLOBAL], command.first_ends)?;
    if args.has("help") {
        reply.out(command_help(command));
        return Ok(0);
    }
    (command.run)(&mut Call { controller, request, reply, args })
}

/// Global options before the command's name, the name, and the rest.
fn split(args: &[String]) -> Result<(&[String], Option<&str>, &[String]), Failure> {
    let mut index = 0;
    while let Some(arg) = args.get(index).filter(|arg| arg.starts_with('-')) {
        let takes_value =
            ["-m", "--model", "-c", "--controller", "--format", "-o", "--output", "--logging-config"];
        index += if takes_value.contains(&arg.as_str()) { 2 } else { 1 };
    }
    if index > args.len() {
        misuse!("option needs an argument: {}", args[args.len() - 1]);
    }
    match args[index..].split_first() {
        Some((name, rest)) => Ok((&args[..index], Some(name), rest)),
        None => Ok((args, None, &[])),
    }
}

fn help(reply: &mut Reply) -> i32 {
    let mut text = "This is the embedded Juju: it runs local charms without a controller.\n\n".to_owned();
    text.push_str("Usage: juju <command> [options] [arguments]\n\nCommands:\n");
    for command in COMMANDS {
        text.push_str(&format!("    {}\n", command.names[0]));
    }
    reply.out(text);
    0
}

fn command_help(command: &Command) -> String {
    let mut text = format!("Usage: juju {} [options] [arguments]\n\nOptions:\n", command.names[0]);
    for flag in command.flags.iter().chain(GLOBAL) {
        text.push_str(&format!("    --{}\n", flag.long));
    }
    text
}

impl Call<'_> {
    /// The UUID of the model that the command is for: `--model`, `JUJU_MODEL`, or the one that was switched to.
    fn model(&self) -> Result<String, Failure> {
        let world = self.controller.world();
        let given = self.args.get("model").or(self.request.env.get("JUJU_MODEL").map(String::as_str));
        let Some(given) = given.filter(|name| !name.is_empty()).or(world.settings.current.as_deref()) else {
            fail!("No selected model.\n\nPlease use \"juju switch\" to select a model.\n")
        };
        Ok(find_model(world.models.values(), given)?.uuid.clone())
    }

    /// Looks at that model.
    fn look<T>(&self, get: impl FnOnce(&Model) -> Result<T, Failure>) -> Result<T, Failure> {
        let uuid = self.model()?;
        let world = self.controller.world();
        match world.models.get(&uuid) {
            Some(model) => get(model),
            None => fail!("model not found, it may have been destroyed during this operation"),
        }
    }

    /// Changes that model, on disk too; nothing happens if `change` fails.
    fn update<T>(&self, change: impl FnOnce(&mut Model) -> Result<T, Failure>) -> Result<T, Failure> {
        self.controller.update(&self.model()?, change)
    }

    /// A path given on the command line.
    fn path(&self, text: &str) -> PathBuf {
        self.request.cwd.join(text)
    }

    /// The content of a file given on the command line; `-` is standard input.
    fn read(&self, path: &str) -> Result<String, Failure> {
        match path {
            "-" => Ok(self.request.stdin.clone().unwrap_or_default()),
            path => std::fs::read_to_string(self.path(path))
                .map_err(|error| Failure::new(format!("cannot read {path}: {error}"))),
        }
    }

    /// Prints a value, as `tabular` says or in the format that was asked for.
    fn print(&mut self, value: &Value, tabular: impl FnOnce() -> String) -> Result<i32, Failure> {
        let text = match self.args.get("format").unwrap_or("tabular") {
            "json" => format!("{value}\n"),
            "yaml" => yaml::to_string(value),
            "tabular" | "plain" | "smart" | "short" | "oneline" | "line" | "summary" => tabular(),
            other => misuse!("invalid value \"{other}\" for option --format: unknown format \"{other}\""),
        };
        self.write(text)
    }

    /// Prints to standard output, or into the file that `--output` names.
    fn write(&mut self, text: String) -> Result<i32, Failure> {
        match self.args.get("output") {
            None => self.reply.out(text),
            Some(path) => {
                let path = self.path(path);
                std::fs::write(&path, text)
                    .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?;
            }
        }
        Ok(0)
    }
}

/// Finds a model by `[controller:][user/]name` or UUID.
fn find_model<'a>(mut models: impl Iterator<Item = &'a Model>, given: &str) -> Result<&'a Model, Failure> {
    let (controller, name) = given.split_once(':').unwrap_or((CONTROLLER, given));
    if controller != CONTROLLER {
        fail!("controller {controller} not found");
    }
    let name = name.rsplit_once('/').map_or(name, |(_, name)| name);
    match models.find(|model| model.name == name || model.uuid == name) {
        Some(model) => Ok(model),
        None => fail!("model {CONTROLLER}:admin/{name} not found"),
    }
}

/// Whether a name is fit for an application or a model: it becomes part of paths.
fn is_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let ends = name.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    starts && ends && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Columns of text, two blanks apart.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
