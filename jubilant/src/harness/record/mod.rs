//! The run as data: what happens in it is a sequence of moments, and its state is what they add up to.
//!
//! `moment` has the vocabulary, `run` the fold and its invariant, `excerpt` what a run keeps of long output,
//! `journal` the moments on disk. Nothing here runs a process or prints.

mod excerpt;
mod journal;
mod moment;
mod run;

pub(crate) use journal::Journal;
pub(crate) use moment::{Event, Failure, Moment, Place, PlannedModule, RunBegan, Verdict, now};
pub(crate) use run::{Counts, ModelState, Run, Settled, TestRun, TestState};
