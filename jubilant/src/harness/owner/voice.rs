//! What the owner of the models tells: to the supervisor, and when that is gone, to the terminal.

use std::io::{self, IsTerminal, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};

use super::protocol::Word;
use crate::harness::record::{Event, Moment};

/// The line to the supervisor, for all threads.
#[derive(Clone)]
pub(super) struct Voice(Arc<Mutex<UnixStream>>);

impl Voice {
    pub(super) fn new(line: UnixStream) -> Voice {
        Voice(Arc::new(Mutex::new(line)))
    }

    pub(super) fn tell(&self, module: Option<&str>, event: Event) {
        let moment = match module {
            Some(module) => Moment::of_module(module, event),
            None => Moment::of_run(event),
        };
        self.say(&Word::Moment(moment));
    }

    pub(super) fn say(&self, word: &Word) {
        let Ok(mut bytes) = serde_json::to_vec(word) else { return };
        bytes.push(b'\n');
        let line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if (&*line).write_all(&bytes).is_err() {
            say_to_the_terminal(word);
        }
    }
}

/// The run is gone; a user who looks at its terminal learns what became of the models.
fn say_to_the_terminal(word: &Word) {
    let text = match word {
        Word::Moment(Moment { event: Event::ModelDestroyed { model }, .. }) => {
            format!("destroyed the model `{model}` of a run that was killed")
        }
        Word::Moment(Moment { event: Event::ModelLeft { model, why, trying: None }, .. }) => {
            format!("the model `{model}` is left: {why}; remove it with `juju destroy-model --force {model}`")
        }
        _ => return,
    };
    // A pipe would be held open for as long as this takes, and whoever reads it waits.
    if io::stderr().is_terminal() {
        let _ = writeln!(io::stderr(), "jubilant: {text}");
    }
}
