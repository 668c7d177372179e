//! Which models stay.

use serde::{Deserialize, Serialize};

/// Which models outlive the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum Keep {
    #[default]
    Never,
    OnFailure,
    Always,
}

impl Keep {
    /// Whether a module's models are kept when it has failed, or passed.
    pub(crate) fn after(self, failed: bool) -> bool {
        match self {
            Keep::Always => true,
            Keep::OnFailure => failed,
            Keep::Never => false,
        }
    }
}
