//! The reader and the check on packages of a few lines, each with one kind of import.

use std::path::Path;

use crate::check::{circles, problems};
use crate::floors::{Floor, Floors};
use crate::tree::Tree;

/// `high` may import `low`; the two files of `side` may not import each other.
const FLOORS: Floors = &[
    Floor { name: "top", parts: &[&["src/lib.rs"]] },
    Floor { name: "high", parts: &[&["src/high"]] },
    Floor { name: "side", parts: &[&["src/left.rs"], &["src/right.rs"]] },
    Floor { name: "low", parts: &[&["src/low"]] },
];

const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", "[package]\nname = \"a-sample\"\n"),
    ("src/lib.rs", "mod high; mod left; mod low; mod right;"),
    ("src/high/mod.rs", "pub mod deep; use crate::low::Low; pub struct High(Low);"),
    ("src/high/deep.rs", "pub struct Deep; pub fn deep() {}"),
    ("src/left.rs", "pub struct Left;"),
    ("src/right.rs", "pub struct Right;"),
    ("src/low/mod.rs", "pub mod inner; pub struct Low;"),
    ("src/low/inner.rs", "pub struct Inner;"),
];

/// The sample with some files written anew.
fn sample(files: &[(&str, &str)]) -> Tree {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in FILES.iter().chain(files) {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        std::fs::write(path, text).unwrap();
    }
    Tree::read(dir.path()).unwrap()
}

/// The problems of the sample with this text of `src/low/inner.rs`.
fn problems_of_inner(text: &str) -> Vec<String> {
    problems(&sample(&[("src/low/inner.rs", text)]), FLOORS)
}

#[test]
fn imports_downwards_and_within_a_floor_are_right() {
    let tree = sample(&[
        ("src/high/mod.rs", "pub mod deep; use crate::{left::Left, low::{self, Low}}; use deep::Deep;"),
        ("src/high/deep.rs", "use crate::right::Right; fn f() -> crate::low::inner::Inner { todo!() }"),
        ("src/low/mod.rs", "pub mod inner; mod tests { use super::*; use super::inner::Inner; }"),
    ]);
    assert_eq!(problems(&tree, FLOORS), [""; 0]);
    assert!(circles(&tree).is_empty());
    assert_eq!(tree.imports.len(), 7, "{:#?}", tree.imports);
}

#[test]
fn an_import_upwards_is_told_with_its_place_and_both_floors() {
    assert_eq!(
        problems_of_inner("// Line 1.\nuse crate::high::High;"),
        [
            "src/low/inner.rs:2 imports `crate::high::High` of src/high/mod.rs: from the floor `low` up to `high`"
        ]
    );
}

#[test]
fn every_way_to_name_a_thing_is_noticed() {
    for (text, path, to) in [
        // `use`
        ("use crate::{low::Low, high::{deep::{self, Deep}}};", "crate::high::deep", "deep.rs"),
        ("use crate::{low::Low, high::{deep::{self, Deep}}};", "crate::high::deep::Deep", "deep.rs"),
        ("use super::super::high::High;", "super::super::high::High", "mod.rs"),
        ("use crate::high::High as Other;", "crate::high::High", "mod.rs"),
        ("use crate::high::*;", "crate::high::*", "mod.rs"),
        ("pub(crate) use crate::high::High;", "crate::high::High", "mod.rs"),
        ("fn f() { use crate::high::High; }", "crate::high::High", "mod.rs"),
        ("mod tests { use super::super::super::high::High; }", "super::super::super::high::High", "mod.rs"),
        // Paths where they stand
        ("fn f() { crate::high::deep::deep() }", "crate::high::deep::deep", "deep.rs"),
        ("fn f(of: super::super::high::High) {}", "super::super::high::High", "mod.rs"),
        ("fn f() { if let crate::high::High(_) = g() {} }", "crate::high::High", "mod.rs"),
        ("impl crate::high::High {}", "crate::high::High", "mod.rs"),
        ("use crate::high; fn f() { high::deep::deep() }", "high::deep::deep", "deep.rs"),
        ("use crate::{high::{self}}; fn f() { high::deep::deep() }", "high::deep::deep", "deep.rs"),
        ("use super::super as up; fn f() { up::high::deep::deep() }", "up::high::deep::deep", "deep.rs"),
        ("use crate::*; fn f() { high::deep::deep() }", "high::deep::deep", "deep.rs"),
        // Attributes
        ("#[derive(crate::high::High)] struct S;", "crate::high::High", "mod.rs"),
        ("struct S { #[serde(with = \"crate::high::deep\")] x: u8 }", "crate::high::deep", "deep.rs"),
        // Macros
        ("fn f() { println!(\"{}\", crate::high::deep::deep()) }", "crate::high::deep::deep", "deep.rs"),
        ("fn f() { vec![[super::super::high::High]] }", "super::super::high::High", "mod.rs"),
        ("macro_rules! m { () => { $crate::high::High } }", "crate::high::High", "mod.rs"),
        ("macro_rules! m { () => { use $crate::{low::Low, high::High}; } }", "crate::high::High", "mod.rs"),
    ] {
        let problems = problems_of_inner(text);
        let wanted = format!("imports `{path}` of src/high/{to}");
        assert!(problems.iter().any(|problem| problem.contains(&wanted)), "{text}\n{problems:#?}");
    }
}

