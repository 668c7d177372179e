//! Real Python charms, on several releases of `ops`.
//!
//! A step of its own, because it installs `ops` from PyPI (once per release, into the target directory):
//!
//! ```text
//! cargo test -p jubilant-embedded --test ops -- --ignored
//! ```
#![cfg(target_os = "linux")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(120);

#[test]
#[ignore = "needs PyPI: cargo test -p jubilant-embedded --test ops -- --ignored"]
fn ops_2_19() -> Result<()> {
    whole_life("2.19.*")
}

#[test]
#[ignore = "needs PyPI: cargo test -p jubilant-embedded --test ops -- --ignored"]
fn ops_2_23() -> Result<()> {
    whole_life("2.23.*")
}

#[test]
#[ignore = "needs PyPI: cargo test -p jubilant-embedded --test ops -- --ignored"]
fn ops_3() -> Result<()> {
    whole_life("3.*")
}

#[test]
#[ignore = "needs PyPI: cargo test -p jubilant-embedded --test ops -- --ignored"]
fn state_kept_in_juju() -> Result<()> {
    let juju = Juju::new("3.*")?;
    fs::write(juju.charm().join("state-in-juju"), "")?;
    juju.deploy("a", 1)?;
    let before = juju.look("a/0")?;
    ensure!(before["stored"]["custom"] == json!(["steady"]), "{before}");
    juju.run(&["config", "a", "defer=true"])?;
    juju.wait("config-changed is deferred", || Ok(juju.look("a/0")?["stored"]["deferred"] != 0))?;
    juju.run(&["config", "a", "text=later", "defer=false"])?;
    juju.wait("the deferred event runs", || Ok(juju.look("a/0")?["stored"]["config"]["text"] == "later"))
}

/// One charm from its deployment to its removal.
fn whole_life(release: &str) -> Result<()> {
    let juju = Juju::new(release)?;
    let blob = juju.dir.path().join("blob.txt");
    fs::write(&blob, "a resource")?;
    juju.deploy("a", 2)?;
    juju.run(&["attach-resource", "a", &format!("blob={}", blob.display())])?;
    juju.deploy("b", 1)?;
    juju.run(&["integrate", "a:server", "b:client"])?;
    juju.wait("all are related", || Ok(juju.events("b/0")?.contains("client-relation-changed a a/1")))?;
    juju.settle()?;
    begins(&juju)?;
    sees_its_surroundings(&juju)?;
    runs_actions(&juju)?;
    passes_data_on_unchanged(&juju)?;
    follows_its_config(&juju)?;
    recovers_from_an_exception(&juju)?;
    survives_a_refresh(&juju)?;
    leaves(&juju)
}

fn begins(juju: &Juju) -> Result<()> {
    let events = juju.events("a/0")?;
    let first: Vec<&str> = events.lines().filter_map(|line| line.split(' ').next()).collect();
    let lifecycle: Vec<&str> = first.into_iter().filter(|name| !name.contains("relation")).collect();
    ensure!(lifecycle[..4] == ["install", "leader-elected", "config", "start"], "{events}");
    let app = &juju.status()?["applications"]["a"];
    ensure!(app["application-status"]["message"] == "2 planned", "{app}");
    ensure!(app["version"] == "1.2.3 beta", "{app}");
    ensure!(app["units"]["a/0"]["open-ports"] == json!(["icmp", "80/tcp", "53/udp"]), "{app}");
    Ok(())
}

fn sees_its_surroundings(juju: &Juju) -> Result<()> {
    let (leader, other) = (juju.look("a/0")?, juju.look("a/1")?);
    let config = json!({"count": 3, "crash": false, "defer": false, "flag": false, "ratio": 1.5, "text": ""});
    ensure!(leader["config"] == config, "{leader}");
    ensure!(leader["leader"] == true && other["leader"] == false, "{leader} {other}");
    ensure!(leader["planned"] == 2, "{leader}");
    ensure!(leader["blob"] == "a resource", "{leader}");
    ensure!(leader["app-status"] == json!(["active", "2 planned"]), "{leader}");
    ensure!(leader["bind"] == leader["ingress"] && leader["bind"] != other["bind"], "{leader} {other}");
    ensure!(leader["stored"]["custom"] == json!(["steady"]), "{leader}");
    let (ours, theirs) = (&leader["relations"]["server:b"], &other["relations"]["server:b"]);
    ensure!(ours["own app"]["leader"] == "a/0", "{ours}");
    // Only the leader may read what it wrote, except among peers. `ops` 3 knows; `ops` 2 is told by relation-get.
    let refused = ["RelationDataAccessError", "ModelError"].map(Value::from);
    ensure!(refused.contains(&theirs["own app"]), "{theirs}");
    ensure!(other["relations"]["cluster:a"]["own app"]["leader"] == "a/0", "{other}");
    ensure!(theirs["b"]["leader"] == "b/0" && theirs["b/0"]["hello"] == "b/0", "{theirs}");
    Ok(())
}

