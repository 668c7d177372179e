//! The hook tools: what a charm's code calls. They run in the controller, on the context of the calling hook.

mod action;
mod call;
mod format;
mod info;
mod log;
mod network;
mod relation;
mod state;
mod status;

use std::sync::Arc;

use crate::ground::args::{self, Flag, refused, switch, value};
use crate::ground::failure::{Failure, unsupported};
use crate::ground::protocol::Request;
use crate::ground::reply::Reply;
use crate::model::log::Level;
use crate::state::context::HookContext;
use crate::state::world::State;
use call::{Answer, Call};

struct Tool {
    name: &'static str,
    /// Its positional arguments, for the help and to count them.
    takes: &'static str,
    /// Whether it prints a value, in one of the [formats](format::FORMATS).
    prints: bool,
    flags: &'static [Flag],
    run: fn(&Call<'_>) -> Answer,
}

impl Tool {
    fn flags(&self) -> [&'static [Flag]; 3] {
        [self.flags, if self.prints { FORMAT } else { &[] }, COMMON]
    }

    fn formats(&self) -> &'static [&'static str] {
        if self.prints { format::FORMATS } else { &[] }
    }
}

// `--output` would have the controller write a file for a hook that may not.
const FORMAT: &[Flag] = &[value("format"), refused("output").short('o')];
const COMMON: &[Flag] = &[switch("help").short('h')];
/// Juju takes it for old charms' sake, and does nothing with it.
const OLD_FORMAT: Flag = refused("format");
const RELATION: Flag = value("relation").short('r');

#[rustfmt::skip]
const TOOLS: &[Tool] = &[
    Tool { name: "action-fail", takes: "[<message>]", prints: false, flags: &[], run: action::fail },
    Tool { name: "action-get", takes: "[<key>]", prints: true, flags: &[], run: action::get },
    Tool { name: "action-log", takes: "<message>...", prints: false, flags: &[], run: action::log },
    Tool { name: "action-set", takes: "<key>=<value>...", prints: false, flags: &[], run: action::set },
    Tool { name: "application-version-set", takes: "<version>", prints: false, flags: &[], run: info::version_set },
    Tool { name: "close-port", takes: "<port>", prints: false, flags: &[refused("endpoints"), OLD_FORMAT], run: network::close },
    Tool { name: "config-get", takes: "[<key>]", prints: true, flags: &[switch("all").short('a')], run: info::config_get },
    Tool { name: "goal-state", takes: "", prints: true, flags: &[], run: info::goal_state },
    Tool { name: "is-leader", takes: "", prints: true, flags: &[], run: info::is_leader },
    Tool { name: "juju-log", takes: "<message>...", prints: false, flags: &[value("log-level").short('l'), switch("debug"), OLD_FORMAT], run: log::log },
    Tool { name: "network-get", takes: "<binding>", prints: true, flags: &[RELATION, switch("bind-address"), switch("ingress-address"), switch("egress-subnets"), switch("primary-address")], run: network::get },
    Tool { name: "open-port", takes: "<port>", prints: false, flags: &[refused("endpoints"), OLD_FORMAT], run: network::open },
    Tool { name: "opened-ports", takes: "", prints: true, flags: &[switch("endpoints")], run: network::opened },
    Tool { name: "relation-get", takes: "[<key>] [<unit>]", prints: true, flags: &[RELATION, switch("app")], run: relation::get },
    Tool { name: "relation-ids", takes: "[<endpoint>]", prints: true, flags: &[], run: relation::ids },
    Tool { name: "relation-list", takes: "", prints: true, flags: &[RELATION, switch("app")], run: relation::list },
    Tool { name: "relation-model-get", takes: "", prints: true, flags: &[RELATION], run: relation::model_get },
    Tool { name: "relation-set", takes: "[<key>=<value>]...", prints: false, flags: &[RELATION, switch("app"), value("file"), OLD_FORMAT], run: relation::set },
    Tool { name: "resource-get", takes: "<resource>", prints: false, flags: &[], run: info::resource_get },
    Tool { name: "state-delete", takes: "<key>", prints: false, flags: &[], run: state::delete },
    Tool { name: "state-get", takes: "[<key>]", prints: true, flags: &[switch("strict")], run: state::get },
    Tool { name: "state-set", takes: "[<key>=<value>]...", prints: false, flags: &[value("file")], run: state::set },
    Tool { name: "status-get", takes: "", prints: true, flags: &[switch("include-data"), switch("application")], run: status::get },
    Tool { name: "status-set", takes: "<status> [<message>]", prints: false, flags: &[switch("application")], run: status::set },
    Tool { name: "unit-get", takes: "<setting>", prints: true, flags: &[], run: info::unit_get },
];

/// Tools of the real Juju that are refused when called.
const REFUSED: &[&str] = &[
    "credential-get",
    "juju-reboot",
    "leader-get",
    "leader-set",
    "secret-add",
    "secret-get",
    "secret-grant",
    "secret-ids",
    "secret-info-get",
    "secret-remove",
    "secret-revoke",
    "secret-set",
    "storage-add",
    "storage-get",
    "storage-list",
];

/// The names under which the program is linked into the tools directory.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().map(|tool| tool.name).chain(REFUSED.iter().copied())
}

/// Whether the program was called as a hook tool.
pub(crate) fn is_tool(name: &str) -> bool {
    names().any(|known| known == name)
}

/// Runs a tool for the hook whose context this is.
pub(crate) fn run(
    state: &Arc<State>,
    context: &HookContext,
    name: &str,
    request: &Request,
    reply: &mut Reply,
) -> Result<i32, Failure> {
    let Some(tool) = TOOLS.iter().find(|tool| tool.name == name) else {
        let failure = unsupported(name);
        // `ops` 3 does not show what a failed tool printed: without this nobody would see why a charm failed.
        let text = &failure.text;
        state.log(&context.model, |model| model.log(&context.unit, Level::Error, "jubilant.embedded", text));
        return Err(failure);
    };
    let args = args::parse(name, &request.args, &tool.flags(), false)?;
    if args.has("help") {
        reply.out(help(tool));
        return Ok(0);
    }
    args.check(tool.takes, tool.formats())?;
    context.drain(state);
    let call = Call { state, context, request, args };
    let text = (tool.run)(&call)?;
    if !text.is_empty() {
        reply.out(text);
    }
    call.args.ignored().into_iter().for_each(|warning| reply.err(warning));
    Ok(0)
}

fn help(tool: &Tool) -> String {
    let takes = if tool.takes.is_empty() { String::new() } else { format!(" {}", tool.takes) };
    let mut text = format!("Usage: {} [options]{takes}\n\nOptions:\n", tool.name);
    text.extend(tool.flags().into_iter().flatten().map(|flag| flag.help(tool.formats())));
    text
}
