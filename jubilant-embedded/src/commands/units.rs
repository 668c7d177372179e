//! Units and applications: adding, removing, resolving.

use super::failure::{Failure, fail, misuse};
use super::{Call, deploy};
use crate::agent::commit;
use crate::model::time::Timestamp;
use crate::model::{Life, Model};

pub(super) fn add(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("application name")?.to_owned();
    let count: u32 = call.args.number("num-units")?.unwrap_or(1);
    if count == 0 {
        misuse!("--num-units must be a positive integer");
    }
    let addresses: Vec<_> = (0..count).map(|_| call.controller.next_address()).collect();
    call.update(|model| {
        let app = super::config::application(model, &name)?;
        if app.life == Life::Dying {
            fail!("cannot add unit to application \"{name}\": application is not alive");
        }
        for address in addresses {
            deploy::add_unit(model, &name, address);
        }
        Ok(())
    })?;
    call.controller.start_agents();
    Ok(0)
}

pub(super) fn remove(call: &mut Call<'_>) -> Result<i32, Failure> {
    call.args.first("unit")?;
    super::refuse_lone_no_wait(call)?;
    let names = call.args.positionals.clone();
    let force = call.args.has("force");
    call.update(|model| {
        for name in &names {
            let Some(unit) = model.unit_mut(name) else {
                if !name.contains('/') {
                    fail!("\"{name}\" is not a unit name");
                }
                fail!("unit \"{name}\" does not exist (not found)")
            };
            unit.life = Life::Dying;
            unit.agent.forced |= force;
        }
        Ok(())
    })?;
    for name in names {
        call.tell(format!("will remove unit {name}\n"));
    }
    Ok(0)
}

pub(super) fn remove_application(call: &mut Call<'_>) -> Result<i32, Failure> {
    call.args.first("application")?;
    super::refuse_lone_no_wait(call)?;
    let names = call.args.positionals.clone();
    let force = call.args.has("force");
    call.update(|model| {
        for name in &names {
            let app = super::config::application(model, name)?;
            for unit in app.units.values_mut() {
                unit.agent.forced |= force;
            }
        }
        for name in &names {
            model.remove_application(name);
        }
        Ok(())
    })?;
    for name in names {
        call.tell(format!("will remove application {name}\n"));
    }
    Ok(0)
}

pub(super) fn resolved(call: &mut Call<'_>) -> Result<i32, Failure> {
    let all = call.args.has("all");
    let retry = !call.args.has("no-retry");
    if all != call.args.positionals.is_empty() {
        misuse!("specify either unit names or --all");
    }
    let named = call.args.positionals.clone();
    call.update(|model| {
        let in_error =
            |model: &Model, name: &str| model.unit(name).is_some_and(|unit| unit.agent.failure.is_some());
        let names = if all { model.units().map(|unit| unit.name.clone()).collect() } else { named };
        for name in &names {
            if model.unit(name).is_none() {
                fail!("unit \"{name}\" not found (not found)");
            }
            if !in_error(model, name) && !all {
                fail!("unit \"{name}\" is not in an error state");
            }
        }
        for name in names.iter().filter(|name| in_error(model, name)).cloned().collect::<Vec<_>>() {
            resolve(model, &name, retry);
        }
        Ok(())
    })?;
    Ok(0)
}

fn resolve(model: &mut Model, name: &str, retry: bool) {
    let Some(unit) = model.unit_mut(name) else { return };
    if retry {
        if let Some(failure) = &mut unit.agent.failure {
            failure.retry = Some(Timestamp::now());
        }
        return;
    }
    if let Some(hook) = unit.agent.current.clone() {
        commit::skip_failed(model, name, &hook);
    }
}
