//! The end of a run before its time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

use crate::harness::record::Event;
use crate::harness::recorder::Recorder;

/// Whether the user wants the run to end.
pub(crate) struct Interrupt {
    flag: Arc<AtomicBool>,
    told: Once,
}

impl Interrupt {
    pub(crate) fn new(flag: Arc<AtomicBool>) -> Interrupt {
        Interrupt { flag, told: Once::new() }
    }

    /// Tells of it before anything else is told that follows from it.
    pub(crate) fn is_set(&self, recorder: &Recorder) -> bool {
        let set = self.flag.load(Ordering::Relaxed);
        if set {
            self.told.call_once(|| recorder.take_of_run(Event::RunInterrupted));
        }
        set
    }
}
