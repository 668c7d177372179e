//! What a unit's processes give up: writing outside of their unit's directory, and signals to anybody else.

use std::path::Path;

use landlock::{
    ABI, AccessFs, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, Scope,
    path_beneath_rules,
};

const DEVICES: [&str; 8] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
];

/// Confines this process and all that it will start.
///
/// Best effort: a kernel without Landlock confines nothing, one before 6.12 no signals. Signals reach whom *the same*
/// call has confined, and so a unit's processes one another if all of them descend from the caller.
pub(super) fn confine(unit: &Path) -> Result<(), RulesetError> {
    let abi = ABI::V6;
    // Device control is not a write.
    let writes: BitFlags<AccessFs> = AccessFs::from_write(abi) & !BitFlags::from(AccessFs::IoctlDev);
    Ruleset::default()
        .handle_access(writes)?
        .scope(Scope::Signal)?
        .create()?
        .add_rules(path_beneath_rules([unit], writes))?
        .add_rules(path_beneath_rules(DEVICES, AccessFs::WriteFile | AccessFs::Truncate))?
        .restrict_self()?;
    Ok(())
}
