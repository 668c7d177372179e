//! Versions of Python, as far as packages depend on them.

use std::fmt;

/// Packages for 3.11 are not seen by any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    major: u32,
    minor: u32,
}

impl Version {
    /// From `3.11`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self { major: number(major)?, minor: number(minor)? })
    }

    /// The name of an interpreter, and of the directory of its packages: `python3.11`.
    pub(super) fn program(self) -> String {
        format!("python{self}")
    }

    /// From such a name.
    pub(super) fn of_program(name: &str) -> Option<Self> {
        Self::parse(name.strip_prefix("python")?)
    }
}

/// Digits alone: what has a sign or a blank is no version.
fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_two_numbers() {
        assert_eq!(Version::of_program("python3.11").map(|version| version.to_string()), Some("3.11".into()));
        assert!(Version::parse("3.9") < Version::parse("3.10"));
        for other in
            ["python3", "python3.13t", "python3.", "python3.+1", "python3.11.2", "pypy3.10", "python"]
        {
            assert_eq!(Version::of_program(other), None, "{other}");
        }
    }
}
