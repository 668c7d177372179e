//! `dump`: the source tree as it is.

use anyhow::Result;

use super::super::files::Files;
use super::super::part::Part;
use super::super::source;

/// Every file of the source directory.
pub(in crate::pack) fn dump(part: &Part) -> Result<Files> {
    Ok(source::in_subdir(part, source::files(part)?))
}
