//! `manifest.yaml`: what a packed charm runs on, and who packed it.

use serde_json::json;

use super::archive::MARKER;
use super::charm::pretty;
use super::platform::Platform;

pub(super) fn text(platform: &Platform) -> String {
    pretty(&json!({
        "charmcraft-version": concat!("jubilant-xtask-", env!("CARGO_PKG_VERSION")),
        MARKER: "jubilant-xtask (not charmcraft)",
        "bases": [{
            "name": platform.system,
            "channel": platform.channel,
            "architectures": platform.architectures,
        }],
    }))
}
