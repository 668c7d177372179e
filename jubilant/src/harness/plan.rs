//! What will run: the registered tests, as the options select them, grouped by module.

use std::collections::HashSet;

use super::options::{Ignored, Options};
use super::record::PlannedModule;
use super::registry::Test;
use super::suite;

/// The selected tests of all modules.
pub(crate) struct Plan {
    pub(crate) modules: Vec<ModulePlan>,
    pub(crate) filtered_out: usize,
}

/// The selected tests of one module, in source order.
#[derive(Clone)]
pub(crate) struct ModulePlan {
    pub(crate) name: String,
    pub(crate) tests: Vec<&'static Test>,
}

impl Plan {
    pub(crate) fn new(options: &Options, all: &[&'static Test]) -> Plan {
        let wanted: Vec<bool> = all.iter().map(|test| selects(options, test)).collect();
        let live: HashSet<&str> =
            all.iter().zip(&wanted).filter(|(_, wanted)| **wanted).map(|(test, _)| test.module()).collect();

        let mut plan = Plan { modules: Vec::new(), filtered_out: 0 };
        for (test, wanted) in all.iter().copied().zip(wanted) {
            // A test cannot run on a model that its module's setup never prepared.
            let needed = test.site.setup && live.contains(test.module()) && !skips(options, test);
            if !wanted && !needed {
                plan.filtered_out += 1;
                continue;
            }
            match plan.modules.last_mut() {
                Some(module) if module.name == test.module() => module.tests.push(test),
                _ => plan.modules.push(ModulePlan { name: test.module().to_owned(), tests: vec![test] }),
            }
        }
        plan
    }

    /// The names of it all.
    pub(crate) fn modules(&self) -> Vec<PlannedModule> {
        let tests = |module: &ModulePlan| module.tests.iter().map(|test| test.path().to_owned()).collect();
        let named = |module: &ModulePlan| PlannedModule { name: module.name.clone(), tests: tests(module) };
        self.modules.iter().map(named).collect()
    }

    pub(crate) fn tests(&self) -> impl Iterator<Item = &'static Test> {
        self.modules.iter().flat_map(|module| module.tests.iter().copied())
    }
}

/// Whether a filter means a test.
pub(crate) fn names(filter: &str, exact: bool, test: &Test) -> bool {
    let path = test.path();
    if !exact {
        return path.contains(filter);
    }
    // nextest asks for the modules inside this one by their own names.
    let below = || !suite::under_nextest() && path.starts_with(&format!("{filter}::"));
    // Also a function that has cases, and a whole module: what rust-analyzer asks for.
    path == filter || test.module() == filter || below()
}

fn selects(options: &Options, test: &Test) -> bool {
    let named =
        options.filters.is_empty() || options.filters.iter().any(|filter| names(filter, options.exact, test));
    let kind = match options.ignored {
        Ignored::Only => test.ignore.is_some(),
        Ignored::Skip | Ignored::Include => true,
    };
    named
        && kind
        && !skips(options, test)
        && options.expression.as_ref().is_none_or(|expression| expression.matches(test.path()))
}

fn skips(options: &Options, test: &Test) -> bool {
    let path = test.path();
    options.skip.iter().any(|skip| if options.exact { path == *skip } else { path.contains(skip.as_str()) })
}
