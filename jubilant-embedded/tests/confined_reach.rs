//! A unit's processes write to and signal what is their unit's, and nothing else, where the kernel can see to it.
#![cfg(target_os = "linux")]

#[path = "support/probe.rs"]
mod probe;
#[path = "support/strays.rs"]
mod strays;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use landlock::{ABI, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, Scope};
use probe::kill;
use strays::Stray;
use support::{Juju, is_alive, wait_until};

/// What the kernel can do, asked of the kernel and not of the program under test.
fn can_confine_writes() -> bool {
    let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    let ruleset = ruleset.handle_access(AccessFs::from_write(ABI::V3));
    say(ruleset.is_ok_and(|ruleset| ruleset.create().is_ok()), "writes")
}

fn can_confine_signals() -> bool {
    let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement).scope(Scope::Signal);
    say(ruleset.is_ok_and(|ruleset| ruleset.create().is_ok()), "signals")
}

fn say(can: bool, what: &str) -> bool {
    if !can {
        eprintln!("skipped: this kernel does not confine {what}");
    }
    can
}

fn unit_dir(juju: &Juju, unit: &str) -> PathBuf {
    let mut models = fs::read_dir(juju.state().join("models")).expect("models");
    let model = models.next().expect("one").expect("an entry").path();
    model.join("units").join(unit.replace('/', "-"))
}

/// Whether a shell command of a unit succeeded.
#[track_caller]
fn works(juju: &Juju, unit: &str, code: &str) -> bool {
    juju.run(&["exec", "--unit", unit, "--wait", "30s", "--", code]).code == Some(0)
}

/// Units `a/0` and `b/0`; each has started a daemon in an early hook, whose number is in its file `pid`.
fn with_daemons() -> (Juju, [Stray; 2]) {
    let juju = Juju::new();
    let strays = [Stray::new(), Stray::new()];
    for (name, stray) in ["a", "b"].iter().zip(&strays) {
        let code =
            format!("#!/bin/sh\nsetsid {} </dev/null >/dev/null 2>&1 &\necho $! > ../pid\n", stray.command);
        juju.deploy(&juju.charm(name).script("hooks/install", &code), &[]);
        juju.wait_for(&format!("{name}/0"), "unknown");
        stray.await_start();
    }
    juju.settle();
    (juju, strays)
}

#[test]
fn signals_reach_nobody_else() {
    if !can_confine_signals() {
        return;
    }
    let (juju, [_, of_b]) = with_daemons();
    let foreign = Stray::new();
    let (_, number) = foreign.command.split_once(' ').expect("a number");
    let mut own = Command::new("sleep").arg(number).spawn().expect("sleep starts");
    let controller = juju.controller().expect("a controller");
    let of_test = i32::try_from(own.id()).expect("a number");
    for pid in [of_test, of_b.await_start(), controller] {
        for signal in ["0", "CONT", "TERM", "KILL"] {
            for how in ["", "setsid --wait env -i "] {
                assert!(!works(&juju, "a/0", &format!("{how}/bin/kill -{signal} {pid}")), "{signal} {how}");
                assert!(is_alive(pid), "{signal} {how}");
            }
        }
    }
    assert_eq!(juju.controller(), Some(controller));
    own.kill().expect("it lives");
    own.wait().expect("it ends");
}

#[test]
fn signals_reach_what_an_earlier_hook_started() {
    let (juju, [of_a, of_b]) = with_daemons();
    let daemon = of_a.await_start();
    assert!(works(&juju, "a/0", "kill -0 $(cat ../pid) && kill -HUP $(cat ../pid)"), "it is the unit's own");
    wait_until("daemon's end", || !is_alive(daemon));
    // It belongs to its unit also when another controller runs the hooks.
    let daemon = of_b.await_start();
    kill(juju.controller().expect("a controller"));
    juju.settle();
    assert!(is_alive(daemon), "it goes on");
    assert!(works(&juju, "b/0", "kill -TERM $(cat ../pid)"), "it is the unit's own");
    wait_until("daemon's end", || !is_alive(daemon));
    // And so does what was started under that one.
    let late = Stray::new();
    assert!(works(&juju, "b/0", &format!("setsid {} >/dev/null 2>&1 & echo $! > ../pid", late.command)));
    let daemon = late.await_start();
    assert!(works(&juju, "b/0", "kill -KILL $(cat ../pid)"));
    wait_until("daemon's end", || !is_alive(daemon));
}

