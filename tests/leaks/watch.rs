//! Which models there were, whoever made them: the embedded controller has a directory for each.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A model lives at least for some commands, each of which takes longer than this.
const OFTEN: Duration = Duration::from_millis(3);

pub(crate) struct Watch {
    end: Sender<()>,
    thread: JoinHandle<usize>,
}

impl Watch {
    pub(crate) fn start(directory: PathBuf) -> Watch {
        let (end, ended) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut seen: HashSet<OsString> = HashSet::new();
            loop {
                let entries = fs::read_dir(&directory).into_iter().flatten().flatten();
                seen.extend(entries.map(|entry| entry.file_name()));
                if ended.recv_timeout(OFTEN) != Err(RecvTimeoutError::Timeout) {
                    return seen.len();
                }
            }
        });
        Watch { end, thread }
    }

    /// How many models there were.
    pub(crate) fn end(self) -> usize {
        drop(self.end);
        self.thread.join().unwrap_or_default()
    }
}
