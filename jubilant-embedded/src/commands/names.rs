//! What commands call the controller, its cloud and this machine.

/// The name of the controller, cloud and region.
pub(crate) const CONTROLLER: &str = "embedded";
pub(crate) const CLOUD: &str = "localhost";

/// There is one controller per state directory and nothing asks for its UUID; it only has to look like one.
pub(crate) const CONTROLLER_UUID: &str = "0e3bedde-d000-4000-8000-000000000000";

/// The Debian name of the machine's architecture, as Juju uses it.
pub(crate) fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64el",
        other => other,
    }
}
