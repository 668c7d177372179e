//! `override-build`: what the local packer runs, and that nothing else happens.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::support::{Answer, PLATFORM, Project, contents, names};

const LOCAL: [&str; 2] = ["--packer", "local"];
const ALL: [&str; 3] = ["--packer", "local", "--run-override-build"];

/// A charm of one part that dumps all of it, with a script, and these lines besides in its part.
fn scripted(project: &Project, script: &str, keys: &str) -> std::path::PathBuf {
    let indented: String = script.lines().map(|line| format!("      {line}\n")).collect();
    let part = format!("  all:\n    plugin: dump\n    source: .\n{keys}    override-build: |\n{indented}");
    // What must not be run says so, wherever it is.
    for name in ["apt", "apt-get", "snap", "rustup", "sudo", "update-ca-certificates", "systemctl"] {
        project.script(
            &format!("programs/{name}"),
            &format!("touch {}", project.path("host-was-changed").display()),
        );
    }
    project.charm("any", &format!("{PLATFORM}parts:\n{part}"))
}

/// Packs it in a target directory of the test's own.
fn pack(project: &Project, dir: &Path, options: &[&str]) -> Answer {
    let temporary = project.path("temporary");
    fs::create_dir_all(&temporary).unwrap();
    let mut command = project.xtask();
    command.arg("pack").args(options).arg(dir).env("CARGO_TARGET_DIR", project.path("target"));
    let answer = Answer::of(command.env("TMPDIR", &temporary));
    assert!(
        !project.path("host-was-changed").exists(),
        "a program of the machine was run: {}",
        answer.stderr
    );
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "something is left in the temporary directory");
    answer
}

fn text(charm: &Path, name: &str) -> String {
    let file = contents(charm).into_iter().find(|(file, _, _)| file == name);
    String::from_utf8(file.unwrap_or_else(|| panic!("no {name} in {:?}", names(charm))).2).unwrap()
}

fn git(dir: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(dir).args(["-c", "user.name=x", "-c", "user.email=x@example.com"]).args(args);
    assert!(command.output().unwrap().status.success(), "git {args:?}");
}

#[test]
fn a_script_that_is_the_plugin_alone() {
    let project = Project::new();
    let dir = scripted(&project, "# as ever\ncraftctl default", "");
    let charm = pack(&project, &dir, &LOCAL).charm();
    assert!(names(&charm).contains(&"dispatch".to_owned()));
    assert!(!project.path("target/charms/any/parts").exists(), "nothing had to be copied");
}

