//! Resources that were handed to applications.

use serde::{Deserialize, Serialize};

use crate::ground::time::Timestamp;

/// A resource that was handed to the application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Resource {
    pub(crate) revision: u32,
    /// The name of the file as it was handed over.
    pub(crate) original: String,
    pub(crate) size: u64,
    /// For an OCI image: its reference; there is no file then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<String>,
    pub(crate) uploaded: Timestamp,
}
