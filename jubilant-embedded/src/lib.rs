//! An embedded Juju that really runs a local charm's hooks.
//!
//! It speaks the `juju` command line and runs hooks as a unit agent does, on machines without a controller.
//! Whatever it cannot do it refuses in words; it never answers for a charm.
//!
//! The program is linked into its caller: [`install`] links the running executable into the state directory
//! under the name `jubilant-embedded`, and [`run_if_called`], called at the start of that executable, acts when
//! it was started by that name.
//!
//! # What it refuses
//!
//! With `ERROR … not supported by the embedded Juju` and exit code 1, at deploy time where the charm asks for it:
//! secrets, storage, containers (Kubernetes), subordinates and container-scoped relations; Charmhub; offers;
//! placement (`--to`, `machines` in bundles), `scale-application`, `ssh` and `scp`.
//!
//! # Where it differs from Juju
//!
//! - A unit is a directory with an address of its own in 127.0.0.0/8, not a machine: the charm sees this
//!   machine's programs and users, runs as the user who started the controller, and `apt-get install` in a hook
//!   fails for want of write access. Hooks may write to their unit's directory only, where the kernel has Landlock.
//! - The other units of a relation see a unit when its `relation-created` hook has ended.
//! - Action parameters are checked for `required`, `type`, `enum` and `additionalProperties`, not for all of JSON
//!   Schema.
//! - `model-config` has a fixed set of keys, and refuses others. `apt-…` and `enable-os-…` are kept and shown only:
//!   there is no machine to set up.
//! - Nothing is taken and ignored: a command refuses arguments, options and formats that it does not have with Juju's
//!   words, and what it does not support with its own. Options that ask for what is so anyway (`--utc`, `--storage`)
//!   are taken; `juju COMMAND --help` says which and why. An option that had no effect on a line is told: `WARNING
//!   option --output had no effect`.
//!
//! # What a charm's code reaches
//!
//! A charm is its author's own code: the aim is that it cannot hurt by accident, not a prison. Where the kernel has
//! Landlock, hooks write to their unit's directory and to a few devices, and nowhere else (not to `/dev/shm`), and
//! from Linux 6.12 on they signal their unit's processes and nobody else's. Modes and owners of the user's files
//! elsewhere are not protected: Landlock has no right for `chmod`. Hooks read whatever the user may read, the state of
//! other models included. They run with the user's network. The controller answers their tools, on a socket for each
//! hook, and refuses commands that come from the processes of units. Those, and no others, end with their unit.
//!
//! All programs of a unit descend from one process, its keeper. A hook that kills it has failed, and those after it
//! get another keeper, but cannot signal any more what the unit had started before.
//!
//! # The Python of a charm's hooks
//!
//! A packed Python charm brings its packages and no interpreter. Which one runs its hooks is decided when it is deployed
//! or refreshed, by what that very command sees (its variables and its working directory), and stays so until the next
//! refresh, whoever starts the controller: the interpreter that `JUBILANT_PYTHON` names by an absolute path, if it fits;
//! else the first `python3` in `PATH`, if that does; else a `python3.N` that does, from `PATH`, `/usr/bin` and
//! `/usr/local/bin`, from pyenv or from uv.
//!
//! - A charm with `venv/lib/python3.N` fits Python 3.N and no other. Where there is none, the charm is refused, with
//!   both versions.
//! - A charm whose packages lie in `venv/` itself runs with any, but best with the one that `manifest.yaml` names
//!   (`python: "3.N"`). With another there is a warning.
//! - Any other charm with Python code gets what `python3` is, if there is one. A charm without Python starts none.
//!
//! Programs are asked what they are, so that a script of pyenv or asdf in `PATH` stands for the interpreter that it
//! starts. Hooks have `python3` and `python3.N` (and no `python`, as on Ubuntu) in a directory of `PATH` before all
//! others but the tools', as links to the program itself; the unit's copy of the charm has `venv/bin/python` and
//! `venv/pyvenv.cfg` lead there, too. The rest of the hooks' `PATH` is that of the command that started the controller.
//!
//! # Limits
//!
//! A charm holds at most 1 GiB in at most 100,000 files and directories, counted as they come out of the archive, and
//! at most 4 MiB in each of the files that are read whole: `metadata.yaml`, `config.yaml`, `actions.yaml`,
//! `manifest.yaml` and `version`. The archive's own list of files is at most 32 MiB long. What is larger is refused
//! when it is deployed, and leaves nothing behind. No option and no variable changes these limits.

#[cfg(target_os = "linux")]
mod agent;
#[cfg(target_os = "linux")]
mod commands;
#[cfg(target_os = "linux")]
mod controller;
mod error;
#[cfg(target_os = "linux")]
mod ground;
#[cfg(target_os = "linux")]
mod model;
#[cfg(target_os = "linux")]
mod program;
#[cfg(target_os = "linux")]
mod python;
#[cfg(target_os = "linux")]
mod state;
#[cfg(target_os = "linux")]
mod tools;

#[cfg(not(target_os = "linux"))]
#[path = "program_elsewhere.rs"]
mod program;

pub use error::Error;
pub use program::{install, main, run_if_called, state_dir};
