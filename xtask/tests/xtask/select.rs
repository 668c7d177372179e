//! Which files of a charm's sources come into it, and under which name.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::{Answer, PLATFORM, Project, contents, names};

const LOCAL: [&str; 2] = ["--packer", "local"];

/// A charm with these parts and a `dispatch` at the top, which the part `all` may stage.
fn charm(project: &Project, parts: &str) -> std::path::PathBuf {
    project.charm("any", &format!("{PLATFORM}parts:\n  {}", parts.replace('\n', "\n  ")))
}

/// What is in the charm besides the files that it always has.
#[track_caller]
fn packed(answer: &Answer) -> Vec<String> {
    let common = ["dispatch", "manifest.yaml", "metadata.yaml"];
    names(&answer.charm()).into_iter().filter(|name| !common.contains(&name.as_str())).collect()
}

/// What a link becomes: its file's text.
#[track_caller]
fn text(charm: &Path, name: &str) -> String {
    let file = contents(charm).into_iter().find(|(file, _, _)| file == name);
    String::from_utf8(file.expect(name).2).unwrap()
}

#[test]
fn hidden_names_of_the_top_are_left_out_unless_named() {
    let project = Project::new();
    let dir = charm(&project, "all: {plugin: dump, source: .}");
    for file in [".github/ci.yml", ".tox/x", ".hidden", "src/.kept"] {
        project.write(&format!("any/{file}"), "x");
    }
    // As a virtual environment has them.
    symlink("/usr/bin/python3", dir.join(".tox/python")).unwrap();
    assert_eq!(packed(&project.pack(&dir, &LOCAL)), ["src/.kept"]);

    charm(&project, "all: {plugin: dump, source: ., stage: [.hidden, src, ./dispatch]}");
    assert_eq!(packed(&project.pack(&dir, &LOCAL)), [".hidden", "src/.kept"]);
}

