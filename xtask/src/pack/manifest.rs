//! `manifest.yaml`: what a packed charm runs on, and who packed it.

use serde_json::{Value, json};

use super::archive::MARKER;
use super::charm::pretty;
use super::platform::{Base, Platform};

pub(super) fn text(platform: &Platform) -> String {
    let base = |base: &Base| -> Value {
        json!({"name": base.name, "channel": base.channel, "architectures": base.architectures})
    };
    pretty(&json!({
        "charmcraft-version": concat!("jubilant-xtask-", env!("CARGO_PKG_VERSION")),
        MARKER: "jubilant-xtask (not charmcraft)",
        "bases": platform.bases.iter().map(base).collect::<Vec<_>>(),
    }))
}
