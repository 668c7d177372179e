//! The hook tools: what a charm's code calls. They run in the controller, on the context of the calling hook.

mod action;
mod format;
mod info;
mod log;
mod network;
mod relation;
mod state;
mod status;

use std::sync::Arc;

use crate::agent::context::HookContext;
use crate::args::{self, Args, Flag, refused, switch, value};
use crate::commands::failure::{Failure, fail, unsupported};
use crate::controller::{Controller, Reply};
use crate::model::Model;
use crate::model::log::Level;
use crate::model::unit::Unit;
use crate::protocol::Request;

/// A tool call.
pub(crate) struct Call<'a> {
    pub(crate) controller: &'a Arc<Controller>,
    pub(crate) context: &'a HookContext,
    pub(crate) request: &'a Request,
    pub(crate) args: Args,
}

/// What a tool prints.
type Answer = Result<String, Failure>;

struct Tool {
    name: &'static str,
    flags: &'static [Flag],
    run: fn(&Call<'_>) -> Answer,
}

// `--output` would have the controller write a file for a hook that may not.
const FORMAT: &[Flag] = &[value("format"), refused("output").short('o'), switch("help").short('h')];
const RELATION: Flag = value("relation").short('r');

#[rustfmt::skip]
const TOOLS: &[Tool] = &[
    Tool { name: "action-fail", flags: &[], run: action::fail },
    Tool { name: "action-get", flags: &[], run: action::get },
    Tool { name: "action-log", flags: &[], run: action::log },
    Tool { name: "action-set", flags: &[], run: action::set },
    Tool { name: "application-version-set", flags: &[], run: info::version_set },
    Tool { name: "close-port", flags: &[refused("endpoints")], run: network::close },
    Tool { name: "config-get", flags: &[switch("all").short('a')], run: info::config_get },
    Tool { name: "goal-state", flags: &[], run: info::goal_state },
    Tool { name: "is-leader", flags: &[], run: info::is_leader },
    Tool { name: "juju-log", flags: &[value("log-level").short('l'), switch("debug")], run: log::log },
    Tool { name: "network-get", flags: &[RELATION, switch("bind-address"), switch("ingress-address"), switch("egress-subnets"), switch("primary-address")], run: network::get },
    Tool { name: "open-port", flags: &[refused("endpoints")], run: network::open },
    Tool { name: "opened-ports", flags: &[switch("endpoints")], run: network::opened },
    Tool { name: "relation-get", flags: &[RELATION, switch("app")], run: relation::get },
    Tool { name: "relation-ids", flags: &[], run: relation::ids },
    Tool { name: "relation-list", flags: &[RELATION, switch("app")], run: relation::list },
    Tool { name: "relation-model-get", flags: &[RELATION], run: relation::model_get },
    Tool { name: "relation-set", flags: &[RELATION, switch("app"), value("file")], run: relation::set },
    Tool { name: "resource-get", flags: &[], run: info::resource_get },
    Tool { name: "state-delete", flags: &[], run: state::delete },
    Tool { name: "state-get", flags: &[switch("strict")], run: state::get },
    Tool { name: "state-set", flags: &[value("file")], run: state::set },
    Tool { name: "status-get", flags: &[switch("include-data"), switch("application")], run: status::get },
    Tool { name: "status-set", flags: &[switch("application")], run: status::set },
    Tool { name: "unit-get", flags: &[], run: info::unit_get },
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

/// Runs a tool for a hook.
pub(crate) fn run(
    controller: &Arc<Controller>,
    name: &str,
    context: &str,
    request: &Request,
    reply: &mut Reply,
) -> Result<i32, Failure> {
    let Some(context) = controller.context(context) else {
        fail!("the hook that called {name} has ended: tools work only while it runs")
    };
    let Some(tool) = TOOLS.iter().find(|tool| tool.name == name) else {
        let failure = unsupported(name);
        // `ops` 3 does not show what a failed tool printed: without this nobody would see why a charm failed.
        let text = &failure.text;
        context.log(controller, |model, tag| model.log(tag, Level::Error, "jubilant.embedded", text));
        return Err(failure);
    };
    let args = args::parse(name, &request.args, &[tool.flags, FORMAT], false)?;
    if args.has("help") {
        reply.out(help(tool));
        return Ok(0);
    }
    context.drain(controller, false);
    let text = (tool.run)(&Call { controller, context: &context, request, args })?;
    if !text.is_empty() {
        reply.out(text);
    }
    Ok(0)
}

fn help(tool: &Tool) -> String {
    let mut text = format!("Usage: {} [options] [arguments]\n\nOptions:\n", tool.name);
    for flag in tool.flags.iter().chain(FORMAT) {
        text.push_str(&format!("  --{}\n", flag.long));
    }
    text
}

impl Call<'_> {
    /// Looks at the model and the calling unit.
    fn look<T>(&self, get: impl FnOnce(&Model, &Unit) -> Result<T, Failure>) -> Result<T, Failure> {
        let world = self.controller.world();
        let model = world.models.get(&self.context.model);
        match model.and_then(|model| Some((model, model.unit(&self.context.unit)?))) {
            Some((model, unit)) => get(model, unit),
            None => fail!("unit \"{}\" not found", self.context.unit),
        }
    }

    fn is_leader(&self) -> Result<bool, Failure> {
        self.look(|model, unit| Ok(model.is_leader(&unit.name)))
    }

    fn print(&self, value: &serde_json::Value) -> Answer {
        format::format(self.args.get("format").unwrap_or("smart"), value)
    }
}
