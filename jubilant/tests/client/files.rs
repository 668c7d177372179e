//! Files handed to `juju`, which a snapped one can read only in some places.

use std::path::Path;

use jubilant::{Deploy, Refresh};

use crate::Fake;

/// Keeps the arguments, and the content of those that are files, in `$dir/seen`.
const KEEPS: &str = r#"for arg; do echo "$arg" >> "$dir/args"
    file="${arg#*=}"; [ -f "$file" ] && { echo "$file" >> "$dir/files"; cat "$file" >> "$dir/seen"; }; done; true"#;

#[test]
fn without_a_snap_files_are_used_as_they_are() {
    let fake = Fake::new(KEEPS);
    let charm = fake.write("web.charm", "charm");
    fake.juju.deploy(&charm).unwrap();
    assert_eq!(fake.read("files").trim(), charm.to_str().unwrap());
}

#[test]
fn for_a_snap_every_file_is_copied_and_removed_again() {
    let fake = Fake::snap(KEEPS);
    let charm = fake.write("web.charm", "charm;");
    let seed = fake.write("seed.tar", "seed;");
    let overlay = fake.write("overlay.yaml", "applications: {}");
    let seed = seed.to_str().unwrap();
    fake.juju
        .deploy(Deploy::new(&charm).resource("seed", seed).resource("image", "nginx:1").overlay(&overlay))
        .unwrap();
    assert!(fake.read("args").contains("image=nginx:1"), "an image is no file");
    let seen = fake.read("seen");
    assert!(seen.contains("charm;seed;") && seen.contains("applications"), "{seen}");
    let home = fake.path("snap/juju/common");
    let files = fake.read("files");
    assert_eq!(files.lines().count(), 3, "{files}");
    for file in files.lines() {
        assert!(Path::new(file).starts_with(&home), "{file}");
        assert!(!Path::new(file).exists(), "{file} is left");
    }
    assert_eq!(home.read_dir().unwrap().count(), 0, "something is left");
    assert!(files.lines().next().unwrap().ends_with("/web.charm"), "a charm keeps its name: {files}");
}

#[test]
fn the_copies_of_a_failed_command_are_removed_too() {
    let fake = Fake::snap("exit 1");
    let charm = fake.write("web.charm", "");
    assert!(fake.juju.refresh(Refresh::new("web").path(charm)).is_err());
    assert_eq!(fake.path("snap/juju/common").read_dir().unwrap().count(), 0);
}

#[test]
fn the_directory_of_the_copies_is_private() {
    let fake = Fake::snap(r#"ls -ld "$HOME"/snap/juju/common/* > "$dir/mode""#);
    let charm = fake.write("web.charm", "");
    fake.juju.deploy(charm).unwrap();
    assert!(fake.read("mode").starts_with("drwx------"), "{}", fake.read("mode"));
}

#[test]
fn what_a_bundle_refers_to_is_copied_with_it() {
    let fake = Fake::snap(
        r#"cp "$2" "$dir/bundle"; for file in $(grep -o '"/[^"]*"' "$2" | tr -d '"'); do
        cat "$file" >> "$dir/seen"; done; grep -o 'include-file://[^"]*' "$2" | sed 's,include-file://,,' |
        while read -r file; do cat "$file" >> "$dir/seen"; done"#,
    );
    fake.write("web.charm", "charm;");
    fake.write("seed.tar", "seed;");
    fake.write("key.txt", "key;");
    let bundle = "
applications:
  web:
    charm: ./web.charm
    resources: {seed: ./seed.tar, image: 'nginx:1', revision: 3}
    options: {key: 'include-file://key.txt', greeting: yes please}
  db: {charm: postgresql, channel: 16/stable}
relations: [[web, db]]
";
    let bundle = fake.write("bundle.yaml", bundle);
    fake.juju.deploy(bundle).unwrap();
    assert_eq!(fake.read("seen"), "charm;seed;key;");
    let given: serde_json::Value = serde_json::from_str(&fake.read("bundle")).unwrap();
    assert_eq!(given["applications"]["db"]["channel"], "16/stable");
    assert_eq!(given["applications"]["web"]["resources"]["image"], "nginx:1");
    assert_eq!(given["applications"]["web"]["options"]["greeting"], "yes please");
}
