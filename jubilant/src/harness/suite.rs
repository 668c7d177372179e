//! This executable: where cargo has built it, and how it is called.

use std::path::{Path, PathBuf};

/// Cargo's target directory: the executable is `<target>/<profile>/deps/<name>`.
pub(crate) fn target_directory() -> PathBuf {
    let exe = std::env::current_exe().unwrap_or_default();
    let deps = exe.parent().filter(|directory| directory.ends_with("deps"));
    deps.and_then(Path::parent).and_then(Path::parent).map_or_else(|| PathBuf::from("target"), Path::to_owned)
}

/// The command that runs this suite again, as cargo was most likely called.
pub(crate) fn command() -> String {
    let exe = std::env::current_exe().unwrap_or_default();
    let name = exe.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    // Cargo names a test executable `<target>-<hash>`.
    let target = name.rsplit_once('-').map_or(name.as_str(), |(target, _)| target);
    format!("cargo test --test {target} --")
}

/// nextest runs a process per line and sorts by name: a module per line keeps one process, one model and the
/// order written for each module.
pub(crate) fn under_nextest() -> bool {
    std::env::var_os("NEXTEST").is_some()
}
