//! Running a process to its end or to its deadline, without ever blocking on its pipes.

use std::fmt;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How a `juju` process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// It was ended after this time without an answer.
    NoAnswer(Duration),
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Code(0) => f.write_str("failed, though with exit code 0"),
            Exit::Code(code) => write!(f, "failed with exit code {code}"),
            Exit::Signal(signal) => write!(f, "was ended by signal {signal}"),
            Exit::NoAnswer(limit) if limit.subsec_nanos() == 0 => {
                write!(f, "gave no answer within {} s", limit.as_secs())
            }
            Exit::NoAnswer(limit) => write!(f, "gave no answer within {:.1} s", limit.as_secs_f32()),
        }
    }
}

/// How a process ended and what it printed.
pub(super) struct Finished {
    pub(super) exit: Exit,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// How long to wait for the rest of a pipe after its process has ended: a grandchild may hold it open for ever,
/// but what the process itself wrote is already in it.
const REST: Duration = Duration::from_secs(1);

/// Runs a command; at the deadline it is killed, and what it printed so far is kept.
pub(super) fn run(
    mut command: Command,
    stdin: Option<Vec<u8>>,
    limit: Duration,
) -> std::io::Result<Finished> {
    let deadline = Instant::now() + limit;
    command.stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let (Some(mut pipe), Some(input)) = (child.stdin.take(), stdin) {
        // A process that does not read all of its input is no error: its exit code tells.
        thread::spawn(move || pipe.write_all(&input));
    }
    let (ended, all_ended) = channel();
    let stdout = Reader::start(child.stdout.take(), ended.clone());
    let stderr = Reader::start(child.stderr.take(), ended);

    let exit = match wait(&mut child, &all_ended, deadline)? {
        Some(status) => exit_of(status),
        None => {
            // The process may end by itself just now; either way it is waited for.
            child.kill().ok();
            child.wait()?;
            Exit::NoAnswer(limit)
        }
    };
    let until = Instant::now() + REST;
    // Both readers dropping their sender disconnects the channel.
    while !matches!(
        all_ended.recv_timeout(until.saturating_duration_since(Instant::now())),
        Err(RecvTimeoutError::Disconnected | RecvTimeoutError::Timeout)
    ) {}
    Ok(Finished { exit, stdout: stdout.text(), stderr: stderr.text() })
}

/// Waits for the process; `None` at the deadline. The pipes' end usually announces the process's.
fn wait(child: &mut Child, pipes: &Receiver<()>, deadline: Instant) -> std::io::Result<Option<ExitStatus>> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        match pipes.recv_timeout(pause.min(left)) {
            Ok(()) => pause = Duration::from_millis(1),
            Err(RecvTimeoutError::Disconnected) => thread::sleep(pause.min(left)),
            Err(RecvTimeoutError::Timeout) => {}
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn exit_of(status: ExitStatus) -> Exit {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, signal) => Exit::Signal(signal.unwrap_or_default()),
    }
}

/// Collects what comes out of a pipe, in a thread that may outlive this value.
struct Reader(Arc<Mutex<Vec<u8>>>);

impl Reader {
    fn start(pipe: Option<impl Read + Send + 'static>, ended: Sender<()>) -> Self {
        let collected = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&collected);
        thread::spawn(move || {
            let Some(mut pipe) = pipe else { return };
            let mut buffer = vec![0; 64 * 1024];
            loop {
                match pipe.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(count) => {
                        into.lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .extend_from_slice(&buffer[..count]);
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(_) => break,
                }
            }
            ended.send(()).ok();
        });
        Reader(collected)
    }

    fn text(self) -> String {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}
