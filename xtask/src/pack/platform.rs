//! What a charm is packed for: `base` with `platforms`, or the older `bases`.

use std::env::consts::ARCH;

use anyhow::{Result, anyhow, bail};
use serde_json::Value;

use super::charm::Charm;

/// All that Juju knows: what `all` stands for.
pub(super) const ARCHITECTURES: [&str; 5] = ["amd64", "arm64", "ppc64el", "riscv64", "s390x"];

/// One file that charmcraft would make.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Platform {
    /// Its part in the file's name.
    pub(super) label: String,
    /// Such as `ubuntu`.
    pub(super) system: String,
    /// Such as `24.04`.
    pub(super) channel: String,
    pub(super) architectures: Vec<String>,
}

/// This machine's architecture as Debian calls it.
pub(super) fn host_architecture() -> Option<&'static str> {
    Some(match ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64el",
        "riscv64" => "riscv64",
        "s390x" => "s390x",
        _ => return None,
    })
}

impl Platform {
    /// The first platform of the charm for this machine; a charm without compiled programs can be packed for any.
    pub(super) fn choose(charm: &Charm, compiled: bool) -> Result<Platform> {
        let platforms = Platform::all(charm)?;
        let host = host_architecture().unwrap_or(ARCH);
        let mut fitting =
            platforms.iter().filter(|platform| platform.architectures.iter().any(|arch| arch == host));
        match (fitting.next(), platforms.first()) {
            (Some(platform), _) => Ok(platform.clone()),
            (None, Some(first)) if !compiled => Ok(first.clone()),
            (None, Some(first)) => bail!(
                "charm {} is for {}, and this machine is {host}: add `{host}:` to `platforms` in its charmcraft.yaml",
                charm.name()?,
                first.architectures.join(", ")
            ),
            (None, None) => bail!("charm {} names no platform: add `base` and `platforms`", charm.name()?),
        }
    }

    fn all(charm: &Charm) -> Result<Vec<Platform>> {
        let yaml = &charm.yaml;
        if let Some(bases) = yaml.get("bases") {
            return bases.as_array().into_iter().flatten().map(from_bases).collect();
        }
        let base = yaml.get("base").and_then(Value::as_str);
        let platforms = yaml.get("platforms").and_then(Value::as_object);
        platforms.into_iter().flatten().map(|(name, build)| from_platform(base, name, build)).collect()
    }
}

/// `<name>:` with `build-for`, or alone, when the name is an architecture or `<base>:<architecture>`.
fn from_platform(base: Option<&str>, name: &str, build: &Value) -> Result<Platform> {
    let target = match build.get("build-for") {
        Some(Value::Array(targets)) => targets.first().and_then(Value::as_str).unwrap_or(name),
        Some(Value::String(target)) => target,
        _ => name,
    };
    // An entry may have a base of its own, as `ubuntu@22.04:amd64`.
    let (base, architecture) = match target.rsplit_once(':') {
        Some((base, architecture)) => (Some(base), architecture),
        None => (base, target),
    };
    let (system, channel) = base
        .and_then(|base| base.split_once('@'))
        .ok_or_else(|| anyhow!("platform {name:?} has no base: add `base: ubuntu@24.04` or the like"))?;
    let architectures = match architecture {
        "all" => ARCHITECTURES.map(String::from).to_vec(),
        one if ARCHITECTURES.contains(&one) => vec![one.to_owned()],
        other => bail!("platform {name:?} is for an architecture that Juju does not know: {other:?}"),
    };
    if name.contains('/') {
        bail!("platform {name:?} cannot be part of a file's name");
    }
    Ok(Platform {
        label: name.replace(':', "-"),
        system: system.into(),
        channel: channel.into(),
        architectures,
    })
}

/// `{name, channel, architectures}`, by itself or first in `run-on`.
fn from_bases(entry: &Value) -> Result<Platform> {
    let run_on = entry.get("run-on").and_then(|run_on| run_on.get(0)).unwrap_or(entry);
    let text = |key: &str| {
        let value = run_on.get(key).and_then(Value::as_str);
        value
            .map(String::from)
            .ok_or_else(|| anyhow!("an entry of `bases` has no {key}, which must be a text"))
    };
    let (system, channel) = (text("name")?, text("channel")?);
    let architectures: Vec<String> = match run_on.get("architectures").and_then(Value::as_array) {
        Some(list) => list.iter().filter_map(Value::as_str).map(String::from).collect(),
        None => vec![host_architecture().unwrap_or(ARCH).to_owned()],
    };
    let label = format!("{system}-{channel}-{}", architectures.join("-"));
    if label.contains('/') {
        bail!("an entry of `bases` cannot be part of a file's name: {label:?}");
    }
    Ok(Platform { label, system, channel, architectures })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn platform(label: &str, channel: &str, architectures: &[&str]) -> Platform {
        let architectures = architectures.iter().map(|arch| (*arch).to_owned()).collect();
        Platform { label: label.into(), system: "ubuntu".into(), channel: channel.into(), architectures }
    }

    #[test]
    fn every_notation_of_platforms() {
        let base = Some("ubuntu@24.04");
        let read = |base, name, build| from_platform(base, name, &build).unwrap();
        assert_eq!(read(base, "amd64", Value::Null), platform("amd64", "24.04", &["amd64"]));
        let build = json!({"build-on": ["amd64"], "build-for": ["all"]});
        assert_eq!(read(base, "any-arch", build), platform("any-arch", "24.04", &ARCHITECTURES));
        let jammy = platform("ubuntu@22.04-arm64", "22.04", &["arm64"]);
        assert_eq!(read(None, "ubuntu@22.04:arm64", Value::Null), jammy);
        let build = json!({"build-on": "ubuntu@22.04:amd64", "build-for": "ubuntu@22.04:amd64"});
        assert_eq!(read(None, "jammy", build), platform("jammy", "22.04", &["amd64"]));
    }

    #[test]
    fn every_notation_of_bases() {
        let short = json!({"name": "ubuntu", "channel": "22.04", "architectures": ["amd64"]});
        let expected = platform("ubuntu-22.04-amd64", "22.04", &["amd64"]);
        assert_eq!(from_bases(&short).unwrap(), expected);
        assert_eq!(from_bases(&json!({"build-on": [short], "run-on": [short]})).unwrap(), expected);
    }

    #[test]
    fn wrong_platforms_are_named() {
        let error = |base, name| from_platform(base, name, &Value::Null).unwrap_err().to_string();
        assert!(error(None, "amd64").contains("has no base"));
        assert!(error(Some("ubuntu@24.04"), "x86").contains("\"x86\""));
    }
}
