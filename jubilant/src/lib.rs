//! Charm integration tests with `cargo test`.
#[cfg(any(feature = "harness", feature = "embedded"))]
mod before_main;
#[cfg(feature = "harness")]
#[doc(hidden)]
pub mod harness;
#[cfg(feature = "harness")]
pub mod prelude;
