//! One `juju` process: its arguments, its deadline, whether it may be retried, and what must not be shown.

mod command_line;
mod files;
mod output;
mod process;
mod program;
mod retry;

pub use command_line::Cli;
pub use files::FileError;
pub(crate) use files::{Files, FilesError, private_dir};
pub use output::{AnswerError, CommandError};
pub(crate) use output::{Output, OutputError};
pub use process::Exit;
pub(crate) use program::Program;
pub use program::StartError;
pub(crate) use retry::{Limits, run};
