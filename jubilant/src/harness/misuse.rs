//! A suite that lacks `harness = false`.

use std::io::Write;

/// What a `#[juju_test]` does as a plain libtest test: it says what is missing, once for all of them, and ends
/// the process.
#[doc(hidden)]
pub fn without_harness() -> ! {
    // Past libtest's capture; whoever comes second waits until the process has ended.
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(
        stderr,
        "error: a #[juju_test] needs `harness = false` under its [[test]] in Cargo.toml, and `jubilant::main!();` in its main.rs"
    );
    std::process::exit(101)
}
