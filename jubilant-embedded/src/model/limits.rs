//! How large a charm may be. Nothing changes these limits; the crate's documentation names them.

/// What all files of an unpacked charm hold together: 1 GiB.
pub(crate) const UNPACKED: u64 = 1 << 30;
/// How many files, links and directories a charm has.
pub(crate) const FILES: u64 = 100_000;
/// Each of the files that are read whole: [`READ_WHOLE`].
pub(crate) const METADATA: u64 = 4 << 20;
/// What is read of an archive to learn which files it holds: enough for [`FILES`] of them.
pub(crate) const DIRECTORY: u64 = 32 << 20;

/// The files that say what a charm is.
pub(crate) const READ_WHOLE: [&str; 5] =
    ["metadata.yaml", "config.yaml", "actions.yaml", "manifest.yaml", "version"];

/// Why a charm is refused that holds more bytes than [`UNPACKED`].
pub(crate) const TOO_LARGE: &str = "its files hold more than 1 GiB, and the embedded Juju takes no more: leave out what the charm does not need";
/// Why a charm is refused that has more files than [`FILES`].
pub(crate) const TOO_MANY: &str = "it has more than 100,000 files and directories, and the embedded Juju takes no more: \
     leave out what the charm does not need";

/// Why an archive is refused whose list of files is longer than [`DIRECTORY`].
pub(crate) const LONG_LIST: &str =
    "its archive's list of files is longer than 32 MiB, and the embedded Juju takes no longer one";

/// Why a file is refused that holds more than [`METADATA`].
pub(crate) fn too_large(file: &str) -> String {
    format!("its {file} holds more than 4 MiB, and the embedded Juju takes no more")
}
