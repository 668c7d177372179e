//! The Python that runs a charm's hooks: chosen when the charm is deployed or refreshed, from what the command that does
//! so sees, and put where its hooks find it.

mod ask;
mod charm;
mod choose;
mod equip;
mod version;

pub(crate) use ask::{Surroundings, VARIABLES};
pub(crate) use choose::{Choice, choose};
pub(crate) use equip::{equip, gone};
