//! `action-get`, `-set`, `-fail`, `-log`

use serde_json::{Map, Value};

use super::call::{Answer, Call};
use crate::ground::failure::{Failure, fail as fails, misuse};
use crate::ground::time::Timestamp;
use crate::model::task::set_nested;
use crate::state::context::What;
use crate::state::task_files::TaskFiles;

fn params<'a>(call: &'a Call<'_>) -> Result<&'a Map<String, Value>, Failure> {
    match &call.context.what {
        What::Action { params, .. } => Ok(params),
        _ => fails!("not running an action"),
    }
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    let params = params(call)?;
    let Some(key) = call.args.positionals.first() else { return call.print(&params.clone().into()) };
    let mut value = &Value::Object(params.clone());
    for part in key.split('.') {
        value = value.get(part).unwrap_or(&Value::Null);
    }
    call.print(value)
}

pub(super) fn set(call: &Call<'_>) -> Answer {
    params(call)?;
    let mut pairs = Vec::new();
    for pair in &call.args.positionals {
        let Some((key, value)) = pair.split_once('=') else {
            misuse!("argument \"{pair}\" must be of the form key...=value")
        };
        let valid = |part: &str| {
            let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            part.starts_with(alphanumeric)
                && part.ends_with(alphanumeric)
                && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        if let Some(part) = key.split('.').find(|part| !valid(part)) {
            misuse!(
                "key \"{part}\" must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric, hyphens and periods"
            );
        }
        if ["stdout", "stderr", "return-code", "stdout-encoding", "stderr-encoding"].contains(&key) {
            fails!("cannot set reserved action key \"{key}\"");
        }
        pairs.push((key, value));
    }
    let mut state = call.context.progress();
    for (key, value) in pairs {
        set_nested(&mut state.results, key, value.into());
    }
    Ok(String::new())
}

pub(super) fn fail(call: &Call<'_>) -> Answer {
    params(call)?;
    let message = match call.args.positionals.first().filter(|message| !message.is_empty()) {
        Some(message) => message.clone(),
        None => "action failed without reason given, check action for errors".into(),
    };
    call.context.progress().failed = Some(message);
    Ok(String::new())
}

pub(super) fn log(call: &Call<'_>) -> Answer {
    params(call)?;
    if call.args.positionals.is_empty() {
        misuse!("no message specified");
    }
    let message = call.args.positionals.join(" ");
    if let Some(id) = call.context.task() {
        let files = TaskFiles::new(call.state.dir.model(&call.context.model).task(id));
        files.add_to_log(Timestamp::now(), &message)?;
    }
    Ok(String::new())
}
