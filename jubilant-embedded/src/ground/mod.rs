//! What everything else stands on: texts of failures, names, durations, files, sockets, YAML as Juju reads it.

pub(crate) mod args;
pub(crate) mod beneath;
pub(crate) mod duration;
pub(crate) mod failure;
pub(crate) mod files;
pub(crate) mod flavour;
pub(crate) mod name;
pub(crate) mod note;
pub(crate) mod paths;
pub(crate) mod protocol;
pub(crate) mod reply;
pub(crate) mod socket;
pub(crate) mod time;
pub(crate) mod yaml;
