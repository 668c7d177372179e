//! Conditions with a name of their own.

use super::condition::Condition;
use super::verdict::Verdict;
use crate::types::Status;

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
