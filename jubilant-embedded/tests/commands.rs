//! The `juju` command line: answers, exit codes, refusals.
#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::io::Write;
use std::process::Stdio;

use support::{Juju, unit, units, wait_until};

#[test]
fn it_says_what_it_is() {
    let juju = Juju::bare();
    let version = juju.run(&["version"]).ok();
    assert!(version.contains("embedded"), "{version}");
    let parts: Vec<&str> = version.trim().split('-').collect();
    assert_eq!(parts[0].split('.').filter(|number| number.parse::<u32>().is_ok()).count(), 3, "{version}");
    assert_eq!(juju.run(&["version", "--all", "--format", "json"]).json()["official"], false);
    assert_eq!(juju.run(&["whoami", "--format=json"]).json()["controller"], "embedded");
    assert_eq!(juju.run(&["controllers", "--format", "json"]).json()["current-controller"], "embedded");
}

#[test]
fn wrong_command_lines_exit_with_2_and_unsupported_ones_with_1() {
    let juju = Juju::new();
    juju.run(&["frobnicate"])
        .fails(2, "ERROR juju: \"frobnicate\" is not a juju command. See \"juju --help\".\n");
    juju.run(&["status", "--frob"]).fails(2, "ERROR option provided but not defined: --frob\n");
    juju.run(&["ssh", "web/0"]).fails(1, "ERROR \"ssh\" is not supported by the embedded Juju\n");
    juju.run(&["deploy", "./x", "--to", "0"])
        .fails(1, "\"deploy --to\" is not supported by the embedded Juju");
    juju.run(&["deploy", "postgresql"]).fails(1, "not supported by the embedded Juju");
    juju.run(&["deploy", "./missing.charm"]).fails(1, "no charm was found at \"./missing.charm\"");
    juju.run(&["destroy-model", "test"]).fails(2, "--no-prompt");
    juju.run(&["status", "-m", "other"]).fails(1, "ERROR model embedded:admin/other not found\n");
    juju.run(&["add-model", "test"])
        .fails(1, "failed to create new model: model \"test\" for admin already exists");
    juju.run(&["add-model", "other", "aws"]).fails(1, "not supported by the embedded Juju");
    for metadata in
        ["containers:\n  c: {}\n", "storage:\n  data: {type: filesystem}\n", "subordinate: true\n"]
    {
        let charm = juju.charm("needy").metadata(metadata);
        juju.run(&["deploy", charm.path()]).fails(1, "not supported by the embedded Juju");
    }
    assert_eq!(units(&juju.status()).len(), 0, "nothing was half done");
}

#[test]
fn models_are_named_switched_and_destroyed() {
    let juju = Juju::bare();
    juju.run(&["status"]).fails(1, "No selected model");
    juju.run(&["add-model", "--no-switch", "one"]).ok();
    juju.run(&["status"]).fails(1, "No selected model");
    assert_eq!(
        juju.run(&["status", "--model", "embedded:admin/one", "--format=json"]).json()["model"]["name"],
        "one"
    );
    juju.run(&["add-model", "two", "--config", "update-status-hook-interval=10s"]).ok();
    assert_eq!(juju.run(&["switch"]).ok(), "embedded:admin/two\n");
    juju.run(&["switch", "one"]).ok();
    let models = juju.run(&["models", "--format", "json"]).json();
    assert_eq!(models["current-model"], "one");
    assert_eq!(models["models"].as_array().map(Vec::len), Some(2));
    let config = juju.run(&["model-config", "-m", "two", "--format", "json"]).json();
    assert_eq!(config["update-status-hook-interval"], serde_json::json!({"Value": "10s", "Source": "model"}));
    juju.run(&["model-config", "frob=1"]).fails(1, "not supported by the embedded Juju");
    juju.run(&["model-config", "update-status-hook-interval=soon"]).fails(1, "is not a duration");
    juju.run(&["destroy-model", "--no-prompt", "one"]).ok();
    juju.run(&["show-model", "one"]).fails(1, "not found");
    assert!(juju.run(&["show-model", "two", "--format", "json"]).json()["two"]["model-uuid"].is_string());
}

