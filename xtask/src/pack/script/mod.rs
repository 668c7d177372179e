//! `override-build`: the script that a part has in place of its plugin's work.
//!
//! charmcraft runs it in a container of its own. Here it would act on this machine, so what it does is looked at first:
//! a script is run only if it is seen to write in its part's directories alone, or where the user asks for it.

mod arguments;
mod call;
mod calls;
mod classes;
mod copy;
mod craftctl;
mod environment;
mod judge;
mod parse;
#[cfg(test)]
mod random;
mod reader;
mod redirects;
mod run;
mod sed;
mod shims;
mod syntax;
#[cfg(test)]
mod table;
mod tools;
mod values;
mod words;

pub(in crate::pack) use classes::{Class, Script};
pub(in crate::pack) use copy::copy_source;
pub(crate) use craftctl::craftctl;
pub(in crate::pack) use environment::{Directories, Project, passed};
pub(in crate::pack) use run::run;
