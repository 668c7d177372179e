//! This repository's `cargo xtask`, and, installed, a packer for a charm without a Cargo workspace.

use std::env;
use std::process::ExitCode;

use jubilant_xtask::Project;

fn main() -> ExitCode {
    // cargo did not start it: it is somewhere else, and the charm is that of the current directory.
    if env::var_os("CARGO_MANIFEST_DIR").is_none() {
        return Project::here().main();
    }
    Project::here().charm("tests/charms/web").charm("tests/charms/db").package("jubilant-tests").main()
}
