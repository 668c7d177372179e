//! A temporary project, the program run on it, and the archive it made.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use zip::ZipArchive;

/// A directory of charms, and one of programs that are found before all others.
pub(crate) struct Project {
    dir: TempDir,
}

impl Project {
    pub(crate) fn new() -> Project {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("programs")).unwrap();
        Project { dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        // canonical, as the program's answers are.
        self.dir.path().canonicalize().unwrap().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.write(name, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// A charm with a `dispatch`, and these lines besides in its charmcraft.yaml.
    pub(crate) fn charm(&self, name: &str, yaml: &str) -> PathBuf {
        self.script(&format!("{name}/dispatch"), "exit 0");
        self.write(
            &format!("{name}/charmcraft.yaml"),
            &format!("name: {name}\ntype: charm\nsummary: A charm\ndescription: A charm\n{yaml}\n"),
        );
        self.path(name)
    }

    /// A charm of one dump part, without this machine's architecture in its file's name.
    pub(crate) fn dumped(&self, name: &str) -> PathBuf {
        self.charm(name, &format!("{PLATFORM}parts: {{all: {{plugin: dump, source: ., stage: [dispatch]}}}}"))
    }

    /// A copy of one of the repository's own charms.
    pub(crate) fn copy(&self, charm: &str) -> PathBuf {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/charms").join(charm);
        let copy = self.path(charm);
        copy_dir(&source, &copy);
        copy
    }

    pub(crate) fn xtask(&self) -> Command {
        self.program(env!("CARGO_BIN_EXE_xtask"))
    }

    /// A program, with the test's programs first on the `PATH` and nothing of the caller's choices.
    pub(crate) fn program(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var("PATH").unwrap();
        command
            .current_dir(self.dir.path())
            .env("PATH", format!("{}:{path}", self.path("programs").display()))
            // Builds are kept from one run of the tests to the next.
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("xtask"))
            .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"));
        for variable in
            ["CHARM_PATH", "CHARM_PATH_WEB", "CHARM_PATH_DB", "JUBILANT_BACKEND", "JUBILANT_PYTHON"]
        {
            command.env_remove(variable);
        }
        command
    }

    pub(crate) fn pack(&self, dir: &Path, options: &[&str]) -> Answer {
        Answer::of(self.xtask().arg("pack").args(options).arg(dir))
    }
}

pub(crate) const PLATFORM: &str =
    "base: ubuntu@24.04\nplatforms: {any-machine: {build-on: [amd64], build-for: [all]}}\n";

fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (name, target) = (entry.file_name(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            if name != "target" {
                copy_dir(&entry.path(), &target);
            }
        } else if !name.to_string_lossy().ends_with(".charm") {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// What the program answered.
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    pub(crate) fn of(command: &mut Command) -> Answer {
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Answer { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// The path of the one charm that was packed.
    #[track_caller]
    pub(crate) fn charm(&self) -> PathBuf {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        let [path] = self.stdout.lines().collect::<Vec<_>>()[..] else { panic!("{}", self.stdout) };
        PathBuf::from(path)
    }

    /// It failed with this exit code, and its last line is the error, which holds all these texts.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, texts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        let error = self.stderr.lines().last().unwrap_or_default();
        assert!(error.starts_with("error: "), "{}", self.stderr);
        for text in texts {
            assert!(error.contains(text), "no {text:?} in {error}");
        }
    }
}

/// The files of an archive: name, mode and text.
pub(crate) fn contents(charm: &Path) -> Vec<(String, u32, Vec<u8>)> {
    let mut zip = ZipArchive::new(File::open(charm).unwrap()).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), file.unix_mode().unwrap(), bytes)
        })
        .collect()
}

pub(crate) fn names(charm: &Path) -> Vec<String> {
    contents(charm).into_iter().map(|(name, _, _)| name).collect()
}

/// A YAML file of an archive, as a reader of YAML sees it.
#[track_caller]
pub(crate) fn yaml(charm: &Path, name: &str) -> serde_json::Value {
    let all = contents(charm);
    let (_, _, bytes) = all.iter().find(|(file, _, _)| file == name).expect(name);
    serde_yaml::from_slice(bytes).unwrap()
}
