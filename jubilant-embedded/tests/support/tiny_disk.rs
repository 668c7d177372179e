//! An embedded Juju whose state lies on a tiny file system of its own, in a mount namespace.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part")]

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::support::{Answer, Juju, PROGRAM, wait_until};

/// What fits besides the program, which is copied there.
const ROOM: u64 = 16 * 1024 * 1024;

pub struct TinyDisk {
    pub juju: Juju,
    /// The process whose namespaces everything runs in.
    holder: Child,
}

impl TinyDisk {
    /// `None`, with a word on standard error, where nobody may mount anything.
    pub fn new() -> Option<Self> {
        let juju = Juju::bare();
        fs::create_dir(juju.state()).expect("a directory");
        let mut unshare = Command::new("unshare");
        unshare.args(["--map-root-user", "--mount", "sleep", "1000"]).stdin(Stdio::null());
        let holder = match unshare.spawn() {
            Ok(holder) => holder,
            Err(error) => {
                eprintln!("skipped: unshare cannot be started: {error}");
                return None;
            }
        };
        let mut disk = Self { juju, holder };
        let own = fs::read_link("/proc/self/ns/mnt").expect("a namespace");
        let link = format!("/proc/{}/ns/mnt", disk.holder.id());
        wait_until("namespace, or none", || {
            fs::read_link(&link).is_ok_and(|other| other != own) || !is_running(&disk.holder)
        });
        let size = format!("size={}", fs::metadata(PROGRAM).expect("the program").len() + ROOM);
        let state = disk.juju.state();
        let mut mount = disk.inside("mount");
        let mounted =
            mount.args(["-t", "tmpfs", "-o", &size, "tiny"]).arg(&state).output().expect("nsenter starts");
        if !mounted.status.success() || disk.holder.try_wait().is_ok_and(|ended| ended.is_some()) {
            eprintln!("skipped: no tmpfs can be mounted: {}", String::from_utf8_lossy(&mounted.stderr));
            return None;
        }
        Some(disk)
    }

    fn inside(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.holder.id()));
        command.args(["--user", "--mount", "--preserve-credentials", program]);
        command.stdin(Stdio::null()).current_dir(self.juju.path());
        command.env("JUBILANT_EMBEDDED_DIR", self.juju.state()).env_remove("JUJU_MODEL");
        command
    }

    /// Runs a `juju` command on this disk.
    pub fn run(&self, args: &[&str]) -> Answer {
        Answer::new(self.juju(args).output().expect("nsenter starts"))
    }

    /// What hangs, for ever on a full disk, ends with code 124.
    fn juju(&self, args: &[&str]) -> Command {
        let mut command = self.inside("timeout");
        command.args(["60", PROGRAM]).args(args);
        command
    }

    /// The state directory as this process sees it.
    pub fn state(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(self.juju.state().strip_prefix("/").expect("the path is absolute"))
    }

    fn filler(&self) -> PathBuf {
        self.state().join("filler")
    }

    /// Leaves not one byte.
    pub fn fill(&self) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.filler()).expect("a file");
        for size in [1024 * 1024, 4096, 1] {
            let bytes = vec![b'x'; size];
            while file.write_all(&bytes).is_ok() {}
        }
    }

    pub fn free(&self) {
        fs::remove_file(self.filler()).expect("it was filled");
    }

    /// Leaves this much.
    pub fn leave(&self, bytes: u64) {
        self.fill();
        let file = File::options().write(true).open(self.filler()).expect("it was filled");
        let length = file.metadata().expect("a length").len();
        file.set_len(length.checked_sub(bytes).expect("so much was filled")).expect("it shrinks");
    }

    /// The entries of the directory of models.
    pub fn models(&self) -> Vec<String> {
        let entries = fs::read_dir(self.state().join("models")).expect("models").flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }
}

fn is_running(child: &Child) -> bool {
    i32::try_from(child.id()).is_ok_and(crate::support::is_alive)
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.filler());
        let _ = self.juju(&["kill-controller", "--no-prompt", "embedded"]).output();
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