#[test]
fn config_is_checked_and_kept() {
    let juju = Juju::new();
    let options = "options:\n  port: {type: int, default: 80, description: p}\n  name: {type: string}\n  on: {type: boolean, default: false}\n  ratio: {type: float}\n";
    let charm = juju
        .charm("web")
        .file("config.yaml", options)
        .dispatch("juju-log \"C> $(config-get --format=json)\"");
    juju.run(&["deploy", charm.path(), "--config", "port=many"])
        .fails(1, "option \"port\" of application \"web\" expects int, got \"many\"");
    juju.run(&["deploy", charm.path(), "--config", "prt=1"]).fails(1, "unknown option \"prt\"");
    fs::write(juju.path().join("values.yaml"), "web:\n  ratio: 0.5\n  name: from file\n").expect("a file");
    juju.deploy(&charm, &["--config", "values.yaml", "--config", "port=81"]);
    juju.wait_for("web/0", "unknown");
    juju.wait_for_log(r#"C> {"name":"from file","on":false,"port":81,"ratio":0.5}"#);
    juju.run(&["config", "web", "on=true", "name=other"]).ok();
    juju.wait_for_log(r#"C> {"name":"other","on":true,"port":81,"ratio":0.5}"#);
    let shown = juju.run(&["config", "web", "--format", "json"]).json();
    assert_eq!(
        shown["settings"]["port"],
        serde_json::json!({"default": 80, "description": "p", "source": "user", "type": "int", "value": 81})
    );
    assert_eq!(shown["settings"]["name"]["source"], "user");
    assert_eq!(juju.run(&["config", "web", "port"]).ok(), "81\n");
    juju.run(&["config", "web", "--reset", "port,name"]).ok();
    juju.wait_for_log(r#"C> {"on":true,"port":80,"ratio":0.5}"#);
    let missing = "ERROR key \"x\" not found in \"web\" application config or charm settings.\n";
    juju.run(&["config", "web", "x"]).fails(1, missing);
    juju.run(&["config", "web", "x=1"]).fails(1, missing);
    juju.run(&["config", "web", "on=maybe"]).fails(1, "expects boolean");
    juju.run(&["trust", "web"]).ok();
    assert_eq!(juju.run(&["config", "web", "trust"]).ok(), "true\n");
}

#[test]
fn actions_report_as_juju_does() {
    let juju = Juju::new();
    let actions = "ok: {params: {name: {type: string, default: you}, deep: {type: object}, n: {type: integer}}}\nbad: {}\nsorry: {}\nslow: {}\n";
    let charm = juju.charm("web").file("actions.yaml", actions).dispatch(
        r#"case "$JUJU_DISPATCH_PATH" in
            actions/ok) action-set a.b=1 name="$(action-get name)" deep="$(action-get deep.x)"; action-log -- "half way"; echo hello; echo oops >&2;;
            actions/bad) exit 7;;
            actions/sorry) action-set k=v; action-fail -- "not today";;
            actions/slow) while ! [ -e ../go ]; do sleep 0.02; done;;
        esac"#,
    );
    juju.deploy(&charm, &[]);
    juju.wait_for("web/0", "unknown");
    let run = |args: &[&str]| juju.run(&[&["run", "--format", "json"], args].concat());
    fs::write(juju.path().join("p.yaml"), "deep: {x: 5}\n").expect("a file");
    let done = run(&["web/leader", "ok", "--params", "p.yaml", "name=me"]).json();
    let task = &done["web/0"];
    let (id, status) = (task["id"].clone(), task["status"].clone());
    assert_eq!((id, status), ("2".into(), "completed".into()));
    assert_eq!(
        task["results"],
        serde_json::json!({"a": {"b": "1"}, "name": "me", "deep": "5", "return-code": 0, "stdout": "hello\n", "stderr": "oops\n"})
    );
    assert!(task["log"][0].as_str().is_some_and(|line| line.ends_with("+0000 UTC half way")), "{task}");
    let bad = run(&["web/0", "bad"]);
    assert!(bad.stdout.contains("\"return-code\":7"), "{bad:?}");
    bad.fails(1, "ERROR the following task failed:\n - id \"4\" with return code 7\n\nuse 'juju show-task' to inspect the failure");
    let sorry = run(&["web/0", "sorry"]).json();
    assert_eq!(
        (&sorry["web/0"]["status"], &sorry["web/0"]["message"]),
        (&"failed".into(), &"not today".into())
    );
    assert_eq!(sorry["web/0"]["results"], serde_json::json!({"k": "v", "return-code": 0}));
    let undefined = run(&["web/0", "frob"]);
    assert_eq!(undefined.stdout, "");
    undefined.fails(
        0,
        "Operation 7 failed to schedule any tasks:\naction \"frob\" not defined on unit \"web/0\"\n",
    );
    run(&["web/7", "ok"]).fails(0, "failed to schedule any tasks:\nunit \"web/7\" not found");
    run(&["web/0", "ok", "n=x"]).fails(0, "must be of type integer");
    run(&["web/0", "slow", "--wait", "100ms"])
        .fails(1, "ERROR timed out waiting for results from: unit web/0\n");
    juju.run(&["exec", "--unit", "web/0", "--wait", "100ms", "--", "true"]).fails(1, "timed out");
    let unit_dir = fs::read_dir(juju.state().join("models"))
        .expect("models")
        .next()
        .expect("one")
        .expect("entry")
        .path();
    fs::write(unit_dir.join("units/web-0/go"), "").expect("a file");
    let shown = juju.run(&["show-task", "11", "--wait", "10s", "--format", "json"]);
    assert_eq!(shown.json()["status"], "completed");
}

