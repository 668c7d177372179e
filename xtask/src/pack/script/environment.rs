//! The variables that craft sets for a script, and what of the user's own it sees.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::pack::platform::host_architecture;

/// The directories of a part. Their paths are of plain characters: scripts seldom quote.
#[derive(Debug, Clone)]
pub(in crate::pack) struct Directories {
    pub(in crate::pack) src: PathBuf,
    pub(in crate::pack) build: PathBuf,
    pub(in crate::pack) install: PathBuf,
    /// Where the script runs: the build directory, or `source-subdir` in it.
    pub(in crate::pack) work: PathBuf,
}

/// What the scripts of a charm are told of it.
#[derive(Debug, Clone)]
pub(in crate::pack) struct Project {
    pub(in crate::pack) name: String,
    /// The charm's own directory, which a script may read.
    pub(in crate::pack) dir: PathBuf,
    /// The platform's name, as in `charmcraft.yaml`.
    pub(in crate::pack) platform: String,
    /// What `adopt-info` names: the part that may set the version.
    pub(in crate::pack) adopts: Option<String>,
    /// `stage` and `prime` are directories in it.
    pub(in crate::pack) root: PathBuf,
}

/// Variables of the user's that a script sees, besides those that begin with one of `PREFIXES`.
const PASSED: [&str; 17] = [
    "USER",
    "LOGNAME",
    "TERM",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "CARGO",
];
const PREFIXES: [&str; 2] = ["UV_", "PIP_"];

/// The environment of a script, but for its part's `build-environment`, which the shell expands.
pub(super) fn environment(
    part: &str,
    project: &Project,
    directories: &Directories,
    home: &Path,
    shims: &Path,
) -> Result<Vec<(OsString, OsString)>> {
    let mut all: Vec<(OsString, OsString)> = passed().collect();
    let mut set = |name: &str, value: OsString| all.push((name.into(), value));
    set("PATH", path(shims)?);
    set("HOME", home.into());
    set("LC_ALL", "C.UTF-8".into());
    set("DEBIAN_FRONTEND", "noninteractive".into());
    // What tells of a repository must not write to it, nor to a terminal.
    set("GIT_OPTIONAL_LOCKS", "0".into());
    set("GIT_PAGER", "cat".into());
    set("GIT_TERMINAL_PROMPT", "0".into());
    // The copy is no part of a repository that happens to be around it.
    set("GIT_CEILING_DIRECTORIES", directories.build.parent().unwrap_or(&directories.build).into());
    // Caches and toolchains are looked for at home, which is another one here.
    for (name, below) in [("UV_CACHE_DIR", ".cache/uv"), ("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")]
    {
        match (env::var_os(name), env::var_os("HOME")) {
            (Some(value), _) => set(name, value),
            (None, Some(home)) => set(name, Path::new(&home).join(below).into()),
            (None, None) => {}
        }
    }
    for (name, value) in craft(part, project, directories)? {
        set(name, value);
    }
    Ok(all)
}

/// What of the user's variables a script sees.
pub(in crate::pack) fn passed() -> impl Iterator<Item = (OsString, OsString)> {
    env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy();
        PASSED.contains(&&*name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    })
}

fn craft(part: &str, project: &Project, directories: &Directories) -> Result<Vec<(&'static str, OsString)>> {
    let architecture = host_architecture().unwrap_or(env::consts::ARCH);
    let triplet = match architecture {
        "ppc64el" => "powerpc64le-linux-gnu".to_owned(),
        _ => format!("{}-linux-gnu", env::consts::ARCH),
    };
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let names = [part, &project.name, &project.platform];
    let is_name =
        |name: &&str| !name.is_empty() && is_plain(name) && !name.contains('/') && !name.starts_with('.');
    if let Some(name) = names.iter().find(|name| !is_name(name)) {
        bail!("part `{part}`: its script cannot be told the name {name:?}: use letters, digits, `-` and `_`");
    }
    let texts = [
        ("CRAFT_PART_NAME", part.to_owned()),
        ("CRAFT_PROJECT_NAME", project.name.clone()),
        ("CRAFT_PLATFORM", project.platform.clone()),
        ("CRAFT_ARCH_BUILD_ON", architecture.into()),
        ("CRAFT_ARCH_BUILD_FOR", architecture.into()),
        ("CRAFT_TARGET_ARCH", architecture.into()),
        ("CRAFT_ARCH_TRIPLET", triplet.clone()),
        ("CRAFT_ARCH_TRIPLET_BUILD_ON", triplet.clone()),
        ("CRAFT_ARCH_TRIPLET_BUILD_FOR", triplet),
        ("CRAFT_PARALLEL_BUILD_COUNT", count.to_string()),
    ];
    let paths = [
        ("CRAFT_PART_SRC", directories.src.clone()),
        ("CRAFT_PART_BUILD", directories.build.clone()),
        ("CRAFT_PART_BUILD_WORK", directories.work.clone()),
        ("CRAFT_PART_INSTALL", directories.install.clone()),
        ("CRAFT_PROJECT_DIR", project.dir.clone()),
        ("CRAFT_STAGE", project.root.join("stage")),
        ("CRAFT_PRIME", project.root.join("prime")),
    ];
    let texts = texts.into_iter().map(|(name, text)| (name, text.into()));
    Ok(texts.chain(paths.into_iter().map(|(name, path)| (name, path.into()))).collect())
}

/// Whether a shell leaves the text as it is, also without quotes.
pub(super) fn is_plain(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+@:,=".contains(c))
}

/// The user's `PATH` behind the stand-ins; what is relative in it would be looked for in the part.
fn path(shims: &Path) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    let rest = env::split_paths(&path).filter(|dir| dir.is_absolute());
    Ok(env::join_paths([shims.to_owned()].into_iter().chain(rest))?)
}
