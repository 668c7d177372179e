//! The tests that the macros registered, in the order their authors wrote them.

use super::outcome::Outcome;

/// Where a test stands in the source: shared by all cases of one function.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Site {
    pub module: &'static str,
    pub name: &'static str,
    pub file: &'static str,
    pub line: u32,
    pub column: u32,
    pub setup: bool,
    /// The names of its arguments.
    pub fixtures: &'static [&'static str],
}

/// One runnable test: a function without parameters, or one of its cases.
#[doc(hidden)]
#[derive(Debug)]
pub struct Test {
    pub site: Site,
    /// The function's name, or rstest's name of the case.
    pub case: &'static str,
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
    pub(crate) fn path(&self) -> String {
        let mut path = match self.site.module.split_once("::") {
            Some((_, module)) => format!("{module}::{}", self.site.name),
            None => self.site.name.to_owned(),
        };
        if self.case != self.site.name {
            path.push_str("::");
            path.push_str(self.case);
        }
        path
    }
}

/// All tests: modules by name, inside a module in source order.
///
/// The order of registration depends on the linker and on the build profile, so it is never used.
pub(crate) fn all() -> Vec<&'static Test> {
    let mut tests: Vec<&Test> = inventory::iter::<Test>().collect();
    tests.sort_by_key(|test| (test.site.module, test.site.line, test.site.column, test.case));
    tests
}