#[test]
fn commands_run_in_a_hook_context() {
    let juju = Juju::new();
    let charm = juju.charm("web").dispatch("");
    juju.deploy(&charm, &["-n", "2"]);
    juju.wait_for("web/0", "unknown");
    juju.wait_for("web/1", "unknown");
    let done = juju
        .run(&[
            "exec",
            "--application",
            "web",
            "--format",
            "json",
            "--",
            "echo $JUJU_UNIT_NAME; is-leader; pwd",
        ])
        .json();
    assert!(
        done["web/0"]["results"]["stdout"]
            .as_str()
            .is_some_and(|out| out.starts_with("web/0\nTrue\n/") && out.ends_with("charm\n")),
        "{done}"
    );
    assert!(
        done["web/1"]["results"]["stdout"].as_str().is_some_and(|out| out.starts_with("web/1\nFalse\n")),
        "{done}"
    );
    let failed = juju.run(&["exec", "--unit", "web/0", "--format", "json", "--", "echo no >&2; exit 5"]);
    assert!(failed.stdout.contains("\"stderr\":\"no\\n\""), "{failed:?}");
    failed.fails(1, "with return code 5");
    juju.run(&["exec", "--unit", "web/9", "--", "true"]).fails(1, "unit \"web/9\" not found");
}

#[test]
fn bundles_deploy_local_charms() {
    let juju = Juju::new();
    let web = juju
        .charm("web")
        .metadata("requires:\n  db: {interface: sql}\n")
        .file("config.yaml", "options:\n  port: {type: int}\n");
    let _ =
        (web.dispatch(""), juju.charm("db").metadata("provides:\n  sql: {interface: sql}\n").dispatch(""));
    let bundle = "applications:\n  front:\n    charm: ./charms/web\n    num_units: 2\n    options: {port: 8}\n    trust: true\n    expose: true\n  data:\n    charm: ./charms/db\nrelations:\n- [front:db, data:sql]\n";
    fs::write(juju.path().join("bundle.yaml"), bundle).expect("a file");
    fs::write(juju.path().join("bad.yaml"), bundle.replace("trust", "storage")).expect("a file");
    juju.run(&["deploy", "./bad.yaml"]).fails(
        1,
        "key \"storage\" in application \"front\" of the bundle is not supported by the embedded Juju",
    );
    assert_eq!(units(&juju.status()).len(), 0);
    juju.run(&["deploy", "./bundle.yaml"]).ok();
    let status = juju.wait_for("front/1", "unknown");
    let front = &status["applications"]["front"];
    assert_eq!(front["exposed"], true);
    assert_eq!(front["relations"]["db"][0]["related-application"], "data");
    assert_eq!(juju.run(&["config", "front", "port"]).ok(), "8\n");
    juju.run(&["deploy", "./bundle.yaml"]).ok();
    assert_eq!(units(&juju.status()).len(), 3, "deploying a bundle again changes nothing");
}

