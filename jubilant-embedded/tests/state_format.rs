//! Models that this build cannot read: they are listed, refused in words, and can be destroyed.
#![cfg(target_os = "linux")]

#[path = "support/probe.rs"]
mod probe;
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use probe::kill;
use serde_json::{Value, json};
use support::{Answer, Juju, is_alive, processes};

/// Two models with a unit each that has left a daemon behind, and no controller: `odd` is about to be changed.
struct Scene {
    juju: Juju,
    odd: PathBuf,
    daemons: Vec<i32>,
}

impl Scene {
    fn new() -> Self {
        let juju = Juju::bare();
        let body = "case $JUJU_HOOK_NAME in start) setsid sleep 1000 </dev/null >/dev/null 2>&1 & status-set active;; config-changed) juju-log \"V> $(config-get v)\";; esac";
        let charm = juju.charm("web").dispatch(body);
        let charm = charm.file("config.yaml", "options:\n  v: {type: int, default: 0}\n");
        for model in ["odd", "keep"] {
            juju.run(&["add-model", model]).ok();
            juju.deploy(&charm, &[]);
            juju.wait_for("web/0", "active");
            juju.settle();
        }
        let shown = juju.run(&["show-model", "odd", "--format", "json"]).json();
        let odd = juju.state().join("models").join(shown["odd"]["model-uuid"].as_str().expect("a UUID"));
        kill(juju.controller().expect("a controller"));
        let of_odd = fs::canonicalize(&odd).expect("the model's directory");
        let lives_in =
            |pid: i32| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(&of_odd));
        let daemons = processes(lives_in);
        assert_eq!(daemons.len(), 1);
        Self { juju, odd, daemons }
    }

    fn uuid(&self) -> String {
        self.odd.file_name().expect("a name").to_string_lossy().into_owned()
    }

    /// The name under which the model is listed, if it is.
    fn listed(&self) -> Option<String> {
        let models = self.juju.run(&["models", "--format", "json"]).json();
        let entry = models["models"].as_array()?.iter().find(|model| model["model-uuid"] == self.uuid())?;
        Some(entry["short-name"].as_str().expect("a name").to_owned())
    }

    /// All that a model of another format must still do.
    #[track_caller]
    fn is_refused_and_goes(&self, names: &[&str], why: &str) {
        let juju = &self.juju;
        let name = self.listed().expect("the model is listed");
        assert!(names.contains(&name.as_str()), "{name}");
        assert!(juju.run(&["models"]).ok().contains(&name));
        for command in [
            &["status"][..],
            &["status", "--format", "json"],
            &["config", "web", "v=1"],
            &["deploy", juju.path().join("charms/web").to_str().expect("UTF-8"), "other"],
            &["add-unit", "web"],
            &["exec", "--unit", "web/0", "--", "true"],
            &["remove-application", "--no-prompt", "web"],
            &["model-config", "update-status-hook-interval=10s"],
        ] {
            let answer = juju.run(&[&command[..1], &["-m", &name], &command[1..]].concat());
            refuses(answer, why);
        }
        assert!(self.daemons.iter().all(|pid| is_alive(*pid)), "nothing has happened to it");
        self.other_model_works("1");

        juju.run(&["destroy-model", "--no-prompt", "--timeout", "20s", &name]).ok();
        self.is_gone();
        self.other_model_works("2");
        juju.run(&["add-model", "odd"]).ok();
        juju.run(&["status", "-m", "odd"]).ok();
    }

    #[track_caller]
    fn is_gone(&self) {
        assert_eq!(self.listed(), None);
        assert!(!self.odd.exists(), "its directory stays");
        assert!(!self.daemons.iter().any(|pid| is_alive(*pid)), "its unit's processes stay");
    }

    #[track_caller]
    fn other_model_works(&self, value: &str) {
        self.juju.run(&["switch", "keep"]).ok();
        self.juju.run(&["config", "web", &format!("v={value}")]).ok();
        self.juju.wait_for_log(&format!("V> {value}"));
    }
}

