//! The charms of each Python plugin, packed by the local packer, on the embedded Juju.
//!
//! A step of its own, because packing them needs PyPI:
//!
//! ```text
//! cargo test -p jubilant-tests --test python
//! ```
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;
use jubilant::prelude::*;

jubilant::main!();

#[juju_test]
#[case("uv", "ops 3")]
#[case("charm", "ops 2")]
#[case("poetry", "ops 2")]
#[case("python", "ops 3")]
fn packs_and_reaches_active(juju: &Juju, #[case] plugin: &str, #[case] ops: &str) -> TestResult {
    let name = format!("py-{plugin}");
    juju.deploy(&pack(plugin)?)?;
    let greets = |whom: &str| app(&name).status("active").message(format!("hello {whom} ({ops})"));
    juju.wait(greets("world").within(minutes(3)).fail_on(any_error()))?;
    juju.set_config(&name, [("name", "moon")])?;
    juju.wait(greets("moon").within(minutes(3)).fail_on(any_error()))?;
    Ok(())
}

/// As `cargo xtask pack` does it.
fn pack(plugin: &str) -> anyhow::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("cargo")
        .args(["run", "--quiet", "--package", "jubilant-xtask", "--", "pack", "--packer", "local"])
        .arg(root.join("charms/python").join(plugin))
        .current_dir(root)
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim_end()))
}
