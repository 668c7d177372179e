//! Adding a model, and knowing afterwards whose it is.

use crate::error::{Error, Exit};
use crate::harness::models::{Existence, Request, existence, existence_asked_again};
use crate::juju::Juju;

/// What became of an `add-model`.
pub(super) enum Added {
    /// It is this run's own.
    Made { uuid: Option<String> },
    /// There is none that this run has made.
    NotMade { why: String },
    /// It may be there in spite of the failure. If so it is this run's own: nobody else's has its name.
    PerhapsMade { why: String, may_still_come: bool },
    /// It may be there in spite of the failure, and another's: the user chose the name.
    Doubtful { why: String },
}

/// Refuses a name that is taken, or that may be.
pub(super) fn check_name(juju: &Juju, name: &str) -> Result<(), String> {
    match existence_asked_again(juju, name) {
        Existence::No => Ok(()),
        Existence::Yes { .. } => Err(exists(name)),
        Existence::Unknown(error) => {
            Err(format!("whether there is a model `{name}` already cannot be told: {error}"))
        }
    }
}

/// Runs `add-model`. `full` is the name with its controller; `named` says that the user chose it.
pub(super) fn add(juju: &Juju, request: &Request, full: &str, named: bool) -> Added {
    let error = match juju.add_model(request.add_model()) {
        Ok(_) => {
            let uuid = match existence_asked_again(juju, full) {
                Existence::Yes { uuid } if !uuid.is_empty() => Some(uuid),
                _ => None,
            };
            return Added::Made { uuid };
        }
        Err(error) => error,
    };
    let name = request.qualified();
    // A name with the run's random number is nobody else's: a client that asked twice has made it.
    if named && error.to_string().contains("already exists") {
        return Added::NotMade { why: exists(&name) };
    }
    let why = format!("the module's model `{name}` could not be added: {error}");
    let cut_off = was_cut_off(&error);
    if !cut_off && matches!(existence(juju, full), Existence::No) {
        Added::NotMade { why }
    } else if named {
        Added::Doubtful { why }
    } else {
        Added::PerhapsMade { why, may_still_come: cut_off }
    }
}

/// Whether the command was ended before it could end itself: the controller may go on with it.
fn was_cut_off(error: &Error) -> bool {
    error.command().is_some_and(|command| !matches!(command.exit(), Exit::Code(_)))
}

fn exists(name: &str) -> String {
    format!(
        "the model `{name}` exists already: choose another --model, destroy it, or run on it with --no-deploy"
    )
}