impl Drop for Scene {
    /// Where the test has failed, nobody else ends them.
    fn drop(&mut self) {
        self.daemons.iter().copied().filter(|pid| is_alive(*pid)).for_each(kill);
    }
}

/// One sentence that says why and what to do.
#[track_caller]
fn refuses(answer: Answer, why: &str) {
    let answer = answer.fails(1, "ERROR ");
    assert_eq!(answer.stderr.trim_end().lines().count(), 1, "{answer:?}");
    for word in [why, "destroy-model"] {
        assert!(answer.stderr.contains(word), "{word:?} in {answer:?}");
    }
}

/// The files of a model that carry its format, with their text.
fn formatted(model: &Path) -> Vec<(PathBuf, String)> {
    let files = fs::read_dir(model).expect("the model's directory").flatten().map(|entry| entry.path());
    let texts = files.filter_map(|path| Some((path.clone(), fs::read_to_string(&path).ok()?)));
    texts.filter(|(_, text)| text.contains("\"format\":")).collect()
}

/// The files that hold a model's state: those that carry a format, or where there was none yet, the only one.
fn state_files(model: &Path) -> Vec<PathBuf> {
    let files: Vec<PathBuf> = formatted(model).into_iter().map(|(path, _)| path).collect();
    if files.is_empty() { vec![model.join("model.json")] } else { files }
}

#[test]
fn a_model_of_a_later_format() {
    let scene = Scene::new();
    let files = formatted(&scene.odd);
    assert!(!files.is_empty(), "no file carries a format number");
    for (path, text) in files {
        let (before, after) = text.split_once("\"format\":").expect("it was found");
        let after = after.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        fs::write(path, format!("{before}\"format\":999{after}")).expect("a file");
    }
    scene.is_refused_and_goes(&["odd", &scene.uuid()], "format");
}

#[test]
fn a_model_of_the_time_before_formats() {
    let scene = Scene::new();
    for file in state_files(&scene.odd) {
        fs::remove_file(file).expect("the file was there");
    }
    // As it was: all of a model in one file. A build that wrote one field less may have written this.
    let old = json!({
        "uuid": scene.uuid(), "name": "odd", "life": "alive", "created": 1_764_000_000_000_u64, "config": {},
        "applications": {}, "relations": {}, "tasks": {}, "next_machine": 0, "next_relation": 0,
    });
    fs::write(scene.odd.join("model.json"), old.to_string()).expect("a file");
    scene.juju.run(&["add-model", "odd"]).fails(1, "already exists");
    scene.is_refused_and_goes(&["odd"], "format");
}

#[track_caller]
fn damaged_goes(content: &[u8]) {
    let scene = Scene::new();
    for file in state_files(&scene.odd) {
        fs::write(file, content).expect("a file");
    }
    scene.is_refused_and_goes(&["odd", &scene.uuid()], "read");
}

#[test]
fn a_model_whose_state_is_no_text() {
    damaged_goes(&[0xff, 0xfe, 0, 1, 2, b'{', b'\n', 0x80, b'\n']);
}

#[test]
fn a_model_whose_state_is_empty() {
    damaged_goes(b"");
}

#[test]
fn a_model_whose_state_is_something_else() {
    damaged_goes(b"[{\"name\": 7}, null]\n");
}

#[test]
fn a_model_whose_state_is_a_directory() {
    let scene = Scene::new();
    for file in state_files(&scene.odd) {
        fs::remove_file(&file).expect("the file was there");
        fs::create_dir(&file).expect("a directory");
    }
    scene.is_refused_and_goes(&["odd", &scene.uuid()], "read");
}

#[test]
fn a_controller_that_is_killed_takes_unreadable_models_along() {
    let scene = Scene::new();
    for file in state_files(&scene.odd) {
        fs::write(file, "{}").expect("a file");
    }
    assert!(scene.listed().is_some());
    scene.juju.run(&["kill-controller", "--no-prompt", "embedded"]).ok();
    let left: Vec<Value> = fs::read_dir(scene.juju.state().join("models"))
        .expect("models")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into())
        .collect();
    assert_eq!(left, Vec::<Value>::new());
    assert_eq!(scene.juju.leftovers(), Vec::<i32>::new());
}
