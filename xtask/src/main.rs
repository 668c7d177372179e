//! This repository's `cargo xtask`.

use std::process::ExitCode;

fn main() -> ExitCode {
    jubilant_xtask::Project::here()
        .charm("tests/charms/web")
        .charm("tests/charms/db")
        .package("jubilant-tests")
        .main()
}
