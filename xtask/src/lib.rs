//! Packs charms and runs their integration suites: the library behind a charm repository's `cargo xtask`.
//!
//! A charm repository has a package `xtask` whose whole `src/main.rs` is
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     jubilant_xtask::Project::here().main()
//! }
//! ```
//!
//! and in `.cargo/config.toml`
//!
//! ```toml
//! [alias]
//! xtask = "run --quiet --package xtask --"
//! ```
//!
//! Then `cargo xtask pack` packs the charm, and `cargo xtask integration` packs it if needed, builds the suite with
//! `cargo test --test integration` and becomes it. `cargo xtask sweep` removes models that killed runs left,
//! `cargo xtask report` prints the report of an earlier run again. `cargo xtask help` tells the rest.
//!
//! # Packing
//!
//! `charmcraft pack` does it where it is installed and has a place to build in (LXD, Multipass). Otherwise
//! the *local packer* of this crate does, for charms that are made of `dump`, `rust`, `uv`, `charm`, `poetry` and
//! `python` parts: it builds with this machine's cargo and uv and says in the charm's `manifest.yaml` that it is not
//! charmcraft's work. Such a charm is for testing: a program in it is linked with this machine's C library, and so
//! may need a newer one than the charm's base has. Anything the local packer cannot build as charmcraft would is
//! refused by name.
//!
//! A Python charm finds its interpreter when it runs, and its packages are for one version of it. They are packed
//! for the interpreter that `--python` names, else `JUBILANT_PYTHON`, else `python3` of the `PATH`, asked for the
//! interpreter that it really is; `integration` tells the suite by `JUBILANT_PYTHON`. Packages are wheels wherever there
//! are any, where charmcraft builds from sources, so no compiler is needed. uv is that of the `PATH`, else one that pip
//! gets from PyPI into the user's cache. An edit of code alone starts neither.
//!
//! A part's `override-build` runs in a copy of the part, if it is seen to write nowhere else; `apt`, `snap` and the like
//! are skipped in it. A script that only installs tools is left out, and any other is refused by the line that is
//! foreign in it: `--run-override-build` has it run as it is, on this machine.

mod called;
mod handover;
mod integration;
mod options;
mod pack;
mod programs;
mod project;
mod reports;
mod secrets;
mod shown;
mod workspace;

use std::env;
use std::process::ExitCode;

pub use project::Project;

/// The installed program `jubilant`, also called as `cargo jubilant`: what `cargo xtask` does, without an xtask, for the
/// charm in the current directory.
pub fn main() -> ExitCode {
    let mut args: Vec<_> = env::args_os().skip(1).collect();
    // cargo names the command that it has found a program for.
    if args.first().is_some_and(|arg| arg == "jubilant") {
        args.remove(0);
        called::as_installed("cargo jubilant");
    } else {
        called::as_installed("jubilant");
    }
    Project::here().run_args(args)
}
