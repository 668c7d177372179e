//! What stands in for the programs that act on the whole machine.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::calls::SHIMS;
use super::craftctl::{COPIED, CRAFTCTL};
use crate::programs::on_path;

/// A directory of programs for the front of `PATH`, and the file in which they note what they did not do.
pub(super) struct Shims {
    pub(super) dir: PathBuf,
    names: Vec<&'static str>,
    notes: PathBuf,
}

impl Shims {
    /// `socket`: where `craftctl` is answered. `contained`: a copy is looked at for links that lead out, by which a script
    /// that stays in its directories would leave them.
    pub(super) fn make(control: &Path, socket: &Path, contained: bool) -> Result<Shims> {
        let mut names = Vec::from(SHIMS);
        names.extend(["sudo", "craftctl"]);
        names.extend(contained.then_some("cp"));
        let shims = Shims { dir: control.join("bin"), names, notes: control.join("skipped") };
        fs::create_dir(&shims.dir).context("cannot make a directory for a script")?;
        fs::write(&shims.notes, "")?;
        let notes = quoted(&shims.notes)?;
        for name in SHIMS {
            shims.write(
                name,
                &format!("printf '%s\\n' \"{name} $*\" >> {notes}\necho \"skipped: {name} $*\" >&2\n"),
            )?;
        }
        // Where the script has set another PATH, the stand-ins go before it here too.
        shims.write("sudo", &format!("PATH={}:$PATH\nexport PATH\n{SUDO}", quoted(&shims.dir)?))?;
        let program = std::env::current_exe().context("cannot find this program")?;
        let call = format!("exec {} {CRAFTCTL} {}", quoted(&program)?, quoted(socket)?);
        shims.write("craftctl", &format!("{call} \"$@\"\n"))?;
        if contained {
            let real = on_path("cp").context("there is no cp on the PATH: install it")?;
            shims.write("cp", &format!("{} \"$@\" || exit\n{call} {COPIED}\n", quoted(&real)?))?;
        }
        Ok(shims)
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.dir.join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}"))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        Ok(())
    }

    /// Makes sure that a script finds them before all others: bash is asked, in the script's own environment.
    pub(super) fn check(&self, bash: &mut Command) -> Result<()> {
        let output = bash
            .args(["-c", "type -P -- \"$@\"", "bash"])
            .args(&self.names)
            .output()
            .context("cannot run bash")?;
        let found = String::from_utf8_lossy(&output.stdout);
        let expected: Vec<PathBuf> = self.names.iter().map(|name| self.dir.join(name)).collect();
        if !found.lines().map(Path::new).eq(expected.iter().map(PathBuf::as_path)) {
            bail!(
                "no script is run: what is to stand in for apt and the like cannot be run from {}; set TMPDIR to a \
                 directory in which programs may be",
                self.dir.display()
            );
        }
        Ok(())
    }

    /// Functions of the same names, which go before every `PATH` that a script sets.
    pub(super) fn functions(&self) -> Result<String> {
        let mut text = String::new();
        for name in &self.names {
            text.push_str(&format!("{name}() {{ {} \"$@\"; }}\n", quoted(&self.dir.join(name))?));
        }
        Ok(text)
    }

    /// What was not done, in its order.
    pub(super) fn skipped(&self) -> Vec<String> {
        let notes = fs::read_to_string(&self.notes).unwrap_or_default();
        notes.lines().map(|line| line.trim_end().to_owned()).collect()
    }
}

/// Runs what it is given, without its options; `env` takes the assignments in front.
const SUDO: &str = r#"while [ $# -gt 0 ]; do
    case "$1" in
        --) shift; break ;;
        -u|-g|-h|-p|-C|-r|-t|-T|-U|-D|-R) shift 2 ;;
        -*) shift ;;
        *) break ;;
    esac
done
[ $# -gt 0 ] || exit 0
exec env "$@"
"#;

/// A path as a word of a shell.
pub(super) fn quoted(path: &Path) -> Result<String> {
    let text: &OsStr = path.as_os_str();
    let text = text.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?;
    Ok(format!("'{}'", text.replace('\'', r"'\''")))
}
