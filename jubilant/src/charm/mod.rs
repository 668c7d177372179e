//! The charm under test: where it is, what it is called, which resources it wants.

mod archive;
mod find;
mod packed;
mod project;

pub use packed::Charm;
