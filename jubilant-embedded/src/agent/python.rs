//! Why a packed Python charm does not find its packages.
//!
//! A packed charm brings packages in `venv/lib/python3.N` but no interpreter: its `dispatch` links
//! `venv/bin/python` to the host's `python3`. If that is another version, or a wrapper, all that Python says is
//! `ModuleNotFoundError: No module named 'ops'`.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// What is wrong with a charm's interpreter, as far as its files tell.
pub(super) fn mismatch(charm: &Path) -> Option<String> {
    let venv = charm.join("venv");
    let packed: Vec<String> = fs::read_dir(venv.join("lib"))
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("python3."))
        .collect();
    let python = fs::canonicalize(venv.join("bin/python")).ok()?;
    let found = python.file_name()?.to_str()?;
    if packed.is_empty() || packed.iter().any(|name| name == found) {
        return None;
    }
    let (shown, packed) = (python.display(), packed.join(", "));
    if found.starts_with("python3.") {
        return Some(format!(
            "the charm was packed for {packed}, but {shown} runs it, which does not see its packages: start the \
             embedded Juju with that Python first in PATH, or pack the charm for this one"
        ));
    }
    is_script(&python).then(|| {
        format!(
            "{shown} runs the charm and is a script (pyenv's?) that may start Python without the charm's \
             packages: start the embedded Juju with the directory of a real {packed} first in PATH"
        )
    })
}

fn is_script(path: &Path) -> bool {
    let mut start = [0; 2];
    File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *b"#!"
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A charm packed for `packed` whose interpreter is a file `host` with this content.
    fn charm(packed: &str, host: &str, content: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("venv/lib").join(packed)).unwrap();
        fs::create_dir_all(dir.path().join("venv/bin")).unwrap();
        fs::write(dir.path().join(host), content).unwrap();
        symlink(dir.path().join(host), dir.path().join("venv/bin/python")).unwrap();
        dir
    }

    #[test]
    fn names_both_versions() {
        let dir = charm("python3.12", "python3.11", "\u{7f}ELF");
        let text = mismatch(dir.path()).unwrap();
        assert!(text.contains("packed for python3.12") && text.contains("/python3.11 runs it"), "{text}");
    }

    #[test]
    fn names_a_wrapper_script() {
        let dir = charm("python3.12", "python3", "#!/bin/sh\n");
        assert!(mismatch(dir.path()).unwrap().contains("is a script"));
    }

    #[test]
    fn has_nothing_to_say_about_a_fitting_interpreter() {
        assert_eq!(mismatch(charm("python3.12", "python3.12", "\u{7f}ELF").path()), None);
        assert_eq!(mismatch(charm("python3.12", "python3", "\u{7f}ELF").path()), None);
        assert_eq!(mismatch(tempfile::tempdir().unwrap().path()), None);
    }
}
