//! The world under one lock: transactions on models, what they leave on disk, and the contexts of running hooks.

pub(crate) mod address;
pub(crate) mod charm_dir;
pub(crate) mod context;
pub(crate) mod journal;
pub(crate) mod lines;
pub(crate) mod output;
pub(crate) mod store;
pub(crate) mod task_files;
pub(crate) mod world;
