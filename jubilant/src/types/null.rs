//! `null` where Juju means nothing.

use serde::{Deserialize, Deserializer};

/// Reads `null` as the default value; Juju prints it for unset numbers, lists and maps.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
