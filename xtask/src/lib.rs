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
//! `cargo xtask report` prints the report of an earlier run again. `cargo xtask help` tells the rest. The program
//! `jubilant`, which `cargo install` makes of this package, does the same for the charm in the current directory: to
//! pack, it needs no Cargo workspace.
//!
//! # Packing
//!
//! `charmcraft pack` does it where it is installed and has a place to build in (LXD, Multipass). Otherwise the *local
//! packer* of this crate does, and says in the charm's `manifest.yaml` that it is not charmcraft's work. Such a charm
//! is for testing: what is compiled in it needs this machine's C library, which may be newer than that of the charm's
//! base. A charm that has not changed is not packed again.
//!
//! ## What the local packer packs
//!
//! Charms with parts of the plugins `uv`, `charm`, `poetry`, `python`, `dump`, `nil` and `rust`, several of them too,
//! with `after`, `source-subdir`, `organize`, `stage`, `prime`, `permissions` and `build-environment` as charmcraft
//! has them; `base` with `platforms` in all shorthands, and the older `bases`; `metadata.yaml`, `config.yaml` and
//! `actions.yaml` as files, as they are, or from `charmcraft.yaml`, which is read as YAML 1.1; vendored libraries in
//! `lib/`; old charms without `charmcraft.yaml`, with a warning.
//!
//! It packs one file: that of the first platform that is for this machine.
//!
//! A Python charm finds its interpreter when it runs, and its packages are for one version of it. They are packed for
//! the interpreter that `--python` names (a path, a program, or a version such as 3.12), else `JUBILANT_PYTHON`, else
//! `python3` of the `PATH`, asked for the interpreter that it really is; `integration` tells the suite by
//! `JUBILANT_PYTHON`. uv is that of the `PATH`, else one that pip gets from PyPI into the user's cache. An edit of code
//! alone starts neither.
//!
//! A part's `override-build` is looked at before it runs:
//!
//! - `craftctl default` alone is the plugin; a script that only installs tools, in a part that has `nil` for a
//!   plugin, is left out.
//! - A script of known commands that are seen to write in the part's directories alone runs in a copy of the part.
//!   `apt`, `snap`, `rustup` and the like are skipped in it, and told.
//! - Any other is refused by the line that is foreign in it. `--run-override-build` has it run as it is, with the
//!   rights of the user: nothing is confined.
//!
//! ## What it refuses
//!
//! Anything that it cannot build as charmcraft would, by the name of the part and the key: other plugins; sources
//! that are not in the repository; `stage-packages`, `stage-snaps`, overlays, `override-pull`, `override-stage` and
//! `override-prime`; `extensions`; `charm-libs` of which no version is in `lib/`; a Python that the project's own
//! files do not allow; links that lead to nothing or out of the charm. What charmcraft refuses is refused too, such
//! as keys that it does not know, but for a missing `uv.lock`, or a missing `charmcraft.yaml`: there is a warning.
//!
//! `build-packages` and `build-snaps` are not installed: they are named if the build fails.
//!
//! ## What differs from charmcraft
//!
//! - Packages are wheels wherever there are any, where charmcraft builds most from sources, so no compiler is needed.
//! - No Python file is compiled in advance.
//! - `dispatch`, where charmcraft writes one, has a text of its own, which does the same.
//! - `manifest.yaml` has `packed-by`, and of a Python charm `python` and `wheels`. `charmcraft-started-at` is there
//!   only if `SOURCE_DATE_EPOCH` is set, so that the same charm is the same bytes whenever it is packed. For the same
//!   reason all files in the archive are of 1980.
//! - The archive is not compressed.
//! - `target/` at the top of a source is left out, if it is cargo's.

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
