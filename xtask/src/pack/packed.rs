//! The packed charms that are there: which are up to date, and which is the one for this machine.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use super::charm::Charm;
use super::{archive, platform};

/// A file `<name>_<platform>.charm` in the charm's directory.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Packed {
    pub(super) path: PathBuf,
    pub(super) modified: SystemTime,
    inode: u64,
    size: u64,
}

/// charmcraft's own file, if no source is newer. The local packer needs no such look: it compares contents.
pub(super) fn up_to_date(charm: &Charm) -> Result<Option<PathBuf>> {
    let mut current = all(charm)?;
    if current.is_empty() {
        return Ok(None);
    }
    let newest = newest_source(&charm.dir)?;
    // An empty one is what a full disk left.
    current.retain(|packed| newest <= packed.modified && packed.size > 0 && !archive::is_local(&packed.path));
    if current.is_empty() { Ok(None) } else { for_this_machine(charm, current).map(Some) }
}

/// The packed charms in the charm's directory. What a packer is still writing begins with a dot.
pub(super) fn all(charm: &Charm) -> Result<Vec<Packed>> {
    let prefix = format!("{}_", charm.name()?);
    let mut found = Vec::new();
    for entry in fs::read_dir(&charm.dir).with_context(|| format!("cannot read {}", charm.dir.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&prefix) && name.ends_with(".charm") {
            let data = entry.metadata()?;
            let (path, inode, size) = (entry.path(), data.ino(), data.len());
            found.push(Packed { path, modified: data.modified()?, inode, size });
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// The one of several files that is for this machine's architecture and system.
pub(super) fn for_this_machine(charm: &Charm, packed: Vec<Packed>) -> Result<PathBuf> {
    let names: Vec<&str> = packed.iter().map(|packed| file_name(&packed.path)).collect();
    let host =
        Host { architecture: platform::host_architecture().unwrap_or_default().into(), system: system() };
    match host.only_fitting(&names) {
        Some(index) => Ok(packed[index].path.clone()),
        None => bail!(
            "there are several files of charm {0} that this machine could run: {1}; have one packed, such as by \
             --charmcraft-args \"--platform NAME\", and remove the others, or set CHARM_PATH to the one to test",
            charm.name()?,
            names.join(", ")
        ),
    }
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// What a file's name is compared with.
struct Host {
    architecture: String,
    /// Such as `ubuntu` and `24.04`.
    system: Option<(String, String)>,
}

impl Host {
    /// The only one of the names that fits: by the architecture, then by the system.
    fn only_fitting(&self, names: &[&str]) -> Option<usize> {
        let mut fitting: Vec<usize> =
            (0..names.len()).filter(|index| self.has_architecture(names[*index])).collect();
        if fitting.len() > 1 {
            fitting.retain(|index| self.has_system(names[*index]));
        }
        if let [one] = fitting[..] { Some(one) } else { None }
    }

    /// A platform may have any name: only one that names other architectures and not this machine's is not for it.
    fn has_architecture(&self, name: &str) -> bool {
        let named = words(name).filter(|word| platform::ARCHITECTURES.contains(word)).collect::<Vec<_>>();
        named.is_empty() || named.contains(&self.architecture.as_str())
    }

    fn has_system(&self, name: &str) -> bool {
        let Some((system, channel)) = &self.system else { return false };
        let words: Vec<&str> = words(name).collect();
        words.windows(2).any(|pair| pair == [system, channel])
    }
}

/// The words of a file's name: `x_ubuntu@22.04-amd64.charm` has x, ubuntu, 22.04 and amd64.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.trim_end_matches(".charm").split(['_', '-', '@'])
}

/// The system of this machine, as its os-release names it.
fn system() -> Option<(String, String)> {
    let text = fs::read_to_string("/etc/os-release").ok()?;
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        line.map(|value| value.trim_matches(['"', '\'']).to_owned())
    };
    Some((value("ID=")?, value("VERSION_ID=")?))
}

/// When a source of the charm was last changed. What is hidden, built, or a test is none: editing a test must not
/// cost a pack.
fn newest_source(dir: &Path) -> Result<SystemTime> {
    const NOT_SOURCES: [&str; 6] = ["target", "tests", "xtask", "__pycache__", "venv", "node_modules"];
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name.ends_with(".charm") || NOT_SOURCES.contains(&name.as_str()) {
            continue;
        }
        let time = if entry.file_type()?.is_dir() {
            // A directory's own time tells of removed files.
            newest_source(&entry.path())?.max(entry.metadata()?.modified()?)
        } else {
            entry.metadata()?.modified()?
        };
        newest = newest.max(time);
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_for_this_machine() {
        let host = |architecture: &str, system: &str, channel: &str| Host {
            architecture: architecture.into(),
            system: Some((system.into(), channel.into())),
        };
        let noble = host("amd64", "ubuntu", "24.04");
        let debian = host("arm64", "debian", "12");
        let bases = ["x_ubuntu-22.04-amd64.charm", "x_ubuntu-24.04-amd64.charm"];
        let platforms =
            ["x_ubuntu@22.04-amd64.charm", "x_ubuntu@24.04-amd64.charm", "x_ubuntu@24.04-arm64.charm"];
        let joined = ["x_ubuntu-22.04-amd64-arm64_ubuntu-24.04-amd64.charm", "x_ubuntu-24.04-s390x.charm"];
        for (host, names, expected) in [
            (&noble, &["x_amd64.charm"][..], Some(0)),
            (&noble, &["x_any.charm"], Some(0)),
            (&noble, &["x_amd64.charm", "x_arm64.charm"], Some(0)),
            (&debian, &["x_amd64.charm", "x_arm64.charm"], Some(1)),
            (&noble, &bases, Some(1)),
            (&noble, &platforms, Some(1)),
            (&debian, &platforms, Some(2)),
            (&noble, &joined, Some(0)),
            (&host("amd64", "debian", "12"), &bases, None),
            (&noble, &["x_jammy.charm", "x_noble.charm"], None),
            (&debian, &bases, None),
        ] {
            assert_eq!(host.only_fitting(names), expected, "{names:?}");
        }
    }
}
