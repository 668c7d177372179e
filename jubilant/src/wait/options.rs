//! How long and how often to wait.

use std::sync::Arc;
use std::time::Duration;

use super::condition::Condition;

/// So many minutes.
#[must_use]
pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// So many seconds.
#[must_use]
pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A condition and how to wait for it: for [`Juju::wait`](crate::Juju::wait).
///
/// A bare condition is waited for 3 minutes at most and must hold 3 times in a row.
///
/// ```
/// use jubilant::{Condition, Wait, all_active, any_error, minutes, seconds};
///
/// let wait: Wait = all_active().within(minutes(10)).fail_on(any_error()).stable_for(seconds(30));
/// ```
#[derive(Clone)]
#[must_use]
pub struct Wait {
    pub(super) condition: Arc<dyn Condition>,
    pub(super) fail_on: Option<Arc<dyn Condition>>,
    pub(super) limit: Duration,
    pub(super) interval: Option<Duration>,
    pub(super) stable_for: Duration,
    pub(super) times: u32,
}

impl std::fmt::Debug for Wait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wait")
            .field("condition", &self.condition.describe())
            .field("fail_on", &self.fail_on.as_ref().map(|condition| condition.describe()))
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl Wait {
    /// Waits for this, with the defaults.
    pub fn new(condition: impl Condition + 'static) -> Self {
        Wait {
            condition: Arc::new(condition),
            fail_on: None,
            limit: minutes(3),
            interval: None,
            stable_for: Duration::ZERO,
            times: 3,
        }
    }

    /// Waits no longer than this, instead of 3 minutes. A `juju status` that is under way then is ended.
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Gives up as soon as this other condition holds, even once.
    pub fn fail_on(mut self, condition: impl Condition + 'static) -> Self {
        self.fail_on = Some(Arc::new(condition));
        self
    }

    /// Pauses for this long between two looks. Without it, pauses begin at 100 ms and grow to 1 s, and while the
    /// condition holds they are as long as it takes Juju to answer twice.
    pub fn every(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }

    /// Wants the condition to hold without a break for this long.
    pub fn stable_for(mut self, time: Duration) -> Self {
        self.stable_for = time;
        self
    }

    /// Wants the condition to hold so many looks in a row, instead of 3.
    ///
    /// More than one, because right after a command Juju still shows the state before it.
    pub fn times(mut self, count: u32) -> Self {
        self.times = count;
        self
    }
}

impl<C: Condition + 'static> From<C> for Wait {
    fn from(condition: C) -> Self {
        Wait::new(condition)
    }
}
