//! What people see of a run. A reporter is given each moment and the run's state, now or later from the journal.

mod style;
mod terminal;

pub(crate) use terminal::Terminal;
