//! The hook tools: the programs through which a charm speaks with Juju.

use std::process::Command;

use crate::Result;

/// Runs a hook tool and returns what it prints, without the final newline.
fn tool(name: &str, args: &[&str]) -> Result<String> {
    let output =
        Command::new(name).args(args).output().map_err(|error| format!("cannot run {name}: {error}"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{name} failed ({}): {}", output.status, stderr.trim()).into());
    }
    let mut stdout =
        String::from_utf8(output.stdout).map_err(|_| format!("{name} printed bytes that are not UTF-8"))?;
    if stdout.ends_with('\n') {
        stdout.pop();
    }
    Ok(stdout)
}

pub fn log(message: &str) -> Result<()> {
    tool("juju-log", &["--log-level", "INFO", "--", message]).map(drop)
}

pub fn config(key: &str) -> Result<String> {
    tool("config-get", &[key])
}

pub fn is_leader() -> Result<bool> {
    Ok(tool("is-leader", &["--format=json"])?.trim() == "true")
}

/// Sets the unit's status and, from the leader, the application's too.
pub fn set_status(status: &str, message: &str) -> Result<()> {
    tool("status-set", &["--", status, message])?;
    if is_leader()? {
        tool("status-set", &["--application=true", "--", status, message])?;
    }
    Ok(())
}

pub fn set_version(version: &str) -> Result<()> {
    tool("application-version-set", &["--", version]).map(drop)
}

/// The address at which the server listens: the one of the `database` endpoint's network.
pub fn bind_address() -> Result<String> {
    tool("network-get", &["database", "--bind-address"])
}

/// Makes `port` the only open port.
pub fn open_only_port(port: u16) -> Result<()> {
    let wanted = format!("{port}/tcp");
    close_ports_but(&wanted)?;
    tool("open-port", &[&wanted]).map(drop)
}

pub fn close_ports() -> Result<()> {
    close_ports_but("")
}

fn close_ports_but(wanted: &str) -> Result<()> {
    for open in tool("opened-ports", &[])?.split_whitespace().filter(|open| *open != wanted) {
        tool("close-port", &[open])?;
    }
    Ok(())
}

/// The path of a resource's file.
pub fn resource(name: &str) -> Result<String> {
    tool("resource-get", &[name])
}

/// One value from the bag of the remote application; empty when it is not there.
pub fn remote_app_value(relation: &str, app: &str, key: &str) -> Result<String> {
    tool("relation-get", &["-r", relation, "--app", key, app])
}

/// Writes values of this unit's own bag.
pub fn set_unit_values(relation: &str, values: &[(&str, &str)]) -> Result<()> {
    let pairs: Vec<String> = values.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let mut args = vec!["-r", relation];
    args.extend(pairs.iter().map(String::as_str));
    tool("relation-set", &args).map(drop)
}

pub fn action_param(name: &str) -> Result<String> {
    tool("action-get", &[name])
}

pub fn action_results(results: &[(&str, &str)]) -> Result<()> {
    let pairs: Vec<String> = results.iter().map(|(key, value)| format!("{key}={value}")).collect();
    tool("action-set", &pairs.iter().map(String::as_str).collect::<Vec<_>>()).map(drop)
}

pub fn action_fail(message: &str) -> Result<()> {
    tool("action-fail", &["--", message]).map(drop)
}
