//! Descriptors that a process inherits, and those that it hands on.
#![allow(unsafe_code)]

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

/// Closes every descriptor above 2 that this process was started with: it may outlive whoever holds the other
/// end, or the lock, and waits for it.
///
/// To be called before anything of this process's own is open.
pub(crate) fn close_inherited() {
    // The numbers are read first: the listing itself needs a descriptor.
    let entries = std::fs::read_dir("/dev/fd").into_iter().flatten().flatten();
    let numbers: Vec<i32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    for number in numbers.into_iter().filter(|number| *number > 2 && is_open(*number)) {
        // SAFETY: nothing in this process owns a descriptor above 2 yet.
        unsafe { rustix::io::close(number) };
    }
}

/// Whether it is still there: that of the listing is not.
fn is_open(number: i32) -> bool {
    std::fs::symlink_metadata(format!("/dev/fd/{number}")).is_ok()
}

/// The owner's line to the supervisor, which is its standard input.
pub(crate) fn take_stdin() -> io::Result<UnixStream> {
    let line = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    leave_no_input()?;
    Ok(line)
}

/// A worker's line to the supervisor: what it tells goes out by its standard output, answers come by its standard
/// input. Both are taken: what its tests print goes to the standard error, which the two outputs share from then on.
pub(crate) fn take_line() -> io::Result<(PipeWriter, PipeReader)> {
    let lines = PipeWriter::from(io::stdout().as_fd().try_clone_to_owned()?);
    let answers = PipeReader::from(io::stdin().as_fd().try_clone_to_owned()?);
    rustix::stdio::dup2_stdout(io::stderr())?;
    leave_no_input()?;
    Ok((lines, answers))
}

/// A test, or a program that it starts, must not wait for ever for input that nobody will give.
fn leave_no_input() -> io::Result<()> {
    Ok(rustix::stdio::dup2_stdin(File::open("/dev/null")?)?)
}