fn runs_actions(juju: &Juju) -> Result<()> {
    let task = juju.action("a/0", &["echo", "number=5", "deep.x=1"])?;
    ensure!(task["status"] == "completed", "{task}");
    let results = &task["results"];
    ensure!(results["nested"] == json!({"a": {"b": "1"}, "c": "x=y\nz"}), "{task}");
    ensure!(results["params"] == r#"{"deep": {"x": 1}, "number": 5, "word": "hi"}"#, "{task}");
    ensure!(results["more"] == "--dashes", "{task}");
    ensure!(task["log"].as_array().is_some_and(|log| log.len() == 2), "{task}");
    let task = juju.action("a/0", &["fail"])?;
    ensure!(task["status"] == "failed" && task["message"] == "it -- failed", "{task}");
    ensure!(task["results"]["partial"] == "yes" && task["results"]["return-code"] == 0, "{task}");
    let task = juju.action("a/0", &["fail", "how=raise"])?;
    ensure!(task["status"] == "failed" && task["results"]["return-code"] == 1, "{task}");
    ensure!(juju.log()?.contains("RuntimeError: raised in an action"), "no traceback in the log");
    let results = &juju.action("a/0", &["refused"])?["results"];
    for (call, tool) in [("add", "secret-add"), ("get", "secret-get"), ("cloud", "credential-get")] {
        let text = results[call].as_str().unwrap_or_default();
        let refusal = format!("ModelError: ERROR {tool} is not supported by the embedded Juju");
        ensure!(text.starts_with(&refusal), "{call}: {results}");
    }
    // `ops` 3 keeps the text of this one to itself, the log does not.
    ensure!(results["reboot"].as_str().is_some_and(|text| text.contains("Error: ")), "{results}");
    ensure!(juju.log()?.contains("ERROR jubilant.embedded juju-reboot is not supported"), "{}", juju.log()?);
    let task = juju.action("a/0", &["ports", "ports=[443]"])?;
    ensure!(task["results"]["now"] == r#"["443"]"#, "{task}");
    let task = juju.action("a/0", &["chatter", "lines=500"])?;
    ensure!(task["status"] == "completed", "{task}");
    let lines = juju.log()?.matches("INFO unit.a/0.juju-log line ").count();
    ensure!(lines == 500, "{lines} of 500 lines were logged");
    Ok(())
}

/// Texts that a YAML reader could take for something else: `ops` 2 hands over YAML.
fn passes_data_on_unchanged(juju: &Juju) -> Result<()> {
    let data = json!({
        "float": "1e5", "octal": "0o17", "version": "1.10", "hex": "0x1F", "word": "yes", "null": "null",
        "tilde": "~", "long": "12345678901234567890123", "equals": "=x", "lines": "a\nb\n", "json": "{\"a\": 1}",
    });
    let param = format!("data={data}");
    let task = juju.action("a/0", &["share", "app=true", &param])?;
    ensure!(task["status"] == "completed", "{task}");
    juju.action("a/1", &["share", &param])?;
    let arrived =
        |bag: &Value| data.as_object().is_some_and(|map| map.iter().all(|(key, value)| bag[key] == *value));
    juju.wait("the data arrive as they were sent", || {
        let seen = juju.look("b/0")?;
        let relation = &seen["relations"]["client:a"];
        Ok(arrived(&relation["a"]) && arrived(&relation["a/1"]))
    })?;
    let task = juju.action("a/1", &["share", "app=true", "data={\"k\": \"v\"}"])?;
    ensure!(task["status"] == "failed", "only the leader may: {task}");
    Ok(())
}

fn follows_its_config(juju: &Juju) -> Result<()> {
    juju.run(&["config", "a", "text=hé", "ratio=2", "flag=true", "count=-1"])?;
    juju.wait("the charm is blocked", || juju.unit_is("a/0", "blocked", "count -- is negative"))?;
    juju.run(&["config", "a", "--reset", "count"])?;
    juju.wait("the charm is active", || juju.unit_is("a/0", "active", "hé"))?;
    // Juju's JSON has no fraction for a whole float.
    ensure!(juju.look("a/0")?["config"]["ratio"] == json!(2), "{}", juju.look("a/0")?);
    juju.run(&["config", "a", "defer=true"])?;
    juju.wait("config-changed is deferred", || Ok(juju.look("a/0")?["stored"]["deferred"] != 0))?;
    juju.run(&["config", "a", "defer=false"])?;
    juju.settle()
}

fn recovers_from_an_exception(juju: &Juju) -> Result<()> {
    juju.run(&["config", "a", "crash=true"])?;
    for unit in ["a/0", "a/1"] {
        juju.wait("the hook fails", || juju.unit_is(unit, "error", "hook failed: \"config-changed\""))?;
    }
    let log = juju.log()?;
    ensure!(log.contains("ERROR unit.a/0.juju-log Uncaught exception while in charm code:"), "{log}");
    ensure!(log.contains("RuntimeError: asked to crash"), "{log}");
    juju.run(&["config", "a", "crash=false"])?;
    juju.run(&["resolved", "a/0", "a/1"])?;
    juju.wait("the charm recovers", || juju.unit_is("a/1", "active", "hé"))?;
    juju.settle()
}

fn survives_a_refresh(juju: &Juju) -> Result<()> {
    let before = juju.look("a/0")?;
    juju.run(&["refresh", "a", "--path", &juju.charm().display().to_string()])?;
    for unit in ["a/0", "a/1"] {
        juju.wait("upgrade-charm runs", || Ok(juju.events(unit)?.contains("\nupgrade-charm\n")))?;
    }
    juju.settle()?;
    let after = juju.look("a/0")?;
    ensure!(after["stored"]["custom"] == before["stored"]["custom"], "{before} {after}");
    ensure!(after["stored"]["hooks"].as_u64() > before["stored"]["hooks"].as_u64(), "{before} {after}");
    Ok(())
}

fn leaves(juju: &Juju) -> Result<()> {
    juju.run(&["remove-unit", "--no-prompt", "a/0"])?;
    juju.wait("a/0 is gone", || Ok(juju.status()?["applications"]["a"]["units"]["a/0"].is_null()))?;
    juju.settle()?;
    for (unit, event) in [
        ("a/1", "cluster-relation-departed a a/0 departing=a/0 units= "),
        ("b/0", "client-relation-departed a a/0 departing=a/0 units=a/1 "),
    ] {
        let events = juju.events(unit)?;
        ensure!(events.contains(event), "{unit}: {events}");
    }
    ensure!(juju.events("a/1")?.contains("\nleader-elected"), "{}", juju.events("a/1")?);
    ensure!(juju.look("a/1")?["leader"] == true);
    juju.run(&["remove-relation", "a:server", "b:client"])?;
    juju.wait("the relation is broken", || {
        Ok(juju.events("b/0")?.contains("client-relation-broken a - units= "))
    })?;
    juju.wait("both sides forget it", || {
        let gone = |unit: &str, key: &str| anyhow::Ok(juju.look(unit)?["relations"][key].is_null());
        Ok(gone("a/1", "server:b")? && gone("b/0", "client:a")?)
    })?;
    juju.run(&["remove-application", "--no-prompt", "a", "b"])?;
    juju.wait("everything ends", || {
        Ok(juju.status()?["applications"].as_object().is_some_and(|apps| apps.is_empty()))
    })
}

/// An embedded Juju of its own with a packed charm.
struct Juju {
    dir: TempDir,
}

impl Juju {
    fn new(release: &str) -> Result<Self> {
        let packages = packages(release)?;
        let dir = tempfile::tempdir()?;
        let juju = Self { dir };
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ops-charm");
        copy(&source, &juju.charm())?;
        copy(&packages.join("lib"), &juju.charm().join("venv/lib"))?;
        fs::copy(packages.join("pyvenv.cfg"), juju.charm().join("venv/pyvenv.cfg"))?;
        juju.run(&["add-model", "ops"])?;
        Ok(juju)
    }

    fn charm(&self) -> PathBuf {
        self.dir.path().join("charm")
    }

    fn command(&self, args: &[&str]) -> Result<Output> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jubilant-embedded"));
        command.args(args).env("JUBILANT_EMBEDDED_DIR", self.dir.path().join("state"));
        Ok(command.output()?)
    }

    fn run(&self, args: &[&str]) -> Result<String> {
        let output = self.command(args)?;
        ensure!(output.status.success(), "juju {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }

    fn deploy(&self, app: &str, units: u32) -> Result<()> {
        self.run(&["deploy", &self.charm().display().to_string(), app, "-n", &units.to_string()])?;
        self.wait("it is active", || self.unit_is(&format!("{app}/{}", units - 1), "active", ""))?;
        self.settle()
    }

    fn status(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.run(&["status", "--format", "json"])?)?)
    }

    fn unit_is(&self, unit: &str, status: &str, message: &str) -> Result<bool> {
        let all = self.status()?;
        let app = unit.split('/').next().unwrap_or_default();
        let workload = &all["applications"][app]["units"][unit]["workload-status"];
        let shown = workload["message"].as_str().unwrap_or_default();
        Ok(workload["current"] == status && shown == message)
    }

    fn log(&self) -> Result<String> {
        self.run(&["debug-log", "--no-tail", "--replay"])
    }

    /// Runs an action and returns its task, failed or not.
    fn action(&self, unit: &str, args: &[&str]) -> Result<Value> {
        let output = self.command(&[&["run", unit, "--format", "json"], args].concat())?;
        let tasks: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("{args:?}: {}", String::from_utf8_lossy(&output.stderr)))?;
        Ok(tasks[unit].clone())
    }

    /// What the charm itself sees.
    fn look(&self, unit: &str) -> Result<Value> {
        let task = self.action(unit, &["look"])?;
        let seen = task["results"]["seen"].as_str().with_context(|| task.to_string())?;
        Ok(serde_json::from_str(seen)?)
    }

    /// The events that the charm noted.
    fn events(&self, unit: &str) -> Result<String> {
        let output = self.command(&["exec", "--unit", unit, "--", "cat", "events.txt"])?;
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Waits until every agent is idle, which is when all that was asked for has been told to the charms.
    fn settle(&self) -> Result<()> {
        let mut quiet = 0;
        self.wait("all agents are idle", || {
            let all = self.status()?;
            let apps = all["applications"].as_object().cloned().unwrap_or_default();
            let units =
                apps.values().filter_map(|app| app["units"].as_object()).flat_map(|units| units.values());
            let idle = |unit: &Value| unit["juju-status"]["current"] == "idle";
            quiet = if units.into_iter().all(idle) { quiet + 1 } else { 0 };
            // Between two hooks an agent is idle for a moment.
            Ok(quiet >= 4)
        })
    }

    fn wait(&self, what: &str, mut condition: impl FnMut() -> Result<bool>) -> Result<()> {
        let deadline = Instant::now() + LIMIT;
        while !condition()? {
            if Instant::now() > deadline {
                bail!("not in time: {what}\n{}\n{}", self.run(&["status"])?, self.log()?);
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Drop for Juju {
    fn drop(&mut self) {
        // The controller ends by itself when its model is gone.
        let _ = self.command(&["destroy-model", "--no-prompt", "--force", "ops"]);
    }
}

/// A virtual environment with a release of `ops`, made once.
fn packages(release: &str) -> Result<PathBuf> {
    let name = format!("ops-{}", release.trim_end_matches(".*"));
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Tests that need the same release wait for the one that installs it.
    let lock = fs::File::create(dir.with_extension("lock"))?;
    lock.lock()?;
    if dir.join("complete").exists() {
        return Ok(dir);
    }
    let run = |program: &Path, args: &[&str]| {
        let output = Command::new(program).args(args).output()?;
        ensure!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    };
    run(Path::new("python3"), &["-m", "venv", &dir.display().to_string()])?;
    run(&dir.join("bin/python"), &["-m", "pip", "install", "--quiet", &format!("ops=={release}")])?;
    fs::write(dir.join("complete"), "")?;
    Ok(dir)
}

/// Copies a directory, without what only installs packages.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let installer = ["pip", "setuptools"].iter().any(|part| name.to_string_lossy().starts_with(part));
        if installer {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &to.join(name))?,
            false => drop(fs::copy(entry.path(), to.join(name))?),
        }
    }
    Ok(())
}
