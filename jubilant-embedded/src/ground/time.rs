//! Points in time, kept as milliseconds since 1970 UTC.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

/// A point in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Timestamp(pub(crate) i64);

impl Timestamp {
    pub(crate) fn now() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
    }

    pub(crate) fn after(self, delay: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(delay.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long it is from `now` until this time; zero if it has passed.
    pub(crate) fn until(self, now: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(now.0)).unwrap_or(0))
    }

    fn format(self, description: StaticFormatDescription) -> String {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|time| time.format(description).ok())
            .unwrap_or_default()
    }

    /// As `juju status` shows it: `23 Nov 2026 20:05:01Z`.
    pub(crate) fn status(self) -> String {
        self.format(format_description!("[day] [month repr:short] [year] [hour]:[minute]:[second]Z"))
    }

    /// As tasks show it: `2026-11-23 20:05:01 +0000 UTC`.
    pub(crate) fn task(self) -> String {
        self.format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second] +0000 UTC"))
    }

    /// RFC 3339, to the second.
    pub(crate) fn rfc3339(self) -> String {
        self.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z"))
    }

    /// `2026-11-23 20:05:01`
    pub(crate) fn date_time(self) -> String {
        self.format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"))
    }

    /// `20:05:01`
    pub(crate) fn clock(self) -> String {
        self.format(format_description!("[hour]:[minute]:[second]"))
    }

    /// Milliseconds within the second.
    pub(crate) fn millis(self) -> i64 {
        self.0.rem_euclid(1000)
    }
}
