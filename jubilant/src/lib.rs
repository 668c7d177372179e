//! Charm integration tests with `cargo test`.
