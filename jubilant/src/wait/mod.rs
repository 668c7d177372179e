//! Waiting for a model to get somewhere: conditions, their verdicts, the loop, and what it saw on its way.
//!
//! A [`Condition`] looks at a [`Status`](crate::Status) and gives a [`Verdict`] with its reasons. Conditions are
//! values that compose with [`and`](Condition::and), [`or`](Condition::or) and [`not`](Condition::not); a
//! [`Wait`] adds how long, how often, and when to give up.

mod condition;
mod entity;
mod error;
mod history;
mod named;
mod poll;
mod quantified;
mod times;
mod verdict;

pub use crate::change::Change;
pub use condition::{And, Condition, Not, Or, Wait};
pub use entity::{AppIs, Gone, UnitIs, app, gone, unit};
pub use error::{Unmet, WaitError};
pub use named::{Named, named};
pub(crate) use poll::{Ending, Look, run};
pub use quantified::{
    AllAre, AllIdle, AnyIs, all_active, all_agents_idle, all_blocked, all_error, all_maintenance,
    all_waiting, any_active, any_blocked, any_error, any_maintenance, any_waiting,
};
pub use times::{minutes, seconds};
pub use verdict::Verdict;
