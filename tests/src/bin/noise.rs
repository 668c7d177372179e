//! A program that a test leaves behind: it goes on printing to the output that it has from the test, fast, whoever
//! else prints there, and lives on when nobody reads it any more.
//!
//! Its arguments are what to do: `stdout` and `stderr` where to print, `nonblocking` what to make of the output first.
//! Without one of the two places it only holds the output.
#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// It does not outlive a test that forgets to end it by more than this.
const LIFE: Duration = Duration::from_secs(60);

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = |what: &str| arguments.iter().any(|argument| argument == what);
    if asked("nonblocking") {
        // This holds for everybody who has the same output.
        let stdout = io::stdout();
        fcntl_setfl(&stdout, fcntl_getfl(&stdout)? | OFlags::NONBLOCK)?;
    }
    let mut places: Vec<Box<dyn Write>> = Vec::new();
    if asked("stdout") {
        places.push(unbuffered(io::stdout())?);
    }
    if asked("stderr") {
        places.push(unbuffered(io::stderr())?);
    }
    let began = Instant::now();
    let text = format!("{}\n", "noise ".repeat(1000));
    while began.elapsed() < LIFE {
        if places.is_empty() {
            sleep(Duration::from_millis(100));
        }
        places.retain_mut(|place| match place.write(text.as_bytes()) {
            Ok(_) => true,
            Err(error) => matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted),
        });
    }
    Ok(())
}

fn unbuffered(place: impl AsFd) -> io::Result<Box<dyn Write>> {
    Ok(Box::new(std::fs::File::from(place.as_fd().try_clone_to_owned()?)))
}
