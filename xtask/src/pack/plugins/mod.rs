//! What each plugin puts into its part's install directory.

mod dump;
mod rust;
mod sources;
mod uv;

pub(in crate::pack) use dump::dump;
pub(in crate::pack) use rust::rust;
pub(in crate::pack) use uv::uv;
