//! Telling others how a wait goes: the log, and a program that shows it live.

use std::sync::OnceLock;
use std::time::Duration;

/// How a wait goes: for [`observe`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// What is waited for.
    pub condition: &'a str,
    /// How long it has taken.
    pub elapsed: Duration,
    /// How long it may take.
    pub limit: Duration,
    /// What is unmet; empty before the first look and when the condition holds.
    pub unmet: &'a [String],
    /// Whether the wait has ended, successfully or not.
    pub ended: bool,
}

type Observer = Box<dyn Fn(&Progress<'_>) + Send + Sync>;

static OBSERVER: OnceLock<Observer> = OnceLock::new();

/// Has this called at the begin and the end of each wait of this process, and at each look. Only the first call
/// counts; it returns whether it was.
///
/// ```
/// jubilant::wait::observe(|wait| println!("waits for {}, {:?} of {:?}", wait.condition, wait.elapsed, wait.limit));
/// ```
pub fn observe(observer: impl Fn(&Progress<'_>) + Send + Sync + 'static) -> bool {
    OBSERVER.set(Box::new(observer)).is_ok()
}

pub(super) fn tell(progress: &Progress<'_>) {
    if let Some(observer) = OBSERVER.get() {
        observer(progress);
    }
}