#[test]
fn charms_are_refreshed_and_keep_what_they_wrote() {
    let juju = Juju::new();
    let old =
        juju.charm("web").file("old.txt", "").dispatch("echo x >> .unit-state.db; status-set active v1");
    juju.deploy(&old, &[]);
    juju.wait_for("web/0", "active");
    fs::remove_file(old.dir().join("old.txt")).expect("the file");
    let new = old.file("new.txt", "").dispatch("status-set active v2");
    juju.run(&["refresh", "web", "--path", new.path()]).ok();
    juju.wait("v2", |status| unit(status, "web/0")["workload-status"]["message"] == "v2");
    juju.settle();
    assert_eq!(
        juju.run(&["exec", "--unit", "web/0", "--", "ls -A *.txt .unit-state.db"]).ok(),
        ".unit-state.db\nnew.txt\n"
    );
    let trace = juju.trace_of("web/0");
    let upgrade = trace.iter().position(|line| line.contains("upgrade-charm")).expect("upgrade-charm ran");
    assert_eq!(trace[upgrade + 1], "hooks/config-changed||||");
    assert_eq!(juju.status()["applications"]["web"]["charm-rev"], 1);
}

#[test]
fn resources_reach_the_charm() {
    let juju = Juju::new();
    let charm = juju.charm("web").metadata("resources:\n  blob: {type: file, filename: data.bin}\n");
    let charm = charm.dispatch("juju-log \"B> $(cat \"$(resource-get blob)\")\"");
    fs::write(juju.path().join("one"), "first").expect("a file");
    fs::write(juju.path().join("two"), "second").expect("a file");
    juju.run(&["deploy", charm.path(), "--resource", "blub=one"]).fails(1, "unrecognized resource \"blub\"");
    juju.run(&["deploy", charm.path(), "--resource", "blob=none"]).fails(1, "file \"none\" not found");
    juju.deploy(&charm, &["--resource", "blob=one"]);
    juju.wait_for_log("B> first");
    juju.run(&["attach-resource", "web", "blob=two"]).ok();
    juju.wait_for_log("B> second");
    assert_eq!(juju.run(&["resources", "web", "--format", "json"]).json()["resources"][0]["revision"], "1");
}

#[test]
fn the_log_can_be_filtered_and_followed() {
    let juju = Juju::new();
    let charm = juju.charm("web").dispatch("juju-log -l WARNING careful; juju-log -l DEBUG hidden");
    juju.deploy(&charm, &["-n", "2"]);
    juju.wait_for("web/0", "unknown");
    juju.wait_for("web/1", "unknown");
    let log = juju.run(&["debug-log", "--replay", "--include", "web/1", "--level", "WARNING"]).ok();
    assert!(
        log.lines().count() >= 2
            && log.lines().all(|line| line.starts_with("unit-web-1: ")
                && line.ends_with("WARNING unit.web/1.juju-log careful")),
        "{log}"
    );
    assert!(!juju.log().contains("hidden"));
    assert_eq!(juju.run(&["debug-log", "--limit", "3"]).ok().lines().count(), 3);
    juju.run(&["model-config", "logging-config=<root>=INFO;unit=DEBUG"]).ok();
    let mut follower = juju.command(&["debug-log", "--tail", "-n", "0"]);
    let mut follower = follower.stdout(Stdio::piped()).spawn().expect("the program starts");
    juju.run(&["config", "web", "trust=true"]).ok();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(follower.stdout.take().expect("a pipe")));
    assert!(lines.map_while(Result::ok).any(|line| line.ends_with("DEBUG unit.web/0.juju-log hidden")));
    follower.kill().expect("it runs");
    follower.wait().expect("it ends");
}

