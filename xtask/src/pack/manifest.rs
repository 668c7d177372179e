//! `manifest.yaml`: what a packed charm runs on, and who packed it.

use serde_json::{Value, json};

use super::archive::MARKER;
use super::charm::pretty;
use super::platform::{Base, Platform};

/// `python` is the series, such as 3.11, that the charm's packages are for.
pub(super) fn text(platform: &Platform, python: Option<&str>) -> String {
    let base = |base: &Base| -> Value {
        json!({"name": base.name, "channel": base.channel, "architectures": base.architectures})
    };
    let mut manifest = json!({
        "charmcraft-version": concat!("jubilant-xtask-", env!("CARGO_PKG_VERSION")),
        MARKER: "jubilant-xtask (not charmcraft)",
        "bases": platform.bases.iter().map(base).collect::<Vec<_>>(),
    });
    if let Some(python) = python {
        manifest["python"] = python.into();
    }
    pretty(&manifest)
}
