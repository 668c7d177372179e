//! Charms that are larger than the documented limits are refused, and nothing of them stays.
#![cfg(target_os = "linux")]

mod support;

use std::fs::{self, File};
use std::io::{Read, copy, repeat};
use std::os::unix::fs::symlink;
use std::path::Path;

use support::{Answer, Charm, Juju};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const MIB: u64 = 1 << 20;

/// A charm file with a `metadata.yaml` and what `more` writes.
fn archive(juju: &Juju, name: &str, more: impl FnOnce(&mut ZipWriter<File>)) -> String {
    let path = juju.path().join(format!("{name}.charm"));
    let mut zip = ZipWriter::new(File::create(&path).expect("a file"));
    let metadata = format!("name: {name}\n");
    entry(&mut zip, "metadata.yaml", MIB, metadata.as_bytes());
    more(&mut zip);
    zip.finish().expect("an archive");
    path.to_string_lossy().into_owned()
}

/// Writes a file of the content's first `length` bytes.
fn entry(zip: &mut ZipWriter<File>, name: &str, length: u64, content: impl Read) {
    let fastest = SimpleFileOptions::default().compression_level(Some(1));
    zip.start_file(name, fastest).expect("an entry");
    copy(&mut content.take(length), zip).expect("content");
}

/// It was refused with this text, and nothing is left of it.
#[track_caller]
fn refused(juju: &Juju, answer: Answer, text: &str) {
    answer.fails(1, text);
    let models: Vec<_> = fs::read_dir(juju.state().join("models")).expect("models").flatten().collect();
    let [model] = &models[..] else { panic!("{models:?}") };
    let left = size(&model.path());
    assert!(left < MIB, "{left} bytes are left in {}", model.path().display());
    let staging = fs::read_dir(model.path()).expect("a model").flatten();
    let staging: Vec<_> =
        staging.filter(|entry| entry.file_name().to_string_lossy().contains("staging")).collect();
    assert!(staging.is_empty(), "{staging:?}");
}

fn size(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).expect("a directory").flatten();
    entries
        .map(|entry| {
            let data = entry.metadata().expect("an entry");
            if data.is_dir() { size(&entry.path()) } else { data.len() }
        })
        .sum()
}

/// A charm directory with a sparse file of so many bytes.
fn sparse(juju: &Juju, name: &str, file: &str, length: u64) -> Charm {
    let charm = juju.charm(name).dispatch("").file("lib/x", "");
    let file = File::options().create(true).append(true).open(charm.dir().join(file)).expect("a file");
    file.set_len(length).expect("a sparse file");
    charm
}

/// The most memory that the controller had, in MiB.
fn peak(juju: &Juju) -> u64 {
    let pid = juju.controller().expect("a controller");
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("VmHWM");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
}

#[test]
fn an_archive_that_unpacks_to_more_than_a_gibibyte() {
    let juju = Juju::new();
    // No file alone is too large. It is packed once and copied.
    let part = archive(&juju, "part", |zip| entry(zip, "zeros", 128 * MIB, repeat(0)));
    let bomb = archive(&juju, "bomb", |zip| {
        let mut part = ZipArchive::new(File::open(&part).expect("the archive")).expect("an archive");
        for number in 0..9 {
            let zeros = part.by_name("zeros").expect("the entry");
            zip.raw_copy_file_rename(zeros, format!("src/{number}")).expect("a copy");
        }
    });
    assert!(fs::metadata(&bomb).expect("the archive").len() < 16 * MIB);
    refused(&juju, juju.run(&["deploy", &bomb]), "its files hold more than 1 GiB");
    assert!(peak(&juju) < 100, "{} MiB", peak(&juju));
    let web = juju.charm("bomb").dispatch("status-set active");
    juju.deploy(&web, &[]);
    juju.wait_for("bomb/0", "active");
    juju.run(&["refresh", "bomb", "--path", &bomb]).fails(1, "its files hold more than 1 GiB");
}

#[test]
fn a_directory_of_more_than_a_gibibyte() {
    let juju = Juju::new();
    let charm = sparse(&juju, "large", "lib/x", 1025 * MIB);
    refused(&juju, juju.run(&["deploy", charm.path()]), "its files hold more than 1 GiB");
}

#[test]
fn more_than_a_hundred_thousand_files() {
    let juju = Juju::new();
    let many = archive(&juju, "many", |zip| {
        for number in 0..100_000 {
            zip.start_file(format!("src/{}/{number}", number % 100), SimpleFileOptions::default())
                .expect("an entry");
        }
    });
    refused(&juju, juju.run(&["deploy", &many]), "more than 100,000 files");
    // Directories count: one entry can make a thousand of them.
    let deep = archive(&juju, "deep", |zip| {
        for number in 0..101 {
            let name = format!("{number}/{}x", "d/".repeat(1000));
            zip.start_file(name, SimpleFileOptions::default()).expect("an entry");
        }
    });
    refused(&juju, juju.run(&["deploy", &deep]), "more than 100,000 files");
    let long = archive(&juju, "long", |zip| {
        for number in 0..600 {
            let name = format!("{number}{}", "x".repeat(65_000));
            zip.start_file(name, SimpleFileOptions::default()).expect("an entry");
        }
    });
    refused(&juju, juju.run(&["deploy", &long]), "list of files is longer than 32 MiB");
}

#[test]
fn metadata_of_more_than_four_mebibytes() {
    let juju = Juju::new();
    for file in ["metadata.yaml", "config.yaml", "actions.yaml", "manifest.yaml", "version"] {
        let text = format!("its {file} holds more than 4 MiB");
        let charm = sparse(&juju, &format!("huge-{}", file.replace('.', "-")), file, 2048 * MIB);
        refused(&juju, juju.run(&["deploy", charm.path()]), &text);
        if file != "metadata.yaml" {
            let packed = archive(&juju, "packed", |zip| entry(zip, file, 5 * MIB, repeat(b'\n')));
            refused(&juju, juju.run(&["deploy", &packed]), &text);
        }
    }
    // A link leads to the same: nobody reads what has no end.
    let charm = juju.charm("linked").dispatch("");
    fs::remove_file(charm.dir().join("metadata.yaml")).expect("the file");
    symlink("/dev/zero", charm.dir().join("metadata.yaml")).expect("a link");
    refused(
        &juju,
        juju.run(&["deploy", charm.path()]),
        "cannot read the charm's metadata.yaml: it is not a file",
    );
    let outside = juju.path().join("outside.yaml");
    File::create(&outside).and_then(|file| file.set_len(2048 * MIB)).expect("a sparse file");
    let charm = juju.charm("led").dispatch("");
    symlink(&outside, charm.dir().join("config.yaml")).expect("a link");
    refused(&juju, juju.run(&["deploy", charm.path()]), "its config.yaml holds more than 4 MiB");
    assert!(peak(&juju) < 100, "{} MiB", peak(&juju));
}

#[test]
fn what_is_just_small_enough_is_deployed() {
    let juju = Juju::new();
    let head = "name: just\n";
    let yaml = format!("{head}{}", "#\n".repeat((4 * MIB as usize - head.len()) / 2));
    let charm = juju.charm("just").file("metadata.yaml", &format!("{yaml}\n")).dispatch("status-set active");
    assert_eq!(fs::metadata(charm.dir().join("metadata.yaml")).expect("the file").len(), 4 * MIB);
    juju.deploy(&charm, &[]);
    juju.wait_for("just/0", "active");
}
