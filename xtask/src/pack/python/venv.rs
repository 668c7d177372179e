//! A virtual environment as a charm has it: packages alone, with an interpreter to be linked where it runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::interpreter::Interpreter;
use super::uv::ReadyUv;

/// Whether the programs of packages stay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::pack) enum Bins {
    Keep,
    Drop,
}

/// As a key of a part says it.
pub(in crate::pack) fn bins(keep: bool) -> Bins {
    if keep { Bins::Keep } else { Bins::Drop }
}

/// A virtual environment that is being filled.
pub(in crate::pack) struct Venv<'a> {
    pub(in crate::pack) dir: PathBuf,
    uv: &'a ReadyUv,
    python: &'a Interpreter,
}

impl<'a> Venv<'a> {
    /// An empty one in `dir`, for exactly this interpreter: `pyvenv.cfg` decides whose standard library is used.
    pub(in crate::pack) fn create(
        dir: PathBuf,
        uv: &'a ReadyUv,
        python: &'a Interpreter,
    ) -> Result<Venv<'a>> {
        let parent = dir.parent().unwrap_or(&dir);
        let mut command = uv.command(parent, python);
        command.args(["venv", "--relocatable", "--no-project", "--python"]).arg(&python.executable).arg(&dir);
        uv.run(&mut command)?;
        Ok(Venv { dir, uv, python })
    }

    /// `uv pip install` in `source`, of what `args` name; `prepare` adds to its environment.
    pub(in crate::pack) fn install(
        &self,
        source: &Path,
        args: &[String],
        prepare: impl FnOnce(&mut Command) -> Result<()>,
    ) -> Result<()> {
        let mut command = self.uv.command(source, self.python);
        command.args(["pip", "install", "--python"]).arg(self.dir.join("bin/python")).args(args);
        prepare(&mut command)?;
        self.uv.run(&mut command)
    }

    /// Where the packages are.
    pub(in crate::pack) fn site_packages(&self) -> PathBuf {
        self.dir.join(format!("lib/python{}/site-packages", self.python.series()))
    }

    /// Whether everything that the packages need is there.
    pub(in crate::pack) fn check(&self) -> Result<()> {
        let mut command = self.uv.command(&self.dir, self.python);
        command.args(["pip", "check", "--python"]).arg(self.dir.join("bin/python"));
        self.uv.run(&mut command)
    }

    /// Leaves what belongs into a charm, the same bytes wherever it was made.
    pub(in crate::pack) fn finish(self, bins: Bins) -> Result<()> {
        for entry in fs::read_dir(self.dir.join("bin")).context("uv made no bin/")? {
            let path = entry?.path();
            if !stays(&path.file_name().unwrap_or_default().to_string_lossy(), bins) {
                fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
        for name in ["lib64", ".lock", ".gitignore", "CACHEDIR.TAG"] {
            // Not every version of uv makes all of them.
            let _ = fs::remove_file(self.dir.join(name));
        }
        self.write_config()?;
        tidy(&self.dir)
    }

    /// Without the version of uv, which does not matter where it runs.
    fn write_config(&self) -> Result<()> {
        let home = self.python.executable.parent().unwrap_or(Path::new("/usr/bin"));
        let text = format!(
            "home = {}\nimplementation = CPython\nversion_info = {}\ninclude-system-site-packages = false\n\
             relocatable = true\n",
            home.display(),
            self.python.full()
        );
        fs::write(self.dir.join("pyvenv.cfg"), text).context("cannot write pyvenv.cfg")
    }
}

/// `activate` is portable, its kin for other shells are not; the interpreter is linked where the charm runs.
fn stays(name: &str, bins: Bins) -> bool {
    const KIN: [&str; 4] = ["activate.", "activate_this.py", "deactivate.", "pydoc.bat"];
    let package = !name.starts_with("python") && !KIN.iter().any(|kin| name.starts_with(kin));
    name == "activate" || (bins == Bins::Keep && package)
}

/// Removes, anywhere below, compiled files, and what tells where and when a package was built from this repository.
pub(in crate::pack) fn tidy(dir: &Path) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if !entry.file_type()?.is_dir() {
            continue;
        }
        if name == "__pycache__" {
            fs::remove_dir_all(&path)?;
        } else if name.to_string_lossy().ends_with(".dist-info") {
            forget_place(&path).with_context(|| format!("cannot tidy {}", path.display()))?;
        } else {
            tidy(&path)?;
        }
    }
    Ok(())
}

/// `direct_url.json` of a path has that path, `uv_cache.json` the time; `RECORD` has the hashes of both.
fn forget_place(info: &Path) -> Result<()> {
    let direct = info.join("direct_url.json");
    let mut gone = vec!["uv_cache.json"];
    if fs::read_to_string(&direct).is_ok_and(|text| text.contains("\"file:")) {
        gone.push("direct_url.json");
    }
    for name in &gone {
        // A package from an index has neither.
        let _ = fs::remove_file(info.join(name));
    }
    let record = info.join("RECORD");
    let Ok(text) = fs::read_to_string(&record) else { return Ok(()) };
    let kept = text.lines().filter(|line| {
        let path = line.split(',').next().unwrap_or_default();
        let compiled = path.contains("__pycache__/");
        !compiled && !gone.iter().any(|name| path.ends_with(&format!(".dist-info/{name}")))
    });
    let kept: String = kept.map(|line| format!("{line}\n")).collect();
    fs::write(record, kept)?;
    Ok(())
}
