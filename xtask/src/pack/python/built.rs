//! Directories that cost minutes to make: kept under a key of all that went into them, and never seen half made.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::process::choices;
use super::sources::sources;
use super::tools::Tools;

/// Raised when the same inputs are to give another directory.
const FORMAT: u32 = 2;

/// A hash of all that a directory is made from.
pub(in crate::pack) struct Key(DefaultHasher);

impl Key {
    pub(in crate::pack) fn new(plugin: &str, tools: &Tools) -> Result<Key> {
        let python = tools.interpreter()?;
        let mut key = Key(DefaultHasher::new());
        key.add("made by", &(FORMAT, env!("CARGO_PKG_VERSION"), plugin));
        key.add("python", &(&python.executable, python.version));
        key.add("uv", &tools.uv().stamp());
        let (variables, settings) = choices();
        key.add("variables", &variables);
        settings.iter().try_for_each(|file| key.add_file(file))?;
        Ok(key)
    }

    pub(in crate::pack) fn add(&mut self, what: &str, value: &impl Hash) {
        (what, value).hash(&mut self.0);
    }

    /// A file's contents, or that it is not there.
    pub(in crate::pack) fn add_file(&mut self, path: &Path) -> Result<()> {
        let bytes = match fs::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            read => Some(read.with_context(|| format!("cannot read {}", path.display()))?),
        };
        (path, bytes).hash(&mut self.0);
        Ok(())
    }

    /// A file, or all sources in a directory.
    pub(in crate::pack) fn add_tree(&mut self, path: &Path) -> Result<()> {
        if !path.is_dir() {
            return self.add_file(path);
        }
        for found in sources(path)? {
            self.add_tree(&found.path)?;
        }
        Ok(())
    }

    fn name(&self) -> String {
        format!("{:016x}", self.0.finish())
    }
}

/// The place of a part's directories, which one process alone packs.
pub(in crate::pack) struct Built<'a> {
    dir: &'a Path,
}

impl Built<'_> {
    /// `dir` is the part's own.
    pub(in crate::pack) fn new(dir: &Path) -> Built<'_> {
        Built { dir }
    }

    /// The directory of this key; without one, `make` fills it. It is given an empty directory and returns which one
    /// below it is the result.
    pub(in crate::pack) fn get(
        &self,
        key: &Key,
        make: impl FnOnce(&Path) -> Result<PathBuf>,
    ) -> Result<PathBuf> {
        let dir = self.dir.join(key.name());
        if dir.is_dir() {
            return Ok(dir);
        }
        let making = || format!("cannot make {}", dir.display());
        fs::create_dir_all(self.dir).with_context(making)?;
        self.remove_others()?;
        let aside = self.dir.join("making");
        fs::create_dir(&aside).with_context(making)?;
        let made = make(&aside).and_then(|result| fs::rename(result, &dir).with_context(making));
        // What went wrong first is what matters.
        let _ = fs::remove_dir_all(&aside);
        made.map(|()| dir)
    }

    /// What was made for another key, or half by a process that was killed.
    fn remove_others(&self) -> Result<()> {
        for entry in fs::read_dir(self.dir)? {
            let path = entry?.path();
            if path.is_dir() {
                fs::remove_dir_all(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    fn key(text: &str) -> Key {
        let mut key = Key(DefaultHasher::new());
        key.add("text", &text);
        key
    }

    #[test]
    fn a_key_is_of_contents_and_places() {
        let dir = tempfile::tempdir().unwrap();
        let name = |file: &str| {
            let mut key = key("");
            key.add_tree(&dir.path().join(file)).unwrap();
            key.name()
        };
        let absent = name("a");
        fs::create_dir_all(dir.path().join("a/__pycache__")).unwrap();
        fs::write(dir.path().join("a/x"), "1").unwrap();
        let one = name("a");
        fs::write(dir.path().join("a/__pycache__/x.pyc"), "x").unwrap();
        fs::write(dir.path().join("a/old.charm"), "x").unwrap();
        assert_eq!(name("a"), one, "what is made of sources is none");
        fs::write(dir.path().join("a/x"), "2").unwrap();
        let two = name("a");
        fs::rename(dir.path().join("a/x"), dir.path().join("a/y")).unwrap();
        let all = [absent, one, two, name("a")];
        assert!((1..4).all(|end| !all[..end].contains(&all[end])), "{all:?}");
        assert_ne!(key("a").name(), key("b").name());
    }

    #[test]
    fn what_is_made_is_kept_and_what_is_half_made_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let built = Built::new(dir.path());
        let make = |text: &'static str| {
            move |aside: &Path| {
                fs::create_dir(aside.join("result"))?;
                fs::write(aside.join("result/x"), text)?;
                Ok(aside.join("result"))
            }
        };
        let failing = |aside: &Path| {
            fs::create_dir(aside.join("result"))?;
            bail!("no network")
        };
        assert!(built.get(&key("a"), failing).is_err());
        // As a killed process leaves it.
        fs::create_dir_all(dir.path().join("making/result")).unwrap();
        let first = built.get(&key("a"), make("1")).unwrap();
        let again = built.get(&key("a"), |_| bail!("it is there")).unwrap();
        assert_eq!((&first, fs::read_to_string(again.join("x")).unwrap()), (&again, "1".into()));
        let other = built.get(&key("b"), make("2")).unwrap();
        assert!(!first.exists() && !dir.path().join("making").exists());
        assert_eq!(fs::read_to_string(other.join("x")).unwrap(), "2");
    }
}