#[test]
fn a_part_that_only_installs_tools() {
    let project = Project::new();
    let parts = "parts:\n  all: {plugin: dump, source: .}\n  poetry-deps:\n    plugin: nil\n    override-build: |\n      \
                 curl -sSf https://example.com | python3 -\n      ln -sf /opt/poetry /usr/local/bin/poetry\n";
    let dir = project.charm("any", &format!("{PLATFORM}{parts}"));
    let answer = pack(&project, &dir, &LOCAL);
    answer.charm();
    assert!(
        answer.stderr.contains("part `poetry-deps`: its override-build is left out"),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_script_works_in_a_copy() {
    let project = Project::new();
    let script = "rm -f README\nsed -i s/old/new/ src/text\necho more >> src/text\nmkdir -p src/made\ntouch src/made/x\n\
                  craftctl default\necho 1.2 > $CRAFT_PART_INSTALL/version\nrm $CRAFT_PART_INSTALL/src/made/x\n\
                  echo last > \"$CRAFT_PART_INSTALL\"/src/made/y\ncp .hidden/file $CRAFT_PART_INSTALL/hidden\n\
                  cat $CRAFT_PART_SRC/src/text > $CRAFT_PART_INSTALL/source";
    let dir = scripted(&project, script, "");
    project.write("any/README", "x");
    project.write("any/src/text", "old\n");
    project.write("any/.hidden/file", "seen");
    let before = fs::read_dir(&dir).unwrap().count();
    let charm = pack(&project, &dir, &LOCAL).charm();
    assert_eq!(text(&charm, "version"), "1.2\n");
    assert_eq!(text(&charm, "src/text"), "new\nmore\n");
    assert_eq!(text(&charm, "src/made/y"), "last\n");
    assert_eq!(text(&charm, "hidden"), "seen");
    assert_eq!(text(&charm, "source"), "old\n");
    let all = names(&charm);
    assert!(!all.contains(&"README".to_owned()) && !all.contains(&"src/made/x".to_owned()), "{all:?}");
    // The project has nothing but its charm more.
    assert_eq!(fs::read_to_string(dir.join("src/text")).unwrap(), "old\n");
    assert_eq!(fs::read_dir(&dir).unwrap().count(), before + 1);
    let answer = pack(&project, &dir, &LOCAL);
    assert!(answer.stderr.contains("unchanged"), "{}", answer.stderr);
    // What an earlier run left is not there in the next one.
    let dir =
        scripted(&project, "cat src/text > $CRAFT_PART_INSTALL/text\ncp dispatch $CRAFT_PART_INSTALL", "");
    let charm = pack(&project, &dir, &LOCAL).charm();
    assert_eq!(names(&charm), ["dispatch", "manifest.yaml", "metadata.yaml", "text"]);
    assert_eq!(text(&charm, "text"), "old\n");
}

#[test]
fn the_plugin_works_when_the_script_says_so() {
    let project = Project::new();
    let script = "echo one > a\ncraftctl default\nmv $CRAFT_PART_INSTALL/a $CRAFT_PART_INSTALL/first\necho two > a\n\
                  craftctl default";
    let charm = pack(&project, &scripted(&project, script, ""), &LOCAL).charm();
    assert_eq!((text(&charm, "first"), text(&charm, "a")), ("one\n".into(), "two\n".into()));

    let project = Project::new();
    let charm = pack(&project, &scripted(&project, "cp dispatch $CRAFT_PART_INSTALL", ""), &LOCAL).charm();
    assert_eq!(
        names(&charm),
        ["dispatch", "manifest.yaml", "metadata.yaml"],
        "without it, the plugin does nothing"
    );
}

#[test]
fn a_plugin_that_fails_fails_the_script() {
    let project = Project::new();
    let yaml = format!(
        "{PLATFORM}parts:\n  it:\n    plugin: rust\n    source: .\n    override-build: |\n      craftctl default || true\n"
    );
    let dir = project.charm("any", &yaml);
    pack(&project, &dir, &LOCAL).fails(1, &["error: part `it`: there is no ", "Cargo.toml"]);
}

#[test]
fn what_may_act_on_the_machine_is_refused() {
    let project = Project::new();
    let outside = project.path("outside");
    for (script, line) in [
        (format!("craftctl default\nmake -C {}  # all", outside.display()), "make -C"),
        (format!("touch {}", outside.display()), "touch"),
        ("echo \"$(touch x; cp x /etc)\"".into(), "echo"),
        ("rm -rf \"$CRAFT_PROJECT_DIR\"/any".into(), "rm -rf"),
        ("rm -rf $HOME".into(), "rm -rf $HOME"),
    ] {
        let dir = scripted(&project, &script, "");
        pack(&project, &dir, &LOCAL).fails(1, &["part `all`", "is not run", line, "--run-override-build"]);
        assert!(!outside.exists() && dir.join("dispatch").exists());
        assert!(!project.path("target/charms/any/parts").exists(), "nothing was begun");
    }
}

#[test]
fn the_user_may_have_it_run_as_it_is() {
    let project = Project::new();
    let marker = project.path("outside");
    let script = format!(
        "craftctl default\npython() {{ echo called; }}\npython > $CRAFT_PART_INSTALL/said\ntouch {}\n\
         export PATH=/usr/local/bin:/usr/bin:/bin:{}\napt-get install no-such-one\nsudo apt-get install no-such-other\n\
         sudo -u root -E A=b sh -c 'echo $A > from-sudo'\ncp from-sudo $CRAFT_PART_INSTALL\nfor n in 1 2; do echo $((n+1)); done",
        marker.display(),
        project.path("programs").display()
    );
    let dir = scripted(&project, &script, "");
    pack(&project, &dir, &LOCAL).fails(1, &["python()"]);
    let answer = pack(&project, &dir, &ALL);
    assert!(answer.stderr.contains("part `all`: skipped: apt-get install no-such-one"), "{}", answer.stderr);
    let charm = answer.charm();
    assert_eq!(text(&charm, "said"), "called\n");
    assert_eq!(text(&charm, "from-sudo"), "b\n");
    assert!(marker.exists());
    // An option of both commands.
    let help = Answer::of(project.xtask().arg("help"));
    assert!(help.stdout.contains("--run-override-build"));
    let sweep = Answer::of(project.xtask().args(["sweep", "--run-override-build"]));
    sweep.fails(2, &["--run-override-build is an option of integration"]);
}

#[test]
fn what_acts_on_the_whole_machine_is_skipped() {
    let project = Project::new();
    let script = "apt update\napt-get install -y libpq-dev\nsudo snap install rustup --classic\nrustup default stable\n\
                  sudo -E apt-get install -y \"a b\"\nupdate-ca-certificates\nsystemctl restart x\n\
                  sudo mkdir -p made\nsudo touch made/x\n\
                  echo \"<$(rustup show)>\" > made/y\ncraftctl default";
    let answer = pack(&project, &scripted(&project, script, ""), &LOCAL);
    for line in [
        "apt update",
        "apt-get install -y libpq-dev",
        "snap install rustup --classic",
        "rustup default stable",
        "apt-get install -y a b",
        "update-ca-certificates",
        "systemctl restart x",
        "rustup show",
    ] {
        assert!(
            answer.stderr.contains(&format!("part `all`: skipped: {line}\n")),
            "{line}: {}",
            answer.stderr
        );
    }
    let charm = answer.charm();
    assert_eq!((text(&charm, "made/x"), text(&charm, "made/y")), (String::new(), "<>\n".into()));
}

/// Where programs cannot be run, the machine's own would be found instead.
#[test]
fn nothing_runs_where_nothing_can_stand_in() {
    let project = Project::new();
    let dir = scripted(&project, "apt-get install -y x\ncraftctl default", "");
    let mut command = project.xtask();
    // Not a plain path, which scripts would not quote.
    let spaced = project.path("a place");
    fs::create_dir(&spaced).unwrap();
    command.arg("pack").args(LOCAL).arg(&dir).env("CARGO_TARGET_DIR", spaced.join("target"));
    let answer = Answer::of(command.env("TMPDIR", &spaced));
    answer.fails(1, &["part `all`", "set TMPDIR"]);
    assert!(!project.path("host-was-changed").exists());

    // A bash that finds other programs first.
    project.script(
        "programs/bash",
        &format!("export PATH={}:$PATH\nexec /bin/bash \"$@\"", project.path("programs").display()),
    );
    let answer = pack(&project, &dir, &LOCAL);
    answer.fails(1, &["part `all`", "no script is run", "set TMPDIR"]);
}

#[test]
fn a_script_runs_again_only_for_a_change() {
    let project = Project::new();
    let counted = "craftctl default\necho x >> $CRAFT_PROJECT_DIR/runs\n\
                   if [ -e ../tag ]; then true; fi\ncp \"$CRAFT_PROJECT_DIR/more\" $CRAFT_PART_INSTALL/";
    let dir = scripted(&project, counted, "");
    let git = |args: &[&str]| git(&dir, args);
    project.write("any/more", "1");
    project.write("any/.gitignore", "runs\n");
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "1"]);
    let runs = || {
        // What a script writes into the project is no change of it that it has to answer.
        let log = project.path("runs");
        let _ = fs::rename(dir.join("runs"), &log);
        let count = fs::read_to_string(&log).map(|text| text.lines().count()).unwrap_or(0);
        let _ = fs::remove_file(log);
        count
    };
    let pack = |options: &[&str]| {
        let options = [&["--packer", "local", "--run-override-build"][..], options].concat();
        let charm = pack(&project, &dir, &options).charm();
        (text(&charm, "more"), runs())
    };
    assert_eq!(pack(&[]), ("1".into(), 1));
    assert_eq!(pack(&[]), ("1".into(), 0), "nothing has changed");
    project.write("any/more", "2");
    assert_eq!(pack(&[]), ("2".into(), 1), "a file of the project");
    assert_eq!(pack(&[]), ("2".into(), 0));
    git(&["tag", "v1"]);
    assert_eq!(pack(&[]).1, 1, "git describe says something else");
    git(&["status"]);
    assert_eq!(pack(&[]).1, 0, "looking at a repository is no change");
    let changed = fs::read_to_string(dir.join("charmcraft.yaml")).unwrap().replace("echo x", "echo y");
    project.write("any/charmcraft.yaml", &changed);
    assert_eq!(pack(&[]).1, 1, "another script");
    assert_eq!(pack(&["--force"]).1, 1);
    assert_eq!(pack(&[]).1, 0);
}

