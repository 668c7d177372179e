//! Which Juju the tests talk to.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What was asked for: `--backend` or `JUBILANT_BACKEND`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum Choice {
    #[default]
    Auto,
    Juju,
    Embedded,
}

impl Choice {
    pub(crate) fn parse(text: &str) -> Result<Choice, String> {
        match text {
            "auto" => Ok(Choice::Auto),
            "juju" => Ok(Choice::Juju),
            "embedded" => Ok(Choice::Embedded),
            _ => Err(format!("the backend is one of auto, juju, embedded, not `{text}`")),
        }
    }
}

/// The Juju that was chosen.
pub(crate) struct Backend {
    pub(crate) program: PathBuf,
    pub(crate) embedded: bool,
    /// The controller that is used where none is named, as far as it is known.
    pub(crate) controller: Option<String>,
    /// One line for the report's head.
    pub(crate) description: String,
}

/// Settles the backend, or says in one sentence why there is none.
pub(crate) fn choose(choice: Choice, controller: Option<&str>) -> Result<Backend, String> {
    match choice {
        Choice::Juju => juju(controller),
        Choice::Embedded => embedded("as chosen"),
        Choice::Auto => match juju(controller) {
            Ok(backend) => Ok(backend),
            // A CI must not turn green on a stand-in by accident.
            Err(problem) if std::env::var_os("CI").is_some_and(|value| !value.is_empty()) => Err(format!(
                "{problem}, and CI is set: choose with --backend juju or --backend embedded, or set JUBILANT_BACKEND"
            )),
            Err(problem) => embedded(&format!("since {problem}")),
        },
    }
}

fn juju(controller: Option<&str>) -> Result<Backend, String> {
    // `show-controller` answers from the client's own files: it tells a usable set-up without a network call.
    let output = Command::new("juju")
        .args(["show-controller", "--format", "json"])
        .args(controller)
        .stdin(Stdio::null())
        .output();
    match output {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err("no `juju` program is on the PATH".to_owned())
        }
        Err(error) => Err(format!("`juju` cannot be started ({error})")),
        Ok(output) if !output.status.success() => {
            let reason = String::from_utf8_lossy(&output.stderr);
            let reason = reason.lines().next().unwrap_or_default();
            Err(format!("`juju` has no controller to use ({})", reason.trim_start_matches("ERROR ").trim()))
        }
        Ok(output) => {
            let name = serde_json::from_slice::<serde_json::Map<_, _>>(&output.stdout)
                .ok()
                .and_then(|controllers| controllers.keys().next().cloned());
            let name = name.or(controller.map(str::to_owned));
            let description = format!("Juju, controller `{}`", name.as_deref().unwrap_or("unnamed"));
            Ok(Backend { program: PathBuf::from("juju"), embedded: false, controller: name, description })
        }
    }
}

#[cfg(feature = "embedded")]
fn embedded(why: &str) -> Result<Backend, String> {
    let program = jubilant_embedded::install().map_err(|error| error.to_string())?;
    let description = format!("embedded Juju ({why}; {})", program.display());
    // It has one controller, and who else could switch.
    Ok(Backend { program, embedded: true, controller: None, description })
}

#[cfg(not(feature = "embedded"))]
fn embedded(why: &str) -> Result<Backend, String> {
    Err(format!(
        "the embedded Juju would be used, {why}, but jubilant was built without its feature `embedded`"
    ))
}
