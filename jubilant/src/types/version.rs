//! The answer of `juju version --all`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::null::null_as_default;

/// The version of the `juju` program.
///
/// ```
/// let version: jubilant::Version = serde_json::from_str(r#"{"version": "3.6.2-ubuntu-amd64"}"#)?;
/// assert_eq!(version.numbers(), (3, 6, 2));
/// assert_eq!((version.release(), version.arch()), ("ubuntu", "amd64"));
/// assert!(version.is_at_least(3, 5));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Version {
    /// The whole text: `MAJOR.MINOR.PATCH[-TAG][.BUILD]-RELEASE-ARCH`.
    #[serde(deserialize_with = "null_as_default")]
    pub version: String,
    /// The commit it was built from.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub git_commit: String,
    /// Whether that commit's tree was `clean`.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub git_tree_state: String,
    /// The compiler.
    #[serde(deserialize_with = "null_as_default")]
    pub compiler: String,
    /// Whether it is an official build.
    #[serde(deserialize_with = "null_as_default")]
    pub official: bool,
    /// The grade of the build.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub grade: String,
    /// The tags it was built with.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub go_build_tags: String,
}

impl Version {
    /// Major, minor and patch number; 0 for one that is not there.
    #[must_use]
    pub fn numbers(&self) -> (u32, u32, u32) {
        let text = self.version.split('-').next().unwrap_or_default();
        let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        (next(), next(), next())
    }

    /// Whether this is `major.minor` or later.
    #[must_use]
    pub fn is_at_least(&self, major: u32, minor: u32) -> bool {
        let (own_major, own_minor, _) = self.numbers();
        (own_major, own_minor) >= (major, minor)
    }

    /// The operating system it was built for, such as `ubuntu`.
    #[must_use]
    pub fn release(&self) -> &str {
        self.version.rsplit('-').nth(1).unwrap_or_default()
    }

    /// The machine it was built for, such as `amd64`.
    #[must_use]
    pub fn arch(&self) -> &str {
        if self.version.contains('-') { self.version.rsplit('-').next().unwrap_or_default() } else { "" }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn reads_every_form() {
        for (text, numbers, release, arch) in [
            ("3.6.2-ubuntu-amd64", (3, 6, 2), "ubuntu", "amd64"),
            ("4.0.1-beta2.1-genericlinux-arm64", (4, 0, 1), "genericlinux", "arm64"),
            ("3.6.2.7-ubuntu-s390x", (3, 6, 2), "ubuntu", "s390x"),
            ("4.0-beta1-ubuntu-amd64", (4, 0, 0), "ubuntu", "amd64"),
            ("odd", (0, 0, 0), "", ""),
        ] {
            let version = Version { version: text.into(), ..Version::default() };
            assert_eq!(
                (version.numbers(), version.release(), version.arch()),
                (numbers, release, arch),
                "{text}"
            );
        }
    }
}
