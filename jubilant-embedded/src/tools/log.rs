//! `juju-log`

use super::call::{Answer, Call};
use crate::ground::failure::misuse;
use crate::model::log::Level;

pub(super) fn log(call: &Call<'_>) -> Answer {
    if call.args.positionals.is_empty() {
        misuse!("no message specified");
    }
    let level = match (call.args.has("debug"), call.args.get("log-level")) {
        (true, _) => Some(Level::Debug),
        (false, Some(text)) => Level::parse(text),
        (false, None) => Some(Level::Info),
    };
    // Juju logs what has a level of its own invention, too.
    let level = level.unwrap_or(Level::Info);
    let module = format!("unit.{}.juju-log", call.context.unit);
    let message = call.args.positionals.join(" ");
    call.state.log(&call.context.model, |model| {
        let prefix = call.context.hook().and_then(|hook| {
            let relation = model.relations.get(&hook.relation()?)?;
            let side = relation.endpoint_of(&call.context.unit.app)?;
            Some(format!("{}:{}: ", side.endpoint.name, relation.id))
        });
        model.log(&call.context.unit, level, &module, format!("{}{message}", prefix.unwrap_or_default()));
    });
    Ok(String::new())
}
