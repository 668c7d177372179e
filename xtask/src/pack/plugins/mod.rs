//! What each plugin puts into its part's install directory.

mod charm;
mod dump;
mod poetry;
mod project_files;
mod python;
mod requirements;
mod rust;
mod sources;
mod uv;

pub(in crate::pack) use charm::charm;
pub(in crate::pack) use dump::dump;
pub(in crate::pack) use poetry::poetry;
pub(in crate::pack) use python::python;
pub(in crate::pack) use rust::rust;
pub(in crate::pack) use uv::uv;