/// What is no file of the project counts too.
#[test]
fn a_script_runs_again_for_what_is_around_the_project() {
    let project = Project::new();
    let script = "craftctl default\necho \"${UV_INDEX_URL:-none}\" > $CRAFT_PART_INSTALL/index\n\
                  cp \"$CRAFT_PROJECT_DIR/../shared\" $CRAFT_PART_INSTALL/";
    let dir = scripted(&project, script, "");
    let pack = |index: &str| {
        let mut command = project.xtask();
        command.arg("pack").args(LOCAL).arg(&dir).env("CARGO_TARGET_DIR", project.path("target"));
        let charm = Answer::of(command.env("UV_INDEX_URL", index)).charm();
        (text(&charm, "shared"), text(&charm, "index"))
    };
    project.write("shared", "1");
    assert_eq!(pack("one"), ("1".into(), "one\n".into()));
    project.write("shared", "2");
    assert_eq!(pack("one"), ("2".into(), "one\n".into()));
    assert_eq!(pack("two"), ("2".into(), "two\n".into()));
}

#[test]
fn a_script_that_fails_shows_what_it_did() {
    let project = Project::new();
    let script = "echo begun\ncp nowhere $CRAFT_PART_INSTALL\ntouch after";
    let dir = scripted(&project, script, "    build-packages: [libfoo-dev]\n    build-snaps: [astral-uv]\n");
    let answer = pack(&project, &dir, &LOCAL);
    answer.fails(1, &["part `all`", "its override-build failed", "libfoo-dev, astral-uv"]);
    for line in ["begun\n", "+ cp nowhere ", "No such file"] {
        assert!(answer.stderr.contains(line), "{line}: {}", answer.stderr);
    }
    assert!(!answer.stderr.contains("touch after"), "{}", answer.stderr);
    assert!(!dir.join("any_any-machine.charm").exists());
    let dir = scripted(&project, "echo https://me:secret@host\ncat nowhere", "");
    let answer = pack(&project, &dir, &LOCAL);
    assert!(
        answer.stderr.contains("https://****@host") && !answer.stderr.contains("secret"),
        "{}",
        answer.stderr
    );
    for script in ["echo $unset", "cat nowhere | head"] {
        let dir = scripted(&project, script, "");
        pack(&project, &dir, &LOCAL).fails(1, &["part `all`", "its override-build failed"]);
    }
}

