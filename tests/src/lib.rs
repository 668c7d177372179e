//! What the suites and the end-to-end tests of jubilant share.
#![forbid(unsafe_code)]

pub mod bench;
pub mod front;
pub mod tiny_charm;

use std::time::Duration;

use anyhow::Context;
use jubilant::Status;

/// What the workload answered.
#[derive(Debug)]
pub struct Page {
    /// The HTTP status code.
    pub code: u16,
    /// The body.
    pub body: String,
}

/// Asks the workload of `unit` for `path`, at the address that `juju status` shows.
///
/// # Errors
/// If the unit has no address, or nothing answers there.
pub fn get(status: &Status, unit: &str, port: u16, path: &str) -> anyhow::Result<Page> {
    let address = status
        .unit(unit)
        .and_then(|unit| unit.address())
        .with_context(|| format!("{unit} has no address in the status"))?;
    let url = format!("http://{address}:{port}{path}");
    let limit = Duration::from_secs(10).as_secs();
    let response = minreq::get(&url).with_timeout(limit).send().with_context(|| url.clone())?;
    Ok(Page { code: response.status_code, body: response.as_str()?.to_owned() })
}

/// A failure's message of `size` bytes, in lines: what a test fails with, and what is looked for in its report.
pub fn message(size: usize) -> String {
    let mut text = String::new();
    let mut lines = (0..).map(|number| format!("line {number} of a message that must not be lost\n"));
    while text.len() < size {
        text.extend(lines.next());
    }
    text.truncate(size);
    text
}