#[test]
fn a_name_that_is_the_crates_own_path_is_noticed() {
    let problems = problems_of_inner("use crate::High;");
    assert!(problems[0].ends_with("imports `crate::High` of src/lib.rs: from the floor `low` up to `top`"));
}

#[test]
fn a_macro_in_scope_without_a_path_is_an_import() {
    let tree = sample(&[
        (
            "src/lib.rs",
            "macro_rules! say { () => {}; } macro_rules! own { () => {}; } mod high; mod left; mod low;",
        ),
        (
            "src/low/inner.rs",
            "fn f() { say!() }\nfn g() { vec![say!()] }\nfn h(a: u8) -> bool { vec![say != (a)] }",
        ),
        (
            "src/low/mod.rs",
            "pub mod inner; macro_rules! own { () => {}; } pub(crate) use own; fn f() { own!() }",
        ),
        ("src/left.rs", "use crate::low::own; mod tests { use super::*; fn f() { own!() } }"),
    ]);
    let found: Vec<String> = tree.imports.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "src/high/mod.rs:1 imports `crate::low::Low` of src/low/mod.rs",
            "src/left.rs:1 imports `crate::low::own` of src/low/mod.rs",
            "src/low/inner.rs:1 imports `say!` of src/lib.rs",
            "src/low/inner.rs:2 imports `say!` of src/lib.rs",
        ]
    );
}

#[test]
fn what_only_looks_like_an_import_is_none() {
    for text in [
        "// use crate::inner::Inner;",
        "/// See [`crate::high::High`].\nstruct S;",
        "const TEXT: &str = \"crate::high::High\";",
        "use ::inner::Inner;",
        "fn f() { ::inner::f() }",
        "use std::fmt; fn f() -> fmt::Result { Self::inner() }",
    ] {
        let tree = sample(&[("src/low/mod.rs", &format!("pub mod inner; pub struct Low;\n{text}"))]);
        assert!(!tree.imports.iter().any(|import| import.from == "src/low/mod.rs"), "{:#?}", tree.imports);
    }
    let tree = sample(&[("src/low/inner.rs", "pub(in crate::low) struct S;")]);
    assert_eq!(tree.imports.len(), 1, "who may import is none: {:#?}", tree.imports);
}

#[test]
fn the_parts_of_a_floor_do_not_import_one_another() {
    let tree = sample(&[("src/left.rs", "use crate::right::Right;")]);
    assert_eq!(
        problems(&tree, FLOORS),
        ["src/left.rs:1 imports `crate::right::Right` of src/right.rs: \
          the parts of the floor `side` do not import one another"]
    );
}

#[test]
fn a_circle_of_two_files_is_told_with_the_imports_that_make_it() {
    let tree = sample(&[
        ("src/low/mod.rs", "pub mod inner;\nuse inner::Inner;\npub struct Low;"),
        ("src/low/inner.rs", "use super::Low;\npub struct Inner;"),
    ]);
    assert_eq!(problems(&tree, FLOORS), [""; 0], "all of it is one floor");
    let circles = circles(&tree);
    assert_eq!(circles.len(), 1);
    assert_eq!(
        circles[0].to_string(),
        "a circle of 2 files: src/low/inner.rs, src/low/mod.rs\n  \
         src/low/inner.rs:1 imports `super::Low` of src/low/mod.rs\n  \
         src/low/mod.rs:2 imports `inner::Inner` of src/low/inner.rs"
    );
}

