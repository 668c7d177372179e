//! What a [`Juju`](crate::Juju) tells while it works: for logs, live displays and reports.
//!
//! [`Juju::observed_by`](crate::Juju::observed_by) has the promises that are made to a listener.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::change::Change;
use crate::cli::Exit;

/// What a `Juju` tells while it works, to whoever listens: for [`Juju::observed_by`](crate::Juju::observed_by).
///
/// A wait runs `juju status` again and again: each is a [`Command`](Self::Command) too, told before what the wait
/// made of it.
///
/// ```no_run
/// use jubilant::{Activity, Juju, all_active};
///
/// let juju = Juju::new().observed_by(|activity| match activity {
///     Activity::Command { command, took, .. } => println!("{command} took {took:?}"),
///     Activity::WaitLooked { condition, elapsed, limit, unmet, .. } => {
///         println!("waits for {condition}, {elapsed:?} of {limit:?}: {}", unmet.join(", "));
///     }
///     Activity::StatusChanged { change, .. } => println!("{change}"),
///     _ => {}
/// });
/// juju.deploy("web")?;
/// juju.wait(all_active())?;
/// # Ok::<(), jubilant::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Activity<'a> {
    /// A `juju` command ended. One that was retried after a transient error is told once, at its last end.
    #[non_exhaustive]
    Command {
        /// The command line for reading, secrets hidden.
        command: &'a str,
        /// How long it took, with its retries.
        took: Duration,
        /// How it ended; `None` if it could not be started.
        exit: Option<Exit>,
    },
    /// A wait began.
    #[non_exhaustive]
    WaitBegan {
        /// What is waited for.
        condition: &'a str,
        /// How long it may take.
        limit: Duration,
    },
    /// A wait has looked and its condition does not hold yet, or not for long enough.
    #[non_exhaustive]
    WaitLooked {
        /// What is waited for.
        condition: &'a str,
        /// How long it has taken.
        elapsed: Duration,
        /// How long it may take.
        limit: Duration,
        /// What is unmet; empty while the condition holds, though not for long enough yet. After a `juju status`
        /// that failed, what was unmet before.
        unmet: &'a [String],
    },
    /// A wait ended. Only a wait whose condition, or whose listener, panics ends untold.
    #[non_exhaustive]
    WaitEnded {
        /// What was waited for.
        condition: &'a str,
        /// How long it took.
        elapsed: Duration,
        /// How long it could take.
        limit: Duration,
        /// How it ended.
        end: WaitEnd,
        /// What was unmet at the end; empty if the condition held.
        unmet: &'a [String],
    },
    /// A wait saw a status change.
    #[non_exhaustive]
    StatusChanged {
        /// The model that the `Juju` is bound to; `None` if it uses the current one.
        model: Option<&'a str>,
        /// What changed.
        change: &'a Change,
    },
}

/// How a wait ended: for [`Activity::WaitEnded`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitEnd {
    /// The condition held.
    Met,
    /// Time ran out.
    TimedOut,
    /// The `fail_on` condition held, or `juju status` kept failing.
    Failed,
}

type Observer = dyn Fn(&Activity<'_>) + Send + Sync;

/// Who listens to a `Juju`.
#[derive(Clone, Default)]
pub(crate) struct Observers(Vec<Arc<Observer>>);

impl Observers {
    pub(crate) fn add(&mut self, observer: impl Fn(&Activity<'_>) + Send + Sync + 'static) {
        self.0.push(Arc::new(observer));
    }

    pub(crate) fn tell(&self, activity: &Activity<'_>) {
        self.0.iter().for_each(|observer| observer(activity));
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} observers", self.0.len())
    }
}
