//! What a charm is packed for: `base` with `platforms`, or the older `bases`.

use std::env::consts::ARCH;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Map, Value};

use super::charm::Charm;

/// All that Juju knows.
pub(super) const ARCHITECTURES: [&str; 5] = ["amd64", "arm64", "ppc64el", "riscv64", "s390x"];

/// One file that charmcraft would make.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Platform {
    /// Its part in the file's name.
    pub(super) label: String,
    /// What the charm runs on, one or more.
    pub(super) bases: Vec<Base>,
}

/// A system that a charm runs on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Base {
    /// Such as `ubuntu`.
    pub(super) name: String,
    /// Such as `24.04`.
    pub(super) channel: String,
    /// Such as `amd64`, or `all` alone.
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
        if charm.implicit {
            return Ok(Platform::unknown());
        }
        let name = charm.name()?;
        let mut platforms = Platform::all(&charm.yaml).with_context(|| format!("charm {name}"))?;
        let host = host_architecture().unwrap_or(ARCH);
        let fitting: Vec<&Platform> = platforms.iter().filter(|platform| platform.is_for(host)).collect();
        if let [first, _, ..] = fitting[..] {
            let labels: Vec<&str> = fitting.iter().map(|platform| platform.label.as_str()).collect();
            // charmcraft would make a file of each.
            eprintln!(
                "{name}: {} fit this machine: packing the first, {}",
                labels.join(" and "),
                first.label
            );
        }
        match (fitting.first(), platforms.is_empty()) {
            (Some(platform), _) => Ok((*platform).clone()),
            (None, true) => bail!("charm {name} names no platform: add `base` and `platforms`"),
            (None, false) if !compiled => Ok(platforms.remove(0)),
            (None, false) => bail!(
                "charm {name} is for {}, and this machine is {host}: add `{host}:` to `platforms` in its charmcraft.yaml",
                platforms[0]
                    .bases
                    .iter()
                    .flat_map(|base| base.architectures.clone())
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        }
    }

    /// Of a charm that says nothing about it, as those without `charmcraft.yaml`.
    fn unknown() -> Platform {
        Platform { label: "unknown-base".into(), bases: Vec::new() }
    }

    /// What the packed file is called, as charmcraft calls it.
    pub(super) fn file_name(&self, charm: &str) -> String {
        format!("{charm}_{}.charm", self.label.replace(':', "-"))
    }

    fn is_for(&self, host: &str) -> bool {
        let mut all = self.bases.iter().flat_map(|base| &base.architectures);
        all.any(|architecture| [host, "all"].contains(&architecture.as_str()))
    }

    fn all(yaml: &Map<String, Value>) -> Result<Vec<Platform>> {
        let given = |key: &str| yaml.get(key).filter(|value| !value.is_null());
        if let Some(bases) = given("bases") {
            if given("base").is_some() {
                bail!("it has both `bases` and `base`: leave one out");
            }
            let bases = bases.as_array().filter(|bases| !bases.is_empty());
            let bases = bases.ok_or_else(|| anyhow!("`bases` must be a list with at least one entry"))?;
            return bases.iter().map(from_bases).collect();
        }
        let build_base = given("build-base");
        let base = given("base").map(|base| Release::of_charm(base, build_base.is_some())).transpose()?;
        let build_base = build_base.map(|base| Release::of_charm(base, true)).transpose()?;
        // A charm with `build-base` alone runs on that.
        let base = base.or(build_base);
        match given("platforms") {
            Some(Value::Object(platforms)) => {
                platforms.iter().map(|(name, build)| from_platform(base.as_ref(), name, build)).collect()
            }
            Some(other) => bail!("`platforms` must map names to what is built, and is {other}"),
            None => Ok(Vec::new()),
        }
    }
}

/// A system without its architecture: `ubuntu@24.04`.
#[derive(Debug, Clone, PartialEq)]
struct Release {
    name: String,
    channel: String,
}

impl Release {
    fn read(text: &str) -> Option<Release> {
        let (name, channel) = text.split_once('@')?;
        let valid = |text: &str| !text.is_empty() && !text.contains(['/', '@', ':']);
        (valid(name) && valid(channel)).then(|| Release { name: name.into(), channel: channel.into() })
    }

