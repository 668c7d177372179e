//! What a condition is, how conditions compose, and how long and how often one is waited for: a condition makes a
//! [`Wait`], which is made of conditions.

use std::sync::Arc;
use std::time::Duration;

use super::times::minutes;
use super::verdict::Verdict;
use crate::types::Status;

/// Something to wait for. Any `Fn(&Status) -> bool` is one; [`named`](super::named()) gives it a name for reports.
///
/// ```
/// use jubilant::{Condition, Status, Verdict, all_active, app, gone, named};
///
/// let condition = all_active().and(app("web").units(3)).and(gone("db"));
/// assert!(!condition.check(&Status::default()).met);
///
/// struct HasMachines(usize);
/// impl Condition for HasMachines {
///     fn check(&self, status: &Status) -> Verdict {
///         let have = status.machines.len();
///         let reason = format!("the model has {have} of {} machines", self.0);
///         if have >= self.0 { Verdict::met(reason) } else { Verdict::unmet(reason) }
///     }
///     fn describe(&self) -> String {
///         format!("{} machines", self.0)
///     }
/// }
/// let either = HasMachines(2).or(named("no offers", |status: &Status| status.offers.is_empty()));
/// assert!(either.check(&Status::default()).met);
/// ```
pub trait Condition: Send + Sync {
    /// Judges one status.
    fn check(&self, status: &Status) -> Verdict;

    /// What it is, in a few words, for reports.
    fn describe(&self) -> String {
        short_type_name::<Self>()
    }

    /// Both this and the other.
    fn and<C: Condition>(self, other: C) -> And<Self, C>
    where
        Self: Sized,
    {
        And(self, other)
    }

    /// This or the other, or both.
    fn or<C: Condition>(self, other: C) -> Or<Self, C>
    where
        Self: Sized,
    {
        Or(self, other)
    }

    /// The opposite of this.
    fn not(self) -> Not<Self>
    where
        Self: Sized,
    {
        Not(self)
    }

    /// Waits no longer than this, instead of 3 minutes: see [`Wait::within`].
    fn within(self, limit: Duration) -> Wait
    where
        Self: Sized + 'static,
    {
        Wait::new(self).within(limit)
    }

    /// Gives up when this other condition holds: see [`Wait::fail_on`].
    fn fail_on(self, other: impl Condition + 'static) -> Wait
    where
        Self: Sized + 'static,
    {
        Wait::new(self).fail_on(other)
    }

    /// Looks at regular intervals: see [`Wait::every`].
    fn every(self, interval: Duration) -> Wait
    where
        Self: Sized + 'static,
    {
        Wait::new(self).every(interval)
    }

    /// Wants the condition to hold for this long: see [`Wait::stable_for`].
    fn stable_for(self, time: Duration) -> Wait
    where
        Self: Sized + 'static,
    {
        Wait::new(self).stable_for(time)
    }

    /// Wants the condition to hold so many times in a row: see [`Wait::times`].
    fn times(self, count: u32) -> Wait
    where
        Self: Sized + 'static,
    {
        Wait::new(self).times(count)
    }
}

impl<F: Fn(&Status) -> bool + Send + Sync> Condition for F {
    fn check(&self, status: &Status) -> Verdict {
        closure_verdict(self, status)
    }

    fn describe(&self) -> String {
        // `crate::module::function::{{closure}}`: the function is what its author recognises.
        let name = std::any::type_name::<F>();
        let place = name.trim_end_matches("::{{closure}}");
        if place == name { format!("the function {name}") } else { format!("the closure in {place}") }
    }
}

fn closure_verdict(closure: impl Fn(&Status) -> bool, status: &Status) -> Verdict {
    let met = closure(status);
    Verdict { met, reasons: vec![format!("the closure returned {met}")] }
}

fn short_type_name<T: ?Sized>() -> String {
    let name = std::any::type_name::<T>();
    let path = name.split('<').next().unwrap_or(name);
    path.rsplit("::").next().unwrap_or(path).to_owned()
}

/// For conditions that are put together while the program runs.
impl Condition for Box<dyn Condition> {
    fn check(&self, status: &Status) -> Verdict {
        (**self).check(status)
    }

    fn describe(&self) -> String {
        (**self).describe()
    }
}

/// Two conditions of which both must hold: see [`Condition::and`].
#[derive(Clone, Debug)]
pub struct And<A, B>(A, B);

impl<A: Condition, B: Condition> Condition for And<A, B> {
    fn check(&self, status: &Status) -> Verdict {
        let (one, other) = (self.0.check(status), self.1.check(status));
        let met = one.met && other.met;
        // Only the parts that decide are worth telling.
        let reasons =
            [one, other].into_iter().filter(|part| part.met == met).flat_map(|part| part.reasons).collect();
        Verdict { met, reasons }
    }

    fn describe(&self) -> String {
        format!("{} and {}", self.0.describe(), self.1.describe())
    }
}

/// Two conditions of which one must hold: see [`Condition::or`].
#[derive(Clone, Debug)]
pub struct Or<A, B>(A, B);

impl<A: Condition, B: Condition> Condition for Or<A, B> {
    fn check(&self, status: &Status) -> Verdict {
        let (one, other) = (self.0.check(status), self.1.check(status));
        let met = one.met || other.met;
        let reasons =
            [one, other].into_iter().filter(|part| part.met == met).flat_map(|part| part.reasons).collect();
        Verdict { met, reasons }
    }

    fn describe(&self) -> String {
        format!("({} or {})", self.0.describe(), self.1.describe())
    }
}

/// The opposite of a condition: see [`Condition::not`].
#[derive(Clone, Debug)]
pub struct Not<C>(C);

impl<C: Condition> Condition for Not<C> {
    fn check(&self, status: &Status) -> Verdict {
        let Verdict { met, reasons } = self.0.check(status);
        Verdict { met: !met, reasons }
    }

    fn describe(&self) -> String {
        format!("not ({})", self.0.describe())
    }
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
