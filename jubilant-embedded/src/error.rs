use std::io;
use std::path::PathBuf;

/// Why the embedded Juju could not be installed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The embedded Juju reads `/proc` and so runs on Linux only.
    #[error("the embedded Juju needs Linux: use a real controller (`--backend juju`) on this system")]
    NeedsLinux,
    /// Neither `JUBILANT_EMBEDDED_DIR`, `XDG_STATE_HOME` nor `HOME` is set.
    #[error("no place for the embedded Juju's state: set JUBILANT_EMBEDDED_DIR or HOME")]
    NoStateDir,
    /// A file of the installation could not be written.
    #[error("cannot install the embedded Juju: {}: {source}", path.display())]
    Install {
        /// The file or directory in question.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
