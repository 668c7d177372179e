//! Letting go of the files that the controller's starter had open.
#![allow(unsafe_code, reason = "no safe interface closes a descriptor that nothing in the process owns")]

use std::fs;
use std::io;
use std::os::fd::RawFd;
use std::path::Path;

const LISTING: &str = "/proc/self/fd";

/// Closes every descriptor above standard error. Call it before the process opens anything or has threads.
///
/// A program inherits what its shell has open, and hands it on. Kept by a process in the background, it would
/// leave a pipe's reader without an end and a `flock` without release.
pub(super) fn close_inherited() -> io::Result<()> {
    let names = fs::read_dir(LISTING)?.map(|entry| Ok(entry?.file_name()));
    let names = names.collect::<io::Result<Vec<_>>>()?;
    let numbers = names.iter().filter_map(|name| name.to_str()?.parse::<RawFd>().ok());
    // The listing's own descriptor is among them and has been closed by now.
    let is_open = |number: &RawFd| fs::symlink_metadata(Path::new(LISTING).join(number.to_string())).is_ok();
    for number in numbers.filter(|number| *number > 2).filter(is_open) {
        // SAFETY: the descriptor is open, as was just seen, and nothing in this process owns it: its only
        // thread has opened nothing that it still holds, so the descriptor came from the starter.
        unsafe { rustix::io::close(number) };
    }
    Ok(())
}