    /// That of `base`: a long-term release, or with `build-base` one of the newer others.
    fn of_charm(base: &Value, has_build_base: bool) -> Result<Release> {
        let release = base.as_str().and_then(Release::read);
        let release =
            release.ok_or_else(|| anyhow!("`base` must be a text such as ubuntu@24.04, and is {base}"))?;
        let (name, channel) = (release.name.as_str(), release.channel.as_str());
        let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() == 2);
        let version = channel.split_once('.').and_then(|(year, month)| Some((number(year)?, number(month)?)));
        match (name, version) {
            ("ubuntu", Some((year, 4))) if year >= 18 && year % 2 == 0 => {}
            ("ubuntu", Some((year @ 25.., 4 | 10))) => {
                if !has_build_base {
                    bail!(
                        "`base: ubuntu@{channel}` needs a `build-base`: add `build-base: ubuntu@{year}.{}`",
                        &channel[3..]
                    );
                }
            }
            ("ubuntu", _) if channel == "devel" && has_build_base => {}
            ("almalinux", _) if channel == "9" => {}
            _ => bail!(
                "charmcraft knows no base {name}@{channel}: take a long-term release, such as ubuntu@24.04"
            ),
        }
        Ok(release)
    }
}

/// `<name>:` with `build-on` and `build-for`, or alone, when the name is an architecture or `<base>:<architecture>`.
fn from_platform(base: Option<&Release>, name: &str, build: &Value) -> Result<Platform> {
    let wrong = |what: &str| anyhow!("platform {name:?} {what}");
    if ["any", "*"].contains(&name) {
        return Err(wrong("has a name that charmcraft keeps for itself: give it another"));
    }
    if name.contains('/') {
        return Err(wrong("cannot be part of a file's name: leave out the `/`"));
    }
    let target = match build {
        Value::Null => name,
        Value::Object(build) => target(name, build).map_err(|error| wrong(&error.to_string()))?,
        other => return Err(wrong(&format!("must have `build-on` and `build-for`, and is {other}"))),
    };
    // An entry may have a base of its own, as `ubuntu@22.04:amd64`.
    let (own, architecture) = match target.rsplit_once(':') {
        Some((own, architecture)) => (Some(own), architecture),
        None => (None, target),
    };
    let own = match own {
        Some(own) => {
            Some(Release::read(own).ok_or_else(|| wrong(&format!("has {own:?}, which is no base")))?)
        }
        None => base.cloned(),
    };
    let release = own.ok_or_else(|| wrong("has no base: add `base: ubuntu@24.04` or the like"))?;
    if !ARCHITECTURES.contains(&architecture) && (architecture != "all" || build.is_null()) {
        return Err(wrong(&format!("is for an architecture that Juju does not know: {architecture:?}")));
    }
    let base =
        Base { name: release.name, channel: release.channel, architectures: vec![architecture.to_owned()] };
    Ok(Platform { label: name.replace(':', "-"), bases: vec![base] })
}

/// What is built: the one text of `build-for`, else the platform's name.
fn target<'a>(name: &'a str, build: &'a Map<String, Value>) -> Result<&'a str> {
    if let Some(key) = build.keys().find(|key| !["build-on", "build-for"].contains(&key.as_str())) {
        bail!("has {key:?}: it knows `build-on` and `build-for`");
    }
    if build.get("build-on").is_none_or(Value::is_null) {
        bail!("has no `build-on`: add the architecture that it is built on");
    }
    match build.get("build-for") {
        None | Some(Value::Null) => Ok(name),
        Some(Value::String(target)) => Ok(target),
        Some(Value::Array(targets)) => match targets.as_slice() {
            [Value::String(target)] => Ok(target),
            _ => bail!("must have one text in `build-for`: write a platform for each"),
        },
        Some(other) => bail!("must have a text in `build-for`, and has {other}"),
    }
}

/// `{name, channel, architectures}`, by itself or several in `run-on`.
fn from_bases(entry: &Value) -> Result<Platform> {
    let list = |key: &str| match entry.get(key) {
        Some(Value::Array(list)) if !list.is_empty() => Ok(list.iter().collect::<Vec<_>>()),
        _ => {
            bail!("an entry of `bases` must have lists of systems in `build-on` and `run-on`, and is {entry}")
        }
    };
    let run_on = match entry.get("build-on").or(entry.get("run-on")) {
        Some(_) => list("build-on").and_then(|_| list("run-on"))?,
        None => vec![entry],
    };
    let bases = run_on.into_iter().map(run_on_base).collect::<Result<Vec<_>>>()?;
    let part = |base: &Base| format!("{}-{}-{}", base.name, base.channel, base.architectures.join("-"));
    let label = bases.iter().map(part).collect::<Vec<_>>().join("_");
    if label.contains('/') {
        bail!("an entry of `bases` cannot be part of a file's name: {label:?}");
    }
    Ok(Platform { label, bases })
}

