//! What a condition is, and how conditions compose.

use std::time::Duration;

use super::Wait;
use crate::types::Status;

/// Whether a condition holds, and why: short sentences such as `web/1 is waiting: "installing agent"`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// Whether it holds.
    pub met: bool,
    /// What makes it hold, or keeps it from holding.
    pub reasons: Vec<String>,
}

impl Verdict {
    /// It holds, because of this.
    pub fn met(reason: impl Into<String>) -> Self {
        Verdict { met: true, reasons: vec![reason.into()] }
    }

    /// It does not hold, because of this.
    pub fn unmet(reason: impl Into<String>) -> Self {
        Verdict { met: false, reasons: vec![reason.into()] }
    }

    /// It holds unless there are obstacles.
    pub(super) fn unless(obstacles: Vec<String>, met: impl FnOnce() -> String) -> Self {
        if obstacles.is_empty() { Verdict::met(met()) } else { Verdict { met: false, reasons: obstacles } }
    }
}

/// Something to wait for. Any `Fn(&Status) -> bool` is one; [`named`] gives it a name for reports.
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

/// A condition with a name: see [`named`].
#[derive(Clone, Debug)]
pub struct Named<C> {
    name: String,
    condition: C,
}

/// Gives a condition, usually a closure, a name for reports.
///
/// ```
/// use jubilant::{Condition, Status, named};
///
/// let condition = named("three machines", |status: &Status| status.machines.len() == 3);
/// assert_eq!(condition.check(&Status::default()).reasons, ["\"three machines\" does not hold"]);
/// ```
pub fn named<F: Fn(&Status) -> bool + Send + Sync>(name: impl Into<String>, closure: F) -> Named<F> {
    Named { name: name.into(), condition: closure }
}

impl<F: Fn(&Status) -> bool + Send + Sync> Condition for Named<F> {
    fn check(&self, status: &Status) -> Verdict {
        let met = (self.condition)(status);
        let holds = if met { "holds" } else { "does not hold" };
        Verdict { met, reasons: vec![format!("{:?} {holds}", self.name)] }
    }

    fn describe(&self) -> String {
        self.name.clone()
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
