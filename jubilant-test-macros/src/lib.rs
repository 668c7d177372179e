//! The attribute macros of `jubilant`.
