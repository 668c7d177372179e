//! `juju integrate` and `juju remove-relation`

use super::call::Call;
use crate::ground::failure::{Failure, misuse};

pub(super) fn integrate(call: &mut Call<'_>) -> Result<i32, Failure> {
    let (one, other) = arguments(call)?;
    call.update(|model| model.integrate(&one, &other))?;
    Ok(0)
}

pub(super) fn remove(call: &mut Call<'_>) -> Result<i32, Failure> {
    let force = call.args.has("force");
    if let [id] = call.args.positionals.as_slice()
        && let Ok(id) = id.parse::<u32>()
    {
        call.update(|model| model.destroy_relation(id, force))?;
        return Ok(0);
    }
    let (one, other) = arguments(call)?;
    call.update(|model| model.disintegrate(&one, &other, force))?;
    Ok(0)
}

fn arguments(call: &Call<'_>) -> Result<(String, String), Failure> {
    match call.args.positionals.as_slice() {
        [one, other] => Ok((one.clone(), other.clone())),
        _ => misuse!("a relation must involve two applications"),
    }
}
