//! The floors of each crate: imports go one way, from the top down, and no files import one another in a circle.
//!
//! `floors.rs` says which files are on which floor; CONTRIBUTING.md says how to read a failure.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used)]

mod check;
mod floors;
mod modules;
mod paths;
mod resolve;
mod samples;
mod tree;

use std::path::Path;

use check::{circles, problems};
use floors::Floors;
use tree::Tree;

fn read(package: &str) -> Tree {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    Tree::read(&root.join(package)).unwrap()
}

#[track_caller]
fn only_downwards(package: &str, floors: Floors) {
    let problems = problems(&read(package), floors);
    assert!(problems.is_empty(), "{package}:\n{}\n{} problems", problems.join("\n"), problems.len());
}

#[track_caller]
fn no_circle(package: &str) {
    let tree = read(package);
    let circles = circles(&tree);
    let files: usize = circles.iter().map(|circle| circle.files.len()).sum();
    let shown: Vec<String> = circles.iter().map(ToString::to_string).collect();
    assert!(
        circles.is_empty(),
        "{package}: {} circles, {files} of {} files:\n{}",
        circles.len(),
        tree.files.len(),
        shown.join("\n")
    );
}

#[test]
fn jubilant_imports_only_downwards() {
    only_downwards("jubilant", floors::JUBILANT);
}

#[test]
fn jubilant_has_no_circle() {
    no_circle("jubilant");
}

#[test]
fn the_macros_import_only_downwards() {
    only_downwards("jubilant-test-macros", floors::MACROS);
}

#[test]
fn the_macros_have_no_circle() {
    no_circle("jubilant-test-macros");
}

#[test]
fn xtask_imports_only_downwards() {
    only_downwards("xtask", floors::XTASK);
}

#[test]
fn xtask_has_no_circle() {
    no_circle("xtask");
}

#[test]
fn jubilant_embedded_imports_only_downwards() {
    only_downwards("jubilant-embedded", floors::EMBEDDED);
}

#[test]
fn jubilant_embedded_has_no_circle() {
    no_circle("jubilant-embedded");
}