#[test]
fn charmcrafts_own_directories_are_left_out_at_the_top() {
    let project = Project::new();
    let dir = charm(&project, "all: {plugin: dump, source: .}");
    for name in ["parts", "stage", "prime", "overlay", ".craft", "old.charm"] {
        project.write(&format!("any/{name}/x"), "x");
        project.write(&format!("any/src/{name}/x"), "x");
    }
    project.write("any/src/charmcraft.yaml", "x");
    project.write("any/target/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
    project.write("any/target/debug/x", "x");
    let kept = [".craft/x", "charmcraft.yaml", "old.charm/x", "overlay/x", "parts/x", "prime/x", "stage/x"];
    assert_eq!(packed(&project.pack(&dir, &LOCAL)), kept.map(|name| format!("src/{name}")));

    // A directory that is not cargo's is the charm's.
    fs::remove_file(dir.join("target/CACHEDIR.TAG")).unwrap();
    assert!(packed(&project.pack(&dir, &LOCAL)).contains(&"target/debug/x".to_owned()));
}

#[test]
fn entries_are_normalised() {
    let project = Project::new();
    let dir = charm(&project, "all: {plugin: dump, source: ., prime: [-./tests, -to/]}");
    for file in ["tests/t.py", "to/foo", "to/bar", "src/charm.py"] {
        project.write(&format!("any/{file}"), "x");
    }
    assert_eq!(packed(&project.pack(&dir, &LOCAL)), ["src/charm.py"]);
    charm(&project, "all: {plugin: dump, source: ., prime: [./to/foo, dispatch]}");
    assert_eq!(packed(&project.pack(&dir, &LOCAL)), ["to/foo"]);
    for (parts, words) in [
        ("all: {plugin: dump, source: ., prime: [nosuch]}", ["part `all`", "`prime` names nosuch,"]),
        (
            "all: {plugin: dump, source: ., stage: [-to], prime: [to]}",
            ["part `all`", "to/bar, which `stage`"],
        ),
        ("all: {plugin: dump, source: ., organize: {to/foo: to/bar}}", ["part `all`", "there is to/bar"]),
        ("all: {plugin: dump, source: ., permissions: [{mode: 755}]}", ["part `all`", "such as \"755\""]),
    ] {
        charm(&project, parts);
        project.pack(&dir, &LOCAL).fails(1, &words);
    }
}

#[test]
fn links_are_packed_as_what_they_lead_to() {
    let project = Project::new();
    let dir =
        charm(&project, "all: {plugin: dump, source: .}\nmore: {plugin: dump, source: more, after: [all]}");
    project.write("any/src/charm.py", "code");
    project.write("any/src/lib/a.py", "library");
    project.write("any/more/b.py", "more");
    fs::create_dir(dir.join("hooks")).unwrap();
    for (link, target) in [
        ("hooks/install", "../dispatch"),
        ("hooks/lib", "../src/lib"),
        ("deep", "hooks/lib/a.py"),
        // Of another part, which has it at the top.
        ("src/more.py", "../b.py"),
        ("src/again", "lib/../lib"),
    ] {
        symlink(target, dir.join(link)).unwrap();
    }
    fs::create_dir_all(dir.join("src/empty/directory")).unwrap();
    let answer = project.pack(&dir, &LOCAL);
    let expected = [
        "b.py",
        "deep",
        "hooks/install",
        "hooks/lib/a.py",
        "more/b.py",
        "src/again/a.py",
        "src/charm.py",
        "src/lib/a.py",
        "src/more.py",
    ];
    assert_eq!(packed(&answer), expected);
    let charm = answer.charm();
    for (name, expected) in [("deep", "library"), ("src/again/a.py", "library"), ("src/more.py", "more")] {
        assert_eq!(text(&charm, name), expected);
    }
    let modes: Vec<u32> = contents(&charm).iter().map(|(_, mode, _)| *mode).collect();
    assert!(modes.iter().all(|mode| mode & 0o170_000 == 0o100_000), "only plain files");
    assert_eq!(contents(&charm)[3].1 & 0o777, 0o755, "hooks/install is as executable as dispatch");
}

#[test]
fn links_that_lead_to_no_file_are_refused() {
    for (link, target, words) in [
        ("link", "/etc/passwd", "the link link to /etc/passwd leads out of the charm"),
        ("src/link", "../../programs", "the link src/link to ../../programs leads out of the charm"),
        ("src/link", "gone", "the link src/link to gone leads to nothing in the charm"),
        ("link", "tests", "leads to nothing in the charm"),
        ("src/link", ".", "the link src/link to . leads in a circle"),
        ("link", "link", "leads in a circle"),
    ] {
        let project = Project::new();
        let dir = charm(&project, "thing: {plugin: dump, source: ., stage: [-tests]}");
        project.write("any/src/x", "x");
        project.write("any/tests/x", "x");
        symlink(target, dir.join(link)).unwrap();
        project.pack(&dir, &LOCAL).fails(1, &["part `thing`: ", words]);
        // What is not in the charm may lead anywhere.
        charm(&project, &format!("thing: {{plugin: dump, source: ., stage: [-{link}]}}"));
        project.pack(&dir, &LOCAL).charm();
    }
}

#[test]
fn a_part_is_built_in_its_subdirectory() {
    let project = Project::new();
    let dir = charm(&project, "all: {plugin: dump, source: code, source-subdir: ./in/ner/}");
    project.script("any/code/in/ner/dispatch", "exit 0");
    project.write("any/code/in/ner/.hidden", "x");
    project.write("any/code/in/ner/lib/a", "x");
    project.write("any/code/in/other", "x");
    assert_eq!(packed(&project.pack(&dir, &LOCAL)), ["lib/a"]);
    for (subdir, words) in [
        ("nosuch", "no directory nosuch, which is its `source-subdir`"),
        ("../code", "`source-subdir` must be a directory within the source, and is \"../code\""),
        ("/etc", "and is \"/etc\""),
        ("1", "and is 1"),
    ] {
        charm(&project, &format!("all: {{plugin: dump, source: code, source-subdir: {subdir}}}"));
        project.pack(&dir, &LOCAL).fails(1, &["part `all`", words]);
    }
}

#[test]
fn modes_are_given_by_permissions() {
    let project = Project::new();
    let permissions = "[{path: dispatch, mode: '700', owner: 0, group: 0}, {path: 'bin/*', mode: '755'}]";
    let dir = charm(&project, &format!("all: {{plugin: dump, source: ., permissions: {permissions}}}"));
    project.write("any/bin/sub/run", "x");
    let files = contents(&project.pack(&dir, &LOCAL).charm());
    let modes: Vec<_> = files.iter().map(|(name, mode, _)| (name.as_str(), mode & 0o777)).collect();
    assert_eq!(modes[..2], [("bin/sub/run", 0o755), ("dispatch", 0o700)]);
}

#[test]
fn the_order_of_parts() {
    let project = Project::new();
    // A source that is not there is told of by the part that is built first.
    let dir = charm(
        &project,
        "b: {plugin: nil}\na: {plugin: dump, source: no-a, after: [c]}\nc: {plugin: dump, source: no-c}",
    );
    project.pack(&dir, &LOCAL).fails(1, &["part `c`", "no directory no-c"]);
    charm(&project, "b: {plugin: nil, after: [a]}\na: {plugin: nil, after: [b]}");
    project.pack(&dir, &LOCAL).fails(1, &["in a circle: a after b after a"]);
    charm(&project, "b: {plugin: nil, after: [z]}");
    project.pack(&dir, &LOCAL).fails(1, &["part `b`: `after` names \"z\""]);
}

#[test]
fn two_parts_may_give_the_same() {
    let project = Project::new();
    let same = "a: {plugin: dump, source: a}\nb: {plugin: dump, source: b}";
    let dir = charm(&project, same);
    for part in ["a", "b"] {
        project.script(&format!("any/{part}/dispatch"), "exit 0");
        symlink("dispatch", dir.join(part).join("link")).unwrap();
    }
    assert_eq!(packed(&project.pack(&dir, &LOCAL)), ["link"]);

    // A link is not the file that it leads to.
    fs::remove_file(dir.join("b/link")).unwrap();
    project.script("any/b/link", "exit 0");
    project.pack(&dir, &LOCAL).fails(1, &["two parts", "`a` and `b`", "different files link"]);
    // A file is no directory, in either order.
    for (file, directory) in [("a", "b"), ("b", "a")] {
        for (part, name) in [(file, "x"), (directory, "x/y")] {
            let _ = fs::remove_dir_all(dir.join(part));
            project.write(&format!("any/{part}/{name}"), "x");
        }
        project.pack(&dir, &LOCAL).fails(1, &["two parts", "`a` and `b`", "different files x"]);
    }
}

/// What is only for the building machine may be in craft's grammar, for one architecture or another.
#[test]
fn grammar_of_build_packages_is_nothing_to_us() {
    let project = Project::new();
    let dir = charm(
        &project,
        "all:\n  plugin: dump\n  source: .\n  build-packages: [{to s390x: [gcc]}, make]\n  build-snaps: [{on amd64: [go]}]",
    );
    project.pack(&dir, &LOCAL).charm();
}
