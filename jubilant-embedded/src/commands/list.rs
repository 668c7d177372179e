//! All commands with their options.

use super::call::Call;
use super::{
    actions, config, deploy, inspect, logs, model_config, models, own, relations, resources, run, status,
    tasks, units,
};
use crate::ground::args::{Args, Flag, moot, refused, switch, value};
use crate::ground::failure::Failure;
use crate::ground::paths::StateDir;

/// A command: what it takes, and what runs it. What is not said here is refused.
pub(super) struct Command {
    pub(super) names: &'static [&'static str],
    /// Its positional arguments, for the help and to count them: `<application> [<name>]`, `<unit>...`.
    pub(super) takes: &'static str,
    /// What `--format` takes, the default first; nothing if it prints no record.
    pub(super) formats: &'static [&'static str],
    /// What `--model` or `--controller` may name, if anything.
    on: On,
    flags: &'static [Flag],
    pub(super) run: Run,
    /// Everything after the first positional belongs to another program (`exec`).
    pub(super) first_ends: bool,
}

/// What a command is about.
#[derive(Clone, Copy)]
enum On {
    /// A model, which `--model` names.
    Model,
    /// A controller, which `--controller` names.
    Controller,
    /// What its arguments name, or nothing but the client.
    Named,
}

/// Who runs a command.
#[derive(Clone, Copy)]
pub(super) enum Run {
    /// The client by itself, as a real `juju` answers it from its own files.
    Client(ByClient),
    Controller(ByController),
}

/// Returns what the client prints.
pub(super) type ByClient = fn(&StateDir, &Args) -> Result<String, Failure>;
/// Returns the exit code.
pub(super) type ByController = fn(&mut Call<'_>) -> Result<i32, Failure>;

impl Command {
    /// All its options, those of every command included.
    pub(super) fn flags(&self) -> [&'static [Flag]; 4] {
        let on: &[Flag] = match self.on {
            On::Model => MODEL,
            On::Controller => CONTROLLER,
            On::Named => &[],
        };
        [self.flags, if self.formats.is_empty() { &[] } else { FORMAT }, on, COMMON]
    }

    /// A command that prints records, in one of these formats.
    const fn prints(self, formats: &'static [&'static str]) -> Self {
        Self { formats, ..self }
    }

    const fn on(self, on: On) -> Self {
        Self { on, ..self }
    }
}

/// Options of every command, and of `juju` without one.
pub(super) const COMMON: &[Flag] = &[
    value("logging-config"),
    switch("debug"),
    moot("verbose", "all that there is to tell is told").short('v'),
    switch("quiet").short('q'),
    switch("show-log"),
    moot("no-browser-login", "nobody has to log in").short('B'),
    switch("help").short('h'),
];

const MODEL: &[Flag] = &[value("model").short('m')];
const CONTROLLER: &[Flag] = &[value("controller").short('c')];
const FORMAT: &[Flag] = &[
    value("format"),
    value("output").short('o'),
    moot("no-color", "there are no colours"),
    refused("color"),
];

const TABLE: &[&str] = &["tabular", "yaml", "json"];
const RECORD: &[&str] = &["yaml", "json"];
const TASKS: &[&str] = &["plain", "yaml", "json"];

const fn command(
    names: &'static [&'static str],
    takes: &'static str,
    flags: &'static [Flag],
    run: ByController,
) -> Command {
    let run = Run::Controller(run);
    Command { names, takes, formats: &[], on: On::Model, flags, run, first_ends: false }
}

const fn by_client(
    names: &'static [&'static str],
    takes: &'static str,
    flags: &'static [Flag],
    run: ByClient,
) -> Command {
    let run = Run::Client(run);
    Command { names, takes, formats: &[], on: On::Named, flags, run, first_ends: false }
}

/// Every time is shown in UTC.
const UTC: Flag = moot("utc", "all times are in UTC");
const NO_PROMPT: Flag = moot("no-prompt", "nobody is asked");
const DESTROY_STORAGE: Flag = moot("destroy-storage", "there is no storage");
/// The bases that a charm supports, and its LXD profile, are not checked.
const FORCE_CHARM: Flag = moot("force", "what it would skip is not checked");