#[test]
fn craft_tells_a_script_where_it_is() {
    let project = Project::new();
    project.script("any/programs/uv", "");
    let script = "pwd > place\nfor name in $CRAFT_PART_NAME $CRAFT_PROJECT_NAME $CRAFT_PLATFORM $CRAFT_ARCH_BUILD_FOR \
                  $CRAFT_ARCH_BUILD_ON $CRAFT_TARGET_ARCH $CRAFT_ARCH_TRIPLET $CRAFT_ARCH_TRIPLET_BUILD_ON \
                  $CRAFT_ARCH_TRIPLET_BUILD_FOR $CRAFT_PARALLEL_BUILD_COUNT; do echo $name >> names; done\n\
                  echo \"$CRAFT_PROJECT_DIR\" >> place\necho \"$HOME\" >> place\necho \"$CRAFT_PART_BUILD_WORK\" >> place\n\
                  echo \"$CRAFT_PART_BUILD\" >> place\ncp names place $CRAFT_PART_INSTALL\ncp ../dispatch $CRAFT_PART_INSTALL\n\
                  echo ${VIRTUAL_ENV:-none} > $CRAFT_PART_INSTALL/venv";
    let indented: String = script.lines().map(|line| format!("      {line}\n")).collect();
    let yaml = format!(
        "base: ubuntu@24.04\nplatforms: {{'ubuntu@24.04:amd64': {{build-on: ['ubuntu@24.04:amd64'], build-for: ['ubuntu@24.04:amd64']}}}}\n\
         parts:\n  one:\n    plugin: dump\n    source: .\n    source-subdir: sub\n    override-build: |\n{indented}"
    );
    let dir = project.charm("any", &yaml.replace("base: ubuntu@24.04\n", ""));
    project.write("any/sub/x", "");
    let mut command = project.xtask();
    command.arg("pack").args(LOCAL).arg(&dir).env("CARGO_TARGET_DIR", project.path("target"));
    let charm = Answer::of(command.env("VIRTUAL_ENV", "/x")).charm();
    let told = text(&charm, "names");
    let told: Vec<&str> = told.lines().collect();
    assert_eq!(told[..3], ["one", "any", "ubuntu@24.04:amd64"]);
    assert!(
        told[3..6].iter().all(|arch| *arch == told[3])
            && told[6..9].iter().all(|one| one.ends_with("-linux-gnu"))
    );
    assert!(told[9].parse::<u32>().unwrap() > 0);
    let place = text(&charm, "place");
    let place: Vec<&str> = place.lines().collect();
    let build = project.path("target/charms/any/parts/one/build");
    let build = build.to_str().unwrap();
    assert_eq!(place[0], format!("{build}/sub"));
    assert_eq!(place[1], dir.to_str().unwrap());
    assert!(place[2].ends_with("/home") && !Path::new(place[2]).exists(), "{}", place[2]);
    assert_eq!(place[3..], [format!("{build}/sub"), build.to_owned()]);
    assert_eq!(text(&charm, "venv"), "none\n", "the caller's own environment is not the script's");
}