#[test]
fn a_circle_over_others_is_noticed_and_each_file_is_in_one_only() {
    let tree = sample(&[
        ("src/low/mod.rs", "pub mod inner; use crate::left::Left;"),
        ("src/left.rs", "use crate::right::Right;"),
        ("src/right.rs", "fn f() { crate::low::inner::f() }"),
        ("src/low/inner.rs", "fn f() -> super::Low { super::Low }"),
    ]);
    let circles = circles(&tree);
    assert_eq!(circles.len(), 1);
    assert_eq!(
        Vec::from_iter(&circles[0].files),
        ["src/left.rs", "src/low/inner.rs", "src/low/mod.rs", "src/right.rs"]
    );
}

#[test]
fn a_parent_imports_a_child_by_its_bare_name() {
    let tree = sample(&[
        ("src/low/mod.rs", "pub mod inner;\nconst C: u8 = inner::C;"),
        ("src/high/mod.rs", "pub mod deep;\npub use deep::Deep;"),
    ]);
    let found: Vec<String> = tree.imports.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "src/high/mod.rs:2 imports `deep::Deep` of src/high/deep.rs",
            "src/low/mod.rs:2 imports `inner::C` of src/low/inner.rs",
        ],
        "declaring a module is no import"
    );
}

#[test]
fn a_module_is_found_where_its_path_says() {
    let tree = sample(&[
        (
            "src/low/mod.rs",
            "#[cfg(unix)] pub mod inner;\n#[cfg(not(unix))] #[path = \"other.rs\"] pub mod inner;",
        ),
        ("src/low/other.rs", "use crate::high::High;"),
        ("src/left.rs", "use crate::low::inner::Inner;"),
        ("src/right.rs", "mod inline { mod file; } fn f() { inline::file::f() }"),
        ("src/right/inline/file.rs", "use super::super::Right;"),
    ]);
    let found: Vec<String> = tree.imports.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "src/high/mod.rs:1 imports `crate::low::Low` of src/low/mod.rs",
            "src/left.rs:1 imports `crate::low::inner::Inner` of src/low/inner.rs",
            "src/left.rs:1 imports `crate::low::inner::Inner` of src/low/other.rs",
            "src/low/other.rs:1 imports `crate::high::High` of src/high/mod.rs",
            "src/right.rs:1 imports `inline::file::f` of src/right/inline/file.rs",
            "src/right/inline/file.rs:1 imports `super::super::Right` of src/right.rs",
        ]
    );
}

#[test]
fn a_module_named_by_anothers_pub_use_imports_both() {
    let tree = sample(&[
        ("src/high/mod.rs", "pub mod deep; pub use crate::low::inner as renamed;"),
        ("src/low/inner.rs", "fn f() { crate::high::renamed::f() }"),
    ]);
    let problems = problems(&tree, FLOORS);
    assert!(problems[0].contains("imports `crate::high::renamed::f` of src/high/mod.rs"), "{problems:?}");
}

#[test]
fn a_program_imports_its_library_by_name() {
    let tree = sample(&[("src/main.rs", "fn main() { a_sample::run() }")]);
    assert!(tree.imports.iter().any(|import| import.from == "src/main.rs" && import.to == "src/lib.rs"));
}

#[test]
fn a_file_without_a_floor_and_an_entry_without_a_file_are_told() {
    let tree = sample(&[("src/lib.rs", "mod high; mod left; mod low; mod new;"), ("src/new.rs", "")]);
    assert_eq!(
        problems(&tree, FLOORS),
        [
            "src/right.rs is declared by no module",
            "the floor `side` has no src/right.rs",
            "src/new.rs is on no floor; give it its place in tests/floors/floors.rs",
        ]
    );
    const TWICE: Floors = &[
        Floor { name: "one", parts: &[&["src"]] },
        Floor { name: "other", parts: &[&["src/low/inner.rs"]] },
    ];
    assert_eq!(problems(&sample(&[]), TWICE), ["src/low/inner.rs is named 2 times: one, other"]);
}