const REMOVAL: &[Flag] =
    &[NO_PROMPT, DESTROY_STORAGE, switch("force"), switch("no-wait"), refused("dry-run")];

const DESTRUCTION: &[Flag] = &[
    switch("no-prompt"),
    switch("destroy-storage"),
    switch("release-storage"),
    switch("force"),
    switch("no-wait"),
    value("timeout").short('t'),
];

const DESTROY_CONTROLLER: &[Flag] = &[
    switch("no-prompt"),
    moot("destroy-all-models", "they go with it"),
    switch("destroy-storage"),
    switch("release-storage"),
    moot("force", "nothing holds it up"),
    moot("no-wait", "nothing is waited for"),
    value("timeout").short('t'),
];

const DEPLOY: &[Flag] = &[
    value("num-units").short('n'),
    value("config"),
    value("resource"),
    value("base"),
    value("series"),
    value("constraints"),
    value("overlay"),
    switch("trust"),
    FORCE_CHARM,
    refused("channel"),
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

const REFRESH: &[Flag] = &[
    value("path"),
    value("resource"),
    value("config"),
    value("base"),
    switch("trust"),
    switch("force-units"),
    FORCE_CHARM,
    moot("force-base", "the charm's bases are not checked"),
    moot("force-series", "the charm's bases are not checked"),
    refused("channel"),
    refused("revision"),
    refused("switch"),
    refused("bind"),
    refused("storage"),
];

const RUN: &[Flag] = &[
    value("wait"),
    value("params"),
    switch("background"),
    UTC,
    switch("string-args"),
    refused("parallel"),
    refused("execution-group"),
];

const EXEC: &[Flag] = &[
    value("unit").short('u'),
    value("application").short('a'),
    value("app"),
    value("machine"),
    switch("all"),
    value("wait"),
    switch("background"),
    UTC,
    switch("operator"),
    refused("parallel"),
    refused("execution-group"),
];

const STATUS: &[Flag] = &[
    UTC,
    switch("relations"),
    switch("integrations"),
    moot("storage", "there is no storage"),
    refused("watch"),
    value("retry-count"),
    value("retry-delay"),
];

const DEBUG_LOG: &[Flag] = &[
    switch("replay"),
    switch("no-tail"),
    switch("tail"),
    UTC,
    switch("date"),
    switch("ms"),
    value("lines").short('n'),
    value("limit"),
    value("level").short('l'),
    value("include").short('i'),
    value("exclude").short('x'),
    value("include-module"),
    value("exclude-module"),
    refused("include-label"),
    refused("exclude-label"),
    refused("location"),
    refused("retry"),
    refused("retry-delay"),
    refused("color"),
];

const STATUS_LOG: &[Flag] = &[
    value("days"),
    value("lines").short('n'),
    value("type"),
    refused("from-date"),
    moot("include-status-updates", "it has no effect in Juju either"),
    UTC,
];

/// All of them.
#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    command(&["add-model"], "<model> [<cloud>]", &[value("config"), refused("credential"), switch("no-switch"), refused("owner")], models::add).on(On::Controller),
    command(&["destroy-model"], "<model>", DESTRUCTION, models::destroy).on(On::Named),
    command(&["models", "list-models"], "", &[moot("all", "they have one owner"), switch("uuid"), refused("exact-time"), value("user")], models::list).on(On::Controller).prints(TABLE),
    command(&["show-model"], "[<model>]", &[], models::show).on(On::Named).prints(RECORD),
    command(&["switch"], "[<model>]", &[], models::switch_to).on(On::Named),
    by_client(&["controllers", "list-controllers"], "", &[moot("refresh", "it is always fresh")], own::controllers).prints(TABLE),
    by_client(&["show-controller"], "[<controller>]", &[refused("show-password")], own::show_controller).prints(RECORD),
    by_client(&["whoami"], "", &[], own::whoami).on(On::Controller).prints(TABLE),
    by_client(&["clouds", "list-clouds"], "", &[moot("client", "there is one cloud"), moot("all", "there is one cloud")], own::clouds).on(On::Controller).prints(TABLE),
    command(&["destroy-controller", "kill-controller"], "<controller>", DESTROY_CONTROLLER, models::destroy_controller).on(On::Named),
    by_client(&["version"], "", &[switch("all")], own::version).prints(&["smart", "yaml", "json"]),
    command(&["model-config"], "[<key>[=<value>]]...", &[value("file"), value("reset")], model_config::run).prints(TABLE),
    command(&["model-constraints"], "", &[], model_config::constraints).prints(&["constraints", "yaml", "json"]),
    command(&["set-model-constraints"], "<constraint>=<value>...", &[], model_config::set_constraints),
    command(&["deploy"], "<charm-or-bundle> [<application>]", DEPLOY, deploy::deploy),
    command(&["refresh", "upgrade-charm"], "<application>", REFRESH, deploy::refresh),
    command(&["remove-application"], "<application>...", REMOVAL, units::remove_application),
    command(&["add-unit"], "<application>", &[value("num-units").short('n'), refused("to"), refused("attach-storage")], units::add),
    command(&["remove-unit"], "<unit>...", &[NO_PROMPT, DESTROY_STORAGE, switch("force"), switch("no-wait"), refused("num-units"), refused("dry-run")], units::remove),
    command(&["trust"], "<application>", &[switch("remove"), value("scope")], config::trust),
    command(&["expose"], "<application>", &[refused("endpoints"), refused("to-spaces"), refused("to-cidrs")], config::expose),
    command(&["unexpose"], "<application>", &[refused("endpoints")], config::unexpose),
    command(&["config"], "<application> [<key>[=<value>]]...", &[value("file"), value("reset")], config::config).prints(RECORD),
    command(&["integrate", "relate"], "<application>[:<endpoint>] <application>[:<endpoint>]", &[refused("via")], relations::integrate),
    command(&["remove-relation"], "<application>[:<endpoint>] <application>[:<endpoint>]", &[switch("force"), NO_PROMPT], relations::remove),
    command(&["run"], "<unit>... <action> [<key>=<value>]...", RUN, run::run).prints(TASKS),
    Command { first_ends: true, ..command(&["exec"], "<command>...", EXEC, run::exec).prints(TASKS) },
    command(&["show-task"], "<task>", &[value("wait"), UTC, switch("watch")], tasks::show_task).prints(&["yaml", "json", "plain"]),
    command(&["show-operation"], "<operation>", &[value("wait"), UTC, switch("watch")], tasks::show_operation).prints(RECORD),
    command(&["operations", "list-operations"], "", &[UTC], tasks::operations).prints(TASKS),
    command(&["actions", "list-actions"], "<application>", &[switch("schema")], actions::list).prints(&["default", "tabular", "yaml", "json"]),
    command(&["show-action"], "<application> <action>", &[], actions::show),
    command(&["status"], "[<selector>]...", STATUS, status::status).prints(&["tabular", "yaml", "json", "short", "oneline", "line", "summary"]),
    command(&["show-unit"], "<unit>...", &[switch("app"), value("endpoint"), refused("related-unit")], inspect::show_unit).prints(RECORD),
    command(&["show-application"], "<application>...", &[], inspect::show_application).prints(RECORD),
    command(&["machines", "list-machines"], "", &[UTC], inspect::machines).prints(TABLE),
    command(&["debug-log"], "", DEBUG_LOG, logs::debug_log),
    command(&["show-status-log"], "<unit>", STATUS_LOG, logs::status_log).prints(TABLE),
    command(&["resolved", "resolve"], "[<unit>]...", &[switch("no-retry"), switch("all")], units::resolved),
    command(&["resources", "list-resources"], "<application>", &[refused("details")], resources::list).prints(TABLE),
    command(&["attach-resource"], "<application> <name>=<file>", &[], resources::attach),
];