#[test]
fn values_reach_and_leave_a_charm_unchanged() {
    let juju = Juju::new();
    let charm = juju
        .charm("web")
        .metadata("peers:\n  cluster: {interface: c}\n")
        .file("config.yaml", "options:\n  ratio: {type: float, default: 1.5}\n");
    juju.deploy(&charm.dispatch(""), &[]);
    juju.wait_for("web/0", "unknown");
    let exec = |command: &str| juju.run(&["exec", "--unit", "web/0", "--", command]).ok();
    // What PyYAML, and so ops 2, writes without quotes although YAML 1.2 reads numbers.
    exec("printf 'a: 1e5\\nb: 0o17\\nc: 1.10\\nd: 12345678901234567890123\\n' | relation-set -r 0 --file -");
    assert_eq!(
        exec("for key in a b c d; do relation-get -r 0 $key web/0; done"),
        "1e5\n0o17\n1.10\n12345678901234567890123\n"
    );
    juju.run(&["config", "web", "ratio=2"]).ok();
    assert_eq!(exec("config-get ratio --format=json"), "2\n");
    exec("relation-set -r 0 gone=now");
    exec("relation-set -r 0 gone=");
    assert_eq!(exec("relation-get -r 0 gone web/0"), "", "an empty value deletes the key");
}

