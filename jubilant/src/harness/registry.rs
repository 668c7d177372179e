//! The tests that the macros registered, in the order their authors wrote them.

use std::collections::HashMap;

use super::outcome::Outcome;

/// Where a test stands in the source: shared by all cases of one function.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Site {
    pub module: &'static str,
    pub file: &'static str,
    pub line: u32,
    pub column: u32,
    /// Line and column of the function's name: inside a macro's call they differ where the others do not.
    pub name: (u32, u32),
    pub setup: bool,
    /// The names of its arguments.
    pub fixtures: &'static [&'static str],
}

/// One runnable test: a function without parameters, or one of its cases.
#[doc(hidden)]
#[derive(Debug)]
pub struct Test {
    pub site: Site,
    /// The function's whole path; rstest's modules for its cases and values are part of it.
    pub path: &'static str,
    pub ignore: Option<&'static str>,
    /// The text a panic must hold; empty for any panic.
    pub should_panic: Option<&'static str>,
    pub run: fn() -> Outcome,
}

inventory::collect!(Test);

impl Test {
    /// The module inside the test crate, such as `charm`; the crate's own name for tests in its root.
    pub(crate) fn module(&self) -> &'static str {
        self.site.module.split_once("::").map_or(self.site.module, |(_, inner)| inner)
    }

    /// The path that names the test on the command line, such as `charm::follows_its_config::case_1`.
    pub(crate) fn path(&self) -> &'static str {
        self.path.split_once("::").map_or(self.path, |(_, inner)| inner)
    }
}

/// All tests: modules by name, inside a module in source order.
///
/// The order of registration depends on the linker and on the build profile, so it is never used.
pub(crate) fn all() -> Vec<&'static Test> {
    let mut tests: Vec<&Test> = inventory::iter::<Test>().collect();
    tests.sort_by_key(|test| {
        let site = &test.site;
        (site.module, site.line, site.column, site.name, test.path)
    });
    tests
}

/// The tests of these paths, in this order. Sorting them all first would be most of a worker's work.
pub(crate) fn find(paths: &[String]) -> impl Iterator<Item = &'static Test> {
    let by_path: HashMap<&str, &'static Test> =
        inventory::iter::<Test>().map(|test| (test.path(), test)).collect();
    paths.iter().filter_map(move |path| by_path.get(path.as_str()).copied())
}

/// The modules that have tests, selected or not.
pub(crate) fn modules() -> Vec<&'static str> {
    let mut modules: Vec<&str> = all().into_iter().map(Test::module).collect();
    modules.dedup();
    modules
}
