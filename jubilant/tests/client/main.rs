//! The client against a real process, a script that does what a test tells it to.

// In helpers as in tests, a panic is the right answer to a broken set-up.
#![allow(clippy::unwrap_used)]

mod actions;
mod files;
mod logs;
mod observers;
mod process;
mod types;
mod waits;

use std::path::{Path, PathBuf};

use jubilant::Juju;
use tempfile::TempDir;

/// A `juju` that runs these shell lines; `$dir` is a directory of the test's own.
struct Fake {
    dir: TempDir,
    juju: Juju,
}

impl Fake {
    fn new(does: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/client/juju");
        let juju = Juju::new().with_program(program).with_env("dir", dir.path()).with_env("DOES", does);
        Fake { dir, juju }
    }

    /// The same under a path and with a home as a snap has them.
    fn snap(does: &str) -> Self {
        let Fake { dir, juju } = Fake::new(does);
        let bin = dir.path().join("snap/bin");
        std::fs::create_dir_all(&bin).unwrap();
        std::os::unix::fs::symlink(juju.program(), bin.join("juju")).unwrap();
        let juju = juju.with_program(bin.join("juju")).with_env("HOME", dir.path());
        Fake { dir, juju }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A file in the test's directory.
    fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// What the program left in a file.
    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }
}
