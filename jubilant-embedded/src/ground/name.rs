//! Names of units, applications and models.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A unit's name, such as `web/0`. Names sort by application, then by number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct UnitName {
    pub(crate) app: String,
    pub(crate) number: u32,
}

impl UnitName {
    pub(crate) fn new(app: impl Into<String>, number: u32) -> Self {
        Self { app: app.into(), number }
    }

    /// `unit-web-0`
    pub(crate) fn tag(&self) -> String {
        format!("unit-{}-{}", self.app, self.number)
    }
}

impl fmt::Display for UnitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.app, self.number)
    }
}

/// The text is not the name of a unit.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not a unit name")]
pub(crate) struct NoUnitName(String);

impl FromStr for UnitName {
    type Err = NoUnitName;

    fn from_str(text: &str) -> Result<Self, NoUnitName> {
        let parts = text.split_once('/').filter(|(app, _)| is_name(app));
        let digits = |number: &str| number.bytes().all(|byte| byte.is_ascii_digit());
        let parsed = parts
            .filter(|(_, number)| digits(number))
            .and_then(|(app, number)| Some(Self::new(app, number.parse().ok()?)));
        parsed.ok_or_else(|| NoUnitName(text.to_owned()))
    }
}

impl TryFrom<String> for UnitName {
    type Error = NoUnitName;

    fn try_from(text: String) -> Result<Self, NoUnitName> {
        text.parse()
    }
}

impl From<UnitName> for String {
    fn from(name: UnitName) -> Self {
        name.to_string()
    }
}

/// Whether a name is fit for an application, a model, a charm or a resource: it becomes part of paths.
pub(crate) fn is_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let ends = name.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    starts && ends && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// The application that an argument means: itself, or that of a unit.
pub(crate) fn application_of(entity: &str) -> &str {
    entity.split_once('/').map_or(entity, |(app, _)| app)
}
