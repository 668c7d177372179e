//! Programs that Python parts are built with: what they inherit, and what of their output is shown.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::secrets::hidden;

/// What in the caller's environment would choose another interpreter, another place, or other packages than the
/// charm's files do. Indexes, proxies and certificates pass through.
const NOT_INHERITED: [&str; 31] = [
    "CONDA_PREFIX",
    "PIP_NO_BINARY",
    "PIP_PREFIX",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_TARGET",
    "PIP_USER",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "UV_BREAK_SYSTEM_PACKAGES",
    "UV_COMPILE_BYTECODE",
    "UV_CONSTRAINT",
    "UV_FROZEN",
    "UV_LOCKED",
    "UV_MANAGED_PYTHON",
    "UV_NO_BINARY",
    "UV_NO_BINARY_PACKAGE",
    "UV_NO_DEFAULT_GROUPS",
    "UV_NO_EDITABLE",
    "UV_NO_GROUP",
    "UV_NO_SYNC",
    "UV_OVERRIDE",
    "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
    "UV_PYTHON_DOWNLOADS",
    "UV_PYTHON_PREFERENCE",
    "UV_SYSTEM_PYTHON",
    "UV_WORKING_DIR",
    "UV_WORKING_DIRECTORY",
    "VIRTUAL_ENV",
];

/// What does not change the packages that are installed: where and how quickly.
const INDIFFERENT: [&str; 8] = [
    "PIP_CACHE_DIR",
    "POETRY_CACHE_DIR",
    "UV_CACHE_DIR",
    "UV_CONCURRENT_DOWNLOADS",
    "UV_HTTP_TIMEOUT",
    "UV_LINK_MODE",
    "UV_NO_PROGRESS",
    "UV_RUN_RECURSION_DEPTH",
];

/// What of the caller's choices the packages depend on: variables, such as an index, and the files of uv's settings.
pub(in crate::pack) fn choices() -> (BTreeMap<OsString, OsString>, Vec<PathBuf>) {
    let decides = |name: &str| {
        ["UV_", "PIP_", "POETRY_"].iter().any(|prefix| name.starts_with(prefix))
            && !NOT_INHERITED.contains(&name)
            && !INDIFFERENT.contains(&name)
    };
    let variables = env::vars_os().filter(|(name, _)| name.to_str().is_some_and(decides)).collect();
    let path = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = path("XDG_CONFIG_HOME").or_else(|| Some(path("HOME")?.join(".config")));
    let of_user = config.map(|config| config.join("uv/uv.toml"));
    (variables, of_user.into_iter().chain(["/etc/uv/uv.toml".into()]).chain(path("UV_CONFIG_FILE")).collect())
}

/// A program that inherits nothing that would mislead it. It starts in `/`: a shim of pyenv or asdf looks for a
/// version file in the current directory.
pub(super) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir("/").stdin(Stdio::null());
    for variable in NOT_INHERITED {
        command.env_remove(variable);
    }
    command
}

/// Runs it; what it said is shown only if it failed, and the error names it as `what`.
pub(super) fn run(command: &mut Command, what: &str) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))?;
    if output.status.success() {
        return Ok(());
    }
    // A terminal that is gone must not hide the error.
    let mut stderr = io::stderr().lock();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let _ = stderr.write_all(hidden(&said).as_bytes());
    // uv's words, in which a remedy is not.
    let remedy = if said.contains("Failed to fetch: ") {
        "; packages come from PyPI, or from the index that UV_DEFAULT_INDEX names: mend the network, or name another"
    } else {
        ""
    };
    bail!("{what} failed ({}): see above{remedy}", output.status)
}
