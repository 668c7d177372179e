//! The example suite: one module per section of the charm author's how-to.
//!
//! `cargo xtask integration` packs the charms and runs it; each module gets a model of its own.
#![forbid(unsafe_code)]

mod action;
mod blocks_and_recovers;
mod cli;
mod deploy;
mod http;
mod relation;
mod resources;
mod scaling;
mod several_models;

jubilant::main!();
