//! The charm's configuration: read, and checked.

use crate::{Result, tools};

pub struct Config {
    pub greeting: String,
    pub server_name: String,
    pub port: u16,
}

impl Config {
    /// Reads the configuration; the inner error is what is wrong with it, for the user to mend.
    pub fn read() -> Result<std::result::Result<Config, String>> {
        let (greeting, server_name, port) =
            (tools::config("greeting")?, tools::config("server-name")?, tools::config("port")?);
        Ok(Config::checked(greeting, server_name, &port))
    }

    fn checked(greeting: String, server_name: String, port: &str) -> std::result::Result<Config, String> {
        if !is_host_name(&server_name) {
            return Err(format!("invalid server-name: {server_name:?}"));
        }
        let port = match port.parse() {
            Ok(0) | Err(_) => return Err(format!("invalid port: {port}")),
            Ok(port) => port,
        };
        Ok(Config { greeting, server_name, port })
    }
}

/// Labels of letters, digits and inner hyphens, joined by dots (RFC 1123).
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names() {
        for good in ["localhost", "a", "web-1.example.com", "0a.b"] {
            assert!(is_host_name(good), "{good}");
        }
        for bad in ["", ".", "a..b", "a.", "-a", "a-", "a_b", "a b", "é", &"a".repeat(64)] {
            assert!(!is_host_name(bad), "{bad}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let check = |name: &str, port| Config::checked(String::new(), name.into(), port).map(|c| c.port);
        assert_eq!(check("a", "8080"), Ok(8080));
        assert_eq!(check("", "8080"), Err("invalid server-name: \"\"".into()));
        assert_eq!(check("a", "0"), Err("invalid port: 0".into()));
        assert_eq!(check("a", "65536"), Err("invalid port: 65536".into()));
    }
}
