//! Units and applications: adding, removing, resolving.

use super::call::Call;
use crate::ground::failure::{Failure, fail, misuse};
use crate::ground::name::UnitName;

pub(super) fn add(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("application name")?.to_owned();
    let count: u32 = call.args.number("num-units")?.unwrap_or(1);
    if count == 0 {
        misuse!("--num-units must be a positive integer");
    }
    let addresses: Vec<_> = (0..count).map(|_| call.state.next_address()).collect();
    call.update(|model| {
        model.check_new_units(&name)?;
        addresses.into_iter().for_each(|address| model.add_unit(&name, address));
        Ok(())
    })?;
    Ok(0)
}

/// All of the units are removed, or none.
pub(super) fn remove(call: &mut Call<'_>) -> Result<i32, Failure> {
    call.args.first("unit")?;
    call.refuse_lone_no_wait()?;
    let names = call.args.positionals.clone();
    let force = call.args.has("force");
    call.update(|model| {
        for name in &names {
            if !name.contains('/') {
                fail!("\"{name}\" is not a unit name");
            }
            if !name.parse().is_ok_and(|name| model.destroy_unit(&name, force)) {
                fail!("unit \"{name}\" does not exist (not found)")
            }
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
    call.refuse_lone_no_wait()?;
    let names = call.args.positionals.clone();
    let force = call.args.has("force");
    call.update(|model| {
        names.iter().try_for_each(|name| model.application(name).map(drop))?;
        names.iter().for_each(|name| model.destroy_application(name, force));
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
        let mut names: Vec<UnitName> =
            model.units.keys().filter(|name| model.is_in_error(name)).cloned().collect();
        if !all {
            names.clear();
            for text in &named {
                match model.unit_named(text) {
                    Some(unit) => names.push(unit.name.clone()),
                    None => fail!("unit \"{text}\" not found (not found)"),
                }
            }
            names.sort();
            names.dedup();
        }
        names.iter().try_for_each(|name| model.resolve(name, retry))
    })?;
    Ok(0)
}