fn run_on_base(base: &Value) -> Result<Base> {
    const KNOWN: [(&str, &str); 4] =
        [("ubuntu", "18.04"), ("ubuntu", "20.04"), ("ubuntu", "22.04"), ("almalinux", "9")];
    let text = |key: &str| match base.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        None | Some(Value::Null) => bail!("an entry of `bases` has no {key}: {base}"),
        Some(other) => bail!("the {key} of an entry of `bases` must be a text: write '{other}' in quotes"),
    };
    let (name, channel) = (text("name")?, text("channel")?);
    if !KNOWN.contains(&(&name, &channel)) {
        bail!("`bases` knows no {name} {channel}: write `base: {name}@{channel}` and `platforms`");
    }
    let architectures = match base.get("architectures") {
        None | Some(Value::Null) => vec![host_architecture().unwrap_or(ARCH).to_owned()],
        Some(Value::Array(list)) if !list.is_empty() && list.iter().all(Value::is_string) => {
            list.iter().filter_map(Value::as_str).map(String::from).collect()
        }
        Some(other) => {
            bail!("`architectures` of an entry of `bases` must be a list of texts, and is {other}")
        }
    };
    Ok(Base { name, channel, architectures })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn base(channel: &str, architectures: &[&str]) -> Base {
        let architectures = architectures.iter().map(|arch| (*arch).to_owned()).collect();
        Base { name: "ubuntu".into(), channel: channel.into(), architectures }
    }

    fn all(yaml: Value) -> Result<Vec<Platform>> {
        Platform::all(yaml.as_object().unwrap())
    }

    /// The labels and bases, as charmcraft 4.5.0 takes them.
    #[test]
    fn every_notation() {
        let host = host_architecture().unwrap();
        let short = |channel: &str| json!({"name": "ubuntu", "channel": channel, "architectures": ["amd64", "arm64"]});
        let long = json!({"build-on": [short("22.04")], "run-on": [short("22.04"), {"name": "ubuntu", "channel": "20.04"}]});
        let for_all = json!({"build-on": ["amd64"], "build-for": ["all"]});
        let of_base =
            |base: &str, name: &str, build: Value| json!({"base": base, "platforms": {name: build}});
        let no_base = |name: &str, build: Value| json!({"platforms": {name: build}});
        for (yaml, label, bases) in [
            (of_base("ubuntu@24.04", "amd64", json!(null)), "amd64", vec![base("24.04", &["amd64"])]),
            (of_base("ubuntu@26.04", "s390x", json!(null)), "s390x", vec![base("26.04", &["s390x"])]),
            (of_base("ubuntu@24.04", "one", for_all.clone()), "one", vec![base("24.04", &["all"])]),
            (
                of_base("ubuntu@24.04", "amd64", json!({"build-on": ["amd64", "arm64"]})),
                "amd64",
                vec![base("24.04", &["amd64"])],
            ),
            (
                of_base("ubuntu@24.04", "x", json!({"build-on": "amd64", "build-for": "arm64"})),
                "x",
                vec![base("24.04", &["arm64"])],
            ),
            (
                no_base("ubuntu@22.04:arm64", json!(null)),
                "ubuntu@22.04-arm64",
                vec![base("22.04", &["arm64"])],
            ),
            (
                no_base(
                    "jammy",
                    json!({"build-on": ["ubuntu@22.04:amd64"], "build-for": ["ubuntu@22.04:all"]}),
                ),
                "jammy",
                vec![base("22.04", &["all"])],
            ),
            (
                json!({"base": "ubuntu@25.10", "build-base": "ubuntu@devel", "platforms": {"amd64": null}}),
                "amd64",
                vec![base("25.10", &["amd64"])],
            ),
            (
                json!({"build-base": "ubuntu@24.04", "platforms": {"amd64": null}}),
                "amd64",
                vec![base("24.04", &["amd64"])],
            ),
            (
                json!({"bases": [short("22.04")]}),
                "ubuntu-22.04-amd64-arm64",
                vec![base("22.04", &["amd64", "arm64"])],
            ),
            (
                json!({"bases": [long]}),
                &format!("ubuntu-22.04-amd64-arm64_ubuntu-20.04-{host}"),
                vec![base("22.04", &["amd64", "arm64"]), base("20.04", &[host])],
            ),
        ] {
            let expected = Platform { label: label.into(), bases };
            assert_eq!(all(yaml.clone()).unwrap(), [expected], "{yaml}");
        }
    }

    #[test]
    fn names_of_files() {
        let named = |yaml: Value| all(yaml).unwrap()[0].file_name("web");
        assert_eq!(named(json!({"platforms": {"ubuntu@22.04:amd64": null}})), "web_ubuntu@22.04-amd64.charm");
        assert_eq!(Platform::unknown().file_name("web"), "web_unknown-base.charm");
    }

    #[test]
    fn what_charmcraft_refuses_is_named() {
        let platform =
            |base: Value, name: &str, build: Value| json!({"base": base, "platforms": {name: build}});
        let bases = |entry: Value| json!({"bases": [entry]});
        let ubuntu = |channel: Value| json!({"name": "ubuntu", "channel": channel});
        let noble = || json!("ubuntu@24.04");
        let (null, on) = (json!(null), json!(["amd64"]));
        for (yaml, words) in [
            (json!({"platforms": {"amd64": null}}), "platform \"amd64\" has no base"),
            (platform(json!("ubuntu@24.10"), "amd64", null.clone()), "charmcraft knows no base ubuntu@24.10"),
            (platform(json!("ubuntu@16.04"), "amd64", null.clone()), "knows no base ubuntu@16.04"),
            (platform(json!("ubuntu@25.10"), "amd64", null.clone()), "add `build-base: ubuntu@25.10`"),
            (platform(json!("centos@7"), "amd64", null.clone()), "knows no base centos@7"),
            (
                platform(json!("noble"), "amd64", null.clone()),
                "must be a text such as ubuntu@24.04, and is \"noble\"",
            ),
            (platform(json!(24.04), "amd64", null.clone()), "and is 24.04"),
            (
                json!({"base": "ubuntu@24.04", "build-base": "x", "platforms": {"amd64": null}}),
                "must be a text such as ubuntu@24.04, and is \"x\"",
            ),
            (
                platform(noble(), "any", json!({"build-on": on, "build-for": ["all"]})),
                "\"any\" has a name that",
            ),
            (platform(noble(), "*", json!({"build-on": on, "build-for": ["all"]})), "\"*\" has a name that"),
            (platform(noble(), "a/b", json!({"build-on": on, "build-for": on})), "\"a/b\" cannot be part"),
            (platform(noble(), "x86", null.clone()), "platform \"x86\" is for an architecture"),
            (platform(noble(), "all", null.clone()), "\"all\" is for an architecture"),
            (platform(noble(), "n", json!({"build-on": on})), "does not know: \"n\""),
            (platform(noble(), "n", json!({"build-for": on})), "\"n\" has no `build-on`"),
            (platform(noble(), "n", json!({"build-on": on, "build-for": []})), "one text in `build-for`"),
            (
                platform(noble(), "n", json!({"build-on": on, "build-for": ["amd64", "arm64"]})),
                "a platform for each",
            ),
            (platform(noble(), "n", json!({"build-on": on, "x": 1})), "\"n\" has \"x\""),
            (platform(noble(), "n", on.clone()), "must have `build-on` and `build-for`"),
            (json!({"platforms": {"ubuntu:amd64": null}}), "has \"ubuntu\", which is no base"),
            (json!({"base": "ubuntu@24.04", "platforms": ["amd64"]}), "must map names"),
            (bases(ubuntu(json!("24.04"))), "`bases` knows no ubuntu 24.04: write `base: ubuntu@24.04` and"),
            (bases(ubuntu(json!(22.04))), "the channel of an entry of `bases` must be a text: write '22.04'"),
            (bases(json!({"name": "ubuntu"})), "has no channel"),
            (bases(json!({"build-on": [ubuntu(json!("22.04"))]})), "`build-on` and `run-on`"),
            (
                bases(json!({"name": "ubuntu", "channel": "22.04", "architectures": "amd64"})),
                "a list of texts",
            ),
            (json!({"bases": []}), "at least one entry"),
            (json!({"bases": [ubuntu(json!("22.04"))], "base": "ubuntu@24.04"}), "both `bases` and `base`"),
        ] {
            let error = format!("{:#}", all(yaml).unwrap_err());
            assert!(error.contains(words), "{words}: {error}");
        }
    }
}