#[test]
fn build_environment_is_expanded() {
    let project = Project::new();
    let keys = "    build-environment:\n      - A_VERSION: \"1-$CRAFT_PART_NAME\"\n      - B_VERSION: \"$A_VERSION!\"\n";
    let dir = scripted(&project, "craftctl default\necho \"$B_VERSION\" > $CRAFT_PART_INSTALL/b", keys);
    assert_eq!(text(&pack(&project, &dir, &LOCAL).charm(), "b"), "1-all!\n");
    let keys = "    build-environment:\n      - PATH: \"/opt/bin:$PATH\"\n";
    let dir = scripted(&project, "touch x\ncraftctl default", keys);
    pack(&project, &dir, &LOCAL).fails(1, &["part `all`", "build-environment", "PATH"]);
}

#[test]
fn git_tells_of_the_copy() {
    let project = Project::new();
    let script = "craftctl default\ngit describe --always --tags > $CRAFT_PART_INSTALL/version\n\
                  git -C $CRAFT_PROJECT_DIR rev-parse HEAD > $CRAFT_PART_INSTALL/revision\n\
                  git rev-parse --show-toplevel > $CRAFT_PART_INSTALL/top\ngit log -1 --format=%s >> $CRAFT_PART_INSTALL/top\n\
                  git status --short > $CRAFT_PART_INSTALL/status";
    let dir = scripted(&project, script, "");
    git(&dir, &["init", "-q"]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-q", "-m", "first"]);
    git(&dir, &["tag", "v1.5"]);
    let index = fs::read(dir.join(".git/index")).unwrap();
    let charm = pack(&project, &dir, &LOCAL).charm();
    assert_eq!(text(&charm, "version"), "v1.5\n");
    assert_eq!(text(&charm, "revision").trim().len(), 40);
    let build = project.path("target/charms/any/parts/all/build");
    assert_eq!(text(&charm, "top"), format!("{}\nfirst\n", build.display()));
    // As with charmcraft, whose copy has no charmcraft.yaml either.
    assert_eq!(text(&charm, "status"), " D charmcraft.yaml\n");
    assert_eq!(fs::read(dir.join(".git/index")).unwrap(), index);

    // What a script does to the repository, it does to the copy.
    let script = "git checkout -q -b other\necho x > new\ngit add new\n\
                  git -c user.name=x -c user.email=x commit -q -m second\ngit tag v2\ncraftctl default";
    let dir = scripted(&project, script, "");
    let objects = || Command::new("find").arg(dir.join(".git")).output().unwrap().stdout;
    let before = objects();
    pack(&project, &dir, &ALL).charm();
    assert_eq!(before, objects());
    assert!(fs::read_to_string(dir.join(".git/HEAD")).unwrap().contains("ma"));
}

#[test]
fn a_copy_is_no_part_of_a_repository_around_it() {
    let project = Project::new();
    let dir = scripted(&project, "git describe --always > $CRAFT_PART_INSTALL/version", "");
    fs::create_dir(project.path("target")).unwrap();
    git(&project.path("target"), &["init", "-q"]);
    git(&project.path("target"), &["commit", "-q", "--allow-empty", "-m", "x"]);
    let answer = pack(&project, &dir, &LOCAL);
    answer.fails(1, &["part `all`", "its override-build failed"]);
    assert!(answer.stderr.contains("not a git repository"), "{}", answer.stderr);
}

#[test]
fn the_version_is_for_the_scripts() {
    let project = Project::new();
    let script =
        "craftctl set version=1.5\ncraftctl default\ncraftctl get version > $CRAFT_PART_INSTALL/version";
    let dir = scripted(&project, script, "");
    let answer = pack(&project, &dir, &LOCAL);
    answer.fails(1, &["part `all`", "its override-build failed"]);
    assert!(answer.stderr.contains("`adopt-info` names"), "{}", answer.stderr);
    let yaml = fs::read_to_string(dir.join("charmcraft.yaml")).unwrap();
    project.write("any/charmcraft.yaml", &format!("{yaml}\nadopt-info: all\n"));
    let charm = pack(&project, &dir, &LOCAL).charm();
    assert_eq!(text(&charm, "version"), "1.5\n");
}

/// Scripts seldom quote: with a space in a path, `rm -rf $CRAFT_PART_INSTALL/x` would remove something else.
#[test]
fn directories_may_have_spaces() {
    let project = Project::new();
    let script = "craftctl default\nrm -rf $CRAFT_PART_INSTALL/old\ncp $CRAFT_PROJECT_DIR/new $CRAFT_PART_INSTALL/newer";
    let dir = scripted(&project, script, "");
    project.write("any/old/x", "x");
    project.write("any/new", "new");
    let spaced = project.path("my charms/any");
    fs::create_dir_all(spaced.parent().unwrap()).unwrap();
    fs::rename(&dir, &spaced).unwrap();
    let mut command = project.xtask();
    command.arg("pack").args(LOCAL).arg(&spaced).env("CARGO_TARGET_DIR", project.path("my target"));
    let charm = Answer::of(&mut command).charm();
    let all = names(&charm);
    assert!(!all.contains(&"old/x".to_owned()), "{all:?}");
    assert_eq!(text(&charm, "newer"), "new");
}

/// A script that writes by way of a link would write outside.
#[test]
fn links_out_of_the_source_are_left_out() {
    let project = Project::new();
    let outside = project.write("outside/file", "mine");
    let dir = scripted(
        &project,
        "mkdir -p data\necho other > data/file\ncp data/file dispatch $CRAFT_PART_INSTALL",
        "",
    );
    symlink(outside.parent().unwrap(), dir.join("data")).unwrap();
    let answer = pack(&project, &dir, &LOCAL);
    assert!(answer.stderr.contains("part `all`: the link data is left out"), "{}", answer.stderr);
    answer.charm();
    assert_eq!(fs::read_to_string(outside).unwrap(), "mine");
}

/// A crate in the copy is a package of its own, whatever workspace the target directory is in.
#[test]
fn a_rust_part_is_built_in_its_copy() {
    let project = Project::new();
    let yaml = format!(
        "{PLATFORM}parts:\n  code:\n    plugin: rust\n    source: code\n    override-build: |\n      \
         sed -i s/old/new/ src/main.rs\n      craftctl default\n      mv $CRAFT_PART_INSTALL/bin/code $CRAFT_PART_INSTALL/dispatch\n"
    );
    let dir = project.charm(
        "any",
        &yaml.replace("{any-machine: {build-on: [amd64], build-for: [all]}}", "{amd64: , arm64: }"),
    );
    project.write(
        "any/code/Cargo.toml",
        "[package]\nname = \"code\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    project.write("any/code/src/main.rs", "fn main() { println!(\"old\") }\n");
    // The repository around it is a workspace that knows nothing of it.
    project.write("Cargo.toml", "[workspace]\nmembers = []\nexclude = [\"any\"]\n");
    let charm = pack(&project, &dir, &LOCAL).charm();
    let (_, _, bytes) = contents(&charm).into_iter().find(|(name, _, _)| name == "dispatch").unwrap();
    assert!(bytes.windows(4).any(|four| four == b"new\n") && !bytes.windows(4).any(|four| four == b"old\n"));
}