#[test]
fn writes_stay_inside() {
    if !can_confine_writes() {
        return;
    }
    let (juju, _strays) = with_daemons();
    let name = format!("jubilant-test-{}", std::process::id());
    let outside = juju.path().join("outside");
    fs::create_dir(&outside).expect("a directory");
    fs::write(outside.join("old"), "old").expect("a file");
    let (own, other) = (unit_dir(&juju, "a/0"), unit_dir(&juju, "b/0"));
    let model = own.ancestors().nth(2).expect("the model");
    let dirs =
        [&outside, &other, &other.join("home"), &juju.state(), &juju.state().join("bin"), &model.to_owned()];
    for dir in dirs.into_iter().map(PathBuf::as_path).chain([Path::new("/dev/shm"), Path::new("/tmp")]) {
        let file = dir.join(&name);
        for code in [
            "echo x > F",
            "mkdir F",
            "ln -s /dev/null F",
            "mkfifo F",
            "env -i setsid --wait sh -c 'echo x > F'",
        ] {
            works(&juju, "a/0", &code.replace('F', &file.display().to_string()));
            let exists = fs::symlink_metadata(&file).is_ok();
            let _ = fs::remove_dir(&file).or_else(|_| fs::remove_file(&file));
            assert!(!exists, "{code} {}", file.display());
        }
    }
    for code in [
        "echo new > F",
        ": > F",
        "rm F",
        "mv F G",
        "mv F ../home/taken",
        "ln F ../home/hard && echo new > ../home/hard",
    ] {
        let code = code.replace('F', &outside.join("old").display().to_string());
        works(&juju, "a/0", &code.replace('G', &outside.join("other").display().to_string()));
        assert_eq!(fs::read_to_string(outside.join("old")).ok().as_deref(), Some("old"), "{code}");
    }
    assert!(works(
        &juju,
        "a/0",
        "echo x > ../home/f; echo x > $TMPDIR/f; mkdir ../mine; echo x > ../mine/f; echo x > f"
    ));
}

/// A unit with a resource, and a directory outside that is somebody else's.
fn with_resource() -> (Juju, PathBuf) {
    let juju = Juju::new();
    let file = juju.path().join("given");
    fs::write(&file, "the resource").expect("a file");
    let charm = juju.charm("a").metadata("resources:\n  data: {type: file, filename: data.txt}\n");
    juju.deploy(&charm, &["--resource", &format!("data={}", file.display())]);
    juju.wait_for("a/0", "unknown");
    juju.settle();
    let outside = juju.path().join("outside");
    fs::create_dir_all(outside.join("data")).expect("a directory");
    for name in ["victim", "data.txt", "data/data.txt"] {
        fs::write(outside.join(name), "theirs").expect("a file");
    }
    (juju, outside)
}

/// All files below a directory with their text.
fn files(dir: &Path) -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    let mut all: Vec<(PathBuf, String)> = entries
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![(path.clone(), fs::read_to_string(&path).expect("a text"))],
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_resource_goes_through_no_link() {
    let (juju, outside) = with_resource();
    let before = files(&outside);
    let get = "cat \"$(resource-get data)\"";
    assert!(works(&juju, "a/0", get));
    // The first two must be refused; a link in the file's own place may also give way to the file.
    for (link, refused) in [
        ("rm -rf ../resources; ln -s OUT ../resources", true),
        ("rm -rf ../resources/data; ln -s OUT/data ../resources/data", true),
        ("rm -rf ../resources/data; ln -s OUT/nothing ../resources/data", true),
        ("rm -f ../resources/data/*; ln -s OUT/victim ../resources/data/data.txt", false),
        ("rm -f ../resources/data/*; ln -s OUT/nothing ../resources/data/data.txt", false),
        ("ln -s OUT/victim ../resources/data/.new", false),
    ] {
        let link = link.replace("OUT", &outside.display().to_string());
        assert!(works(&juju, "a/0", &format!("mkdir -p ../resources/data; {link}")), "{link}");
        let answer = juju.run(&["exec", "--unit", "a/0", "--", "resource-get data"]);
        assert_eq!(files(&outside), before, "{link}");
        if refused {
            let text = format!("{}{}", answer.stdout, answer.stderr);
            assert!(answer.code != Some(0) && text.contains("could not download resource"), "{link}: {text}");
        }
        assert!(works(&juju, "a/0", "rm -rf ../resources; mkdir ../resources"));
        let answer = juju.run(&["exec", "--unit", "a/0", "--", get]).ok();
        assert_eq!(answer, "the resource", "after {link}");
    }
}

#[test]
fn the_agent_writes_through_no_link() {
    let (juju, outside) = with_resource();
    let before = files(&outside);
    let dir = unit_dir(&juju, "a/0");
    // Whatever the agent keeps in the unit's directory, and each place it brings something to.
    let mut names: Vec<String> = fs::read_dir(&dir)
        .expect("the unit")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.extend(["hook.pid".into()]);
    for name in names.iter().filter(|name| !["charm", "home", "tmp", "resources"].contains(&name.as_str())) {
        for target in ["victim", "nothing"] {
            works(&juju, "a/0", &format!("rm -rf ../{name}; ln -s {}/{target} ../{name}", outside.display()));
            works(&juju, "a/0", "true");
            assert_eq!(files(&outside), before, "{name}");
            works(&juju, "a/0", &format!("rm -rf ../{name}"));
        }
    }
    // A refresh brings a new charm.
    assert!(works(&juju, "a/0", &format!("mv ../charm ../old; ln -s {} ../charm", outside.display())));
    let charm = juju.charm("a").metadata("resources:\n  data: {type: file, filename: data.txt}\n");
    let charm = charm.file("victim", "new").file("data/data.txt", "new").file("more", "new");
    juju.run(&["refresh", "a", "--path", charm.path()]).ok();
    wait_until("another revision", || {
        let told = juju.log().contains("cannot unpack the charm") || juju.log().contains("\"upgrade-charm\"");
        told || files(&outside) != before
    });
    assert_eq!(files(&outside), before, "the charm went through the link");
    juju.run(&["destroy-model", "--no-prompt", "--force", "--no-wait", "test"]).ok();
    assert_eq!(files(&outside), before, "the end went through the link");
}
