//! `manifest.yaml`: what a packed charm runs on, and who packed it.

use serde_json::json;

use super::archive::MARKER;
use super::platform::Platform;
use super::yaml;

pub(super) fn text(platform: &Platform) -> String {
    yaml::write(&json!({
        "charmcraft-version": concat!("jubilant-xtask-", env!("CARGO_PKG_VERSION")),
        MARKER: "jubilant-xtask (not charmcraft)",
        "bases": [{
            "name": platform.system,
            "channel": platform.channel,
            "architectures": platform.architectures,
        }],
    }))
}