#[test]
fn tools_take_their_options_anywhere() {
    let juju = Juju::new();
    let charm = juju
        .charm("web")
        .metadata("peers:\n  cluster: {interface: c}\n")
        .file("config.yaml", "options:\n  on: {type: boolean, default: true}\n");
    juju.deploy(&charm.dispatch(""), &[]);
    juju.wait_for("web/0", "unknown");
    let exec = |command: &str| {
        juju.run(&["exec", "--unit", "web/0", "--format", "json", "--", command]).json()["web/0"]["results"]["stdout"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(
        exec("relation-ids cluster --format=json; relation-ids --format json cluster"),
        "[\"cluster:0\"]\n[\"cluster:0\"]\n"
    );
    exec("printf 'a: \"1\"\\nb: two\\n' | relation-set -r 0 --file -");
    exec("printf '{\"c\": \"3\"}' | relation-set --file - -r cluster:0 d=4");
    let data = exec("relation-get - web/0 --format=json -r 0");
    let data: serde_json::Value = serde_json::from_str(&data).expect("JSON");
    assert_eq!(
        (&data["a"], &data["b"], &data["c"], &data["d"]),
        (&"1".into(), &"two".into(), &"3".into(), &"4".into())
    );
    assert!(data["ingress-address"].as_str().is_some_and(|address| address.starts_with("127.")));
    assert_eq!(
        exec(
            "config-get on; is-leader --format=json; status-set --application=False active -- 'a -b'; status-get --include-data --format=json --application=False"
        ),
        "True\ntrue\n{\"status\":\"active\",\"message\":\"a -b\",\"status-data\":{}}\n"
    );
    assert_eq!(exec("open-port 80/tcp; open-port 9000-9010/udp; opened-ports"), "80/tcp\n9000-9010/udp\n");
    let network: serde_json::Value =
        serde_json::from_str(&exec("network-get cluster --format=json")).expect("JSON");
    assert_eq!(network["ingress-addresses"][0], data["ingress-address"]);
    let fails = |command: &str, text: &str| {
        let answer = juju.run(&["exec", "--unit", "web/0", "--format", "json", "--", command]);
        assert!(answer.stdout.contains(text), "{text} in {answer:?}");
        answer.fails(1, "with return code");
    };
    fails("status-set happy", "return-code\":2");
    fails("relation-get -r 9 -", "return-code\":2");
    fails("secret-get x", "secret-get is not supported by the embedded Juju");
    fails("action-get x", "not running an action");
    fails("config-get --frob", "option provided but not defined: --frob");
}

#[test]
fn archives_are_unpacked_and_bad_ones_refused() {
    let juju = Juju::new();
    let archive = |name: &str, entries: &[(&str, u32, &str)]| {
        let path = juju.path().join(name);
        let mut zip = zip::ZipWriter::new(fs::File::create(&path).expect("a file"));
        for (entry, mode, content) in entries {
            let options = zip::write::SimpleFileOptions::default().unix_permissions(*mode);
            zip.start_file(*entry, options).expect("an entry");
            zip.write_all(content.as_bytes()).expect("content");
        }
        zip.finish().expect("an archive");
    };
    archive(
        "web.charm",
        &[
            ("metadata.yaml", 0o644, "name: web\n"),
            ("dispatch", 0o755, "#!/bin/sh\n[ -x sub/tool ] && status-set active\n"),
            ("sub/tool", 0o755, ""),
        ],
    );
    archive("evil.charm", &[("metadata.yaml", 0o644, "name: evil\n"), ("../../evil", 0o644, "x")]);
    juju.run(&["deploy", "./evil.charm"]).fails(1, "points outside the charm");
    juju.run(&["deploy", "./web.charm"]).ok();
    juju.wait_for("web/0", "active");
    assert!(!juju.path().join("evil").exists());
}

#[test]
fn what_is_no_charm_is_refused_by_its_name() {
    let juju = Juju::new();
    let make = |name: &str, content: &[u8]| {
        let path = juju.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("a file");
    };
    make("empty.charm", b"");
    make("text.charm", b"applications: {}\n");
    make("bytes.charm", &[0xff; 100]);
    make("cut.charm", b"PK\x03\x04");
    make("project/charmcraft.yaml", b"name: web\n");
    make("nothing/README", b"");
    make("folder.charm/README", b"");
    zip::ZipWriter::new(fs::File::create(juju.path().join("hollow.charm")).expect("a file"))
        .finish()
        .expect("an archive");
    make("bundle.yaml", b"applications: {web: {charm: ./empty.charm}}\n");
    for (given, name, why) in [
        ("./empty.charm", "empty.charm", "the file is empty; pack the charm again"),
        ("./text.charm", "text.charm", "it is not a zip file; pack the charm again"),
        ("./bytes.charm", "bytes.charm", "it is not a zip file"),
        ("./cut.charm", "cut.charm", "invalid Zip archive"),
        (
            "./project",
            "project",
            "it is a charm's project; pack it (cargo xtask pack) and deploy the .charm file",
        ),
        ("./nothing", "nothing", "it holds no metadata.yaml, so it is not a packed charm"),
        ("./folder.charm", "folder.charm", "it holds no metadata.yaml"),
        ("./hollow.charm", "hollow.charm", "it holds no metadata.yaml"),
        ("./bundle.yaml", "empty.charm", "the file is empty"),
    ] {
        let words = format!("cannot read charm {}/{name}: {why}", juju.path().display());
        let answer = juju.run(&["deploy", given]).fails(1, &words);
        assert!(given.ends_with("yaml") || !answer.stderr.contains("bundle"), "{answer:?}");
        assert!(!answer.stderr.contains("staging"), "{answer:?}");
    }
    juju.deploy(&juju.charm("web").dispatch(""), &[]);
    juju.run(&["refresh", "web", "--path", "./empty.charm"]).fails(1, "empty.charm: the file is empty");
}

#[test]
fn a_removed_application_goes_with_its_relations() {
    let juju = Juju::new();
    let web = juju.charm("web").metadata("requires:\n  db: {interface: sql}\n").dispatch("");
    let db = juju.charm("db").metadata("provides:\n  sql: {interface: sql}\n").dispatch("");
    juju.deploy(&web, &[]);
    juju.deploy(&db, &[]);
    juju.run(&["integrate", "web:db", "db"]).ok();
    juju.run(&["integrate", "web", "db"]).fails(1, "already exists");
    juju.run(&["integrate", "web", "web"]).fails(1, "no relations found");
    wait_until("both sides to join", || {
        let told = |unit: &str, hook: &str| juju.trace_of(unit).iter().any(|line| line.contains(hook));
        told("web/0", "changed|db:0|db/0") && told("db/0", "changed|sql:0|web/0")
    });
    juju.run(&["remove-application", "--no-prompt", "db"]).ok();
    juju.wait("no db", |status| status["applications"].get("db").is_none());
    juju.settle();
    let trace = juju.trace_of("db/0");
    assert_eq!(
        trace[trace.len() - 4..],
        [
            "hooks/sql-relation-departed|sql:0|web/0|web|db/0",
            "hooks/sql-relation-broken|sql:0||web|",
            "hooks/stop||||",
            "hooks/remove||||"
        ]
    );
    let trace = juju.trace_of("web/0");
    assert_eq!(trace[trace.len() - 1], "hooks/db-relation-broken|db:0||db|");
    juju.deploy(&db, &[]);
    juju.wait_for("db/1", "unknown");
}
